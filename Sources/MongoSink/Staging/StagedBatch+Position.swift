internal import BinlogProtocol

extension StagedBatch {
    /// Whether the batch holds just the transactions between two positions.
    ///
    /// A MySQL set says how many they are. A MariaDB position does not, since sequence numbers may be left out: there the
    /// batch has at least one for each domain that advances and not more than there are numbers, and each document is of
    /// a transaction in between.
    func leads(from previous: GTIDSet, to next: GTIDSet) throws -> Bool {
        if next.domainGTIDs.isEmpty {
            return next.subtracting(previous).count == UInt64(clamping: transactions)
        }
        let (possible, domains) = next.advance(since: previous)
        guard transactions >= domains, UInt64(clamping: transactions) <= possible else {
            return false
        }
        var last: String?
        for index in 0..<documents.count {
            let gtid = try documents.document(index).string("src", "gtid")
            if gtid == last { continue }
            guard let gtid, let transaction = Self.set(gtid), transaction.isSubset(of: next),
                !transaction.isSubset(of: previous)
            else { return false }
            last = gtid
        }
        return true
    }

    private static func set(_ text: String) -> GTIDSet? {
        do {
            return try GTIDSet(parsing: text)
        } catch {
            return nil
        }
    }
}
