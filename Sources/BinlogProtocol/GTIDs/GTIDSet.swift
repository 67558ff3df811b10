/// Transactions by their GTIDs: a set such as MySQL's `gtid_executed`, or a position such as MariaDB's `gtid_binlog_pos`.
///
/// MySQL's form holds, for each server and tag, intervals of numbers: `uuid:1-3:7:tag:1-5,uuid2:9`. MariaDB's form holds
/// one GTID for each domain, the last one, and means all transactions of the domain up to it: `0-1-100,1-5-7`.
/// https://dev.mysql.com/doc/refman/9.4/en/replication-gtids-concepts.html
/// https://mariadb.com/kb/en/gtid/
public struct GTIDSet: Hashable, Sendable {
    private(set) var members: [GTID.Source: IntervalSet] = [:]
    /// The last GTID of each MariaDB domain.
    private(set) var domains: [UInt32: DomainPosition] = [:]

    /// The empty set.
    public init() {}

    /// Whether the set holds no transaction.
    public var isEmpty: Bool { members.isEmpty && domains.isEmpty }

    /// The last GTID of each domain, in the order of the domains; empty for a MySQL set.
    public var domainGTIDs: [GTID] {
        domains.sorted { $0.key < $1.key }.map { $0.value.gtid(domain: $0.key) }
    }

    /// How many transactions the set holds; saturates at `UInt64.max`.
    ///
    /// Of a MariaDB position it is the sum of the sequence numbers, which is the most that there can be.
    public var count: UInt64 {
        let parts = members.values.map(\.count) + domains.values.map { UInt64($0.sequence) }
        return parts.reduce(0) { total, part in
            let (sum, overflow) = total.addingReportingOverflow(part)
            return overflow ? .max : sum
        }
    }

    /// Adds one transaction; a MariaDB GTID takes the place of its domain's last one.
    public mutating func insert(_ gtid: GTID) {
        switch gtid.origin {
        case .server(let source): insert(gtid.number...gtid.number, of: source)
        case .domain(let domain, let serverID):
            domains[domain] = DomainPosition(serverID: serverID, sequence: gtid.number)
        }
    }

    mutating func insert(_ range: ClosedRange<Int64>, of source: GTID.Source) {
        members[source, default: IntervalSet()].insert(range)
    }

    mutating func removeDomains(where isUnwanted: (DomainPosition) -> Bool) {
        domains = domains.filter { !isUnwanted($0.value) }
    }

    /// Adds ranges in any order.
    mutating func insert(_ ranges: [ClosedRange<Int64>], of source: GTID.Source) {
        let known = members[source]?.intervals ?? []
        members[source] = IntervalSet(joining: known + ranges)
    }

    /// Whether the set holds the transaction; a MariaDB position holds all of a domain up to its last one.
    public func contains(_ gtid: GTID) -> Bool {
        switch gtid.origin {
        case .server(let source): members[source]?.contains(gtid.number) ?? false
        case .domain(let domain, let serverID):
            domains[domain].map(
                DomainPosition(serverID: serverID, sequence: gtid.number).isCovered) ?? false
        }
    }

    /// Whether each transaction of this set is in `other`.
    ///
    /// In a MariaDB domain the same sequence number of another server is another history, and not covered.
    public func isSubset(of other: GTIDSet) -> Bool {
        members.allSatisfy { source, intervals in
            other.members[source].map(intervals.isSubset(of:)) ?? false
        }
            && domains.allSatisfy { domain, position in
                other.domains[domain].map(position.isCovered) ?? false
            }
    }

    /// Whether the two sets have no transaction in common.
    public func isDisjoint(with other: GTIDSet) -> Bool {
        intersection(other).isEmpty
    }

    /// The transactions of either set; of a MariaDB domain the later position.
    public func union(_ other: GTIDSet) -> GTIDSet {
        var result = self
        for (source, intervals) in other.members {
            result.insert(intervals.intervals, of: source)
        }
        for (domain, position) in other.domains
        where position.sequence > (domains[domain]?.sequence ?? -1) {
            result.domains[domain] = position
        }
        return result
    }

    /// The transactions of this set that are not in `other`.
    ///
    /// A MariaDB domain that is further than the other's keeps its position, since a position has no beginning.
    public func subtracting(_ other: GTIDSet) -> GTIDSet {
        var result = GTIDSet()
        for (source, intervals) in members {
            let rest = other.members[source].map(intervals.subtracting) ?? intervals
            if !rest.isEmpty { result.members[source] = rest }
        }
        result.domains = domains.filter { domain, position in
            !(other.domains[domain].map(position.isCovered) ?? false)
        }
        return result
    }

    /// The transactions that are in both sets; of a MariaDB domain the earlier position.
    public func intersection(_ other: GTIDSet) -> GTIDSet {
        var result = GTIDSet()
        for (source, intervals) in members {
            guard let others = other.members[source] else { continue }
            let common = intervals.subtracting(intervals.subtracting(others))
            if !common.isEmpty { result.members[source] = common }
        }
        for (domain, position) in domains {
            guard let others = other.domains[domain] else { continue }
            result.domains[domain] = position.sequence <= others.sequence ? position : others
        }
        return result
    }
}
