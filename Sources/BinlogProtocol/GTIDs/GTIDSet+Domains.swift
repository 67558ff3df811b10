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
}
