/// A set of MySQL transactions, such as `gtid_executed`: server, tag and intervals of numbers.
///
/// The text form is the manual's: `uuid:1-3:7:tag:1-5,uuid2:9`.
/// https://dev.mysql.com/doc/refman/9.4/en/replication-gtids-concepts.html
public struct GTIDSet: Hashable, Sendable {
    private(set) var members: [GTID.Source: IntervalSet] = [:]

    /// The empty set.
    public init() {}

    /// Whether the set holds no transaction.
    public var isEmpty: Bool { members.isEmpty }

    /// How many transactions the set holds; saturates at `UInt64.max`.
    public var count: UInt64 {
        members.values.reduce(0) { total, intervals in
            let (sum, overflow) = total.addingReportingOverflow(intervals.count)
            return overflow ? .max : sum
        }
    }

    /// Adds one transaction.
    public mutating func insert(_ gtid: GTID) {
        insert(gtid.number...gtid.number, of: gtid.source)
    }

    mutating func insert(_ range: ClosedRange<Int64>, of source: GTID.Source) {
        members[source, default: IntervalSet()].insert(range)
    }

    /// Whether the set holds the transaction.
    public func contains(_ gtid: GTID) -> Bool {
        members[gtid.source]?.contains(gtid.number) ?? false
    }

    /// Whether each transaction of this set is in `other`.
    public func isSubset(of other: GTIDSet) -> Bool {
        members.allSatisfy { source, intervals in
            other.members[source].map(intervals.isSubset(of:)) ?? false
        }
    }

    /// Whether the two sets have no transaction in common.
    public func isDisjoint(with other: GTIDSet) -> Bool {
        intersection(other).isEmpty
    }

    /// The transactions of either set.
    public func union(_ other: GTIDSet) -> GTIDSet {
        var result = self
        for (source, intervals) in other.members {
            for interval in intervals.intervals { result.insert(interval, of: source) }
        }
        return result
    }

    /// The transactions of this set that are not in `other`.
    public func subtracting(_ other: GTIDSet) -> GTIDSet {
        var result = GTIDSet()
        for (source, intervals) in members {
            let rest = other.members[source].map(intervals.subtracting) ?? intervals
            if !rest.isEmpty { result.members[source] = rest }
        }
        return result
    }

    /// The transactions that are in both sets.
    public func intersection(_ other: GTIDSet) -> GTIDSet {
        subtracting(subtracting(other))
    }
}
