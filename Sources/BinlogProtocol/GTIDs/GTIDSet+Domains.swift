extension GTIDSet {
    /// Without MariaDB domains that have no transaction, such as `0-1-0`: a server does not find that one in its log.
    package var withoutUnusedDomains: GTIDSet {
        var result = self
        result.removeDomains { $0.sequence == 0 }
        return result
    }

    /// How many transactions a MariaDB position can hold that `earlier` does not: numbers may be left out, not used twice.
    package func advance(since earlier: GTIDSet) -> (transactions: UInt64, domains: Int) {
        var transactions: UInt64 = 0
        var advanced = 0
        for (domain, position) in domains {
            let before = earlier.domains[domain]?.sequence ?? 0
            guard position.sequence > before else { continue }
            advanced += 1
            let (sum, overflow) = transactions.addingReportingOverflow(
                UInt64(position.sequence - before))
            transactions = overflow ? .max : sum
        }
        return (transactions, advanced)
    }

    /// The last transaction of a MariaDB GTID's domain; nil for a MySQL GTID, and before the first one.
    package func last(inDomainOf gtid: GTID) -> GTID? {
        guard case .domain(let domain, _) = gtid.origin else { return nil }
        return domains[domain]?.gtid(domain: domain)
    }

    /// The set without its transaction `gtid`, from where a server sends that one again.
    ///
    /// - Parameter previous: the transaction before it in its MariaDB domain: numbers may be left out.
    /// - Returns: nil when the set does not hold it, or a MariaDB position has another last one or no `previous` is known.
    package func before(_ gtid: GTID, previous: GTID?) -> GTIDSet? {
        var result = self
        switch gtid.origin {
        case .server:
            guard contains(gtid) else { return nil }
            var transaction = GTIDSet()
            transaction.insert(gtid)
            result = subtracting(transaction)
        case .domain:
            guard last(inDomainOf: gtid) == gtid, let previous,
                last(inDomainOf: previous) == gtid, previous.number < gtid.number
            else { return nil }
            result.insert(previous)
        }
        return result
    }
}
