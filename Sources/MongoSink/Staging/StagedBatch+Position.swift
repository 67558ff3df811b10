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

    /// What is left of the batch when the transactions of `covered` are stored.
    ///
    /// - Parameter end: the position behind the batch.
    func without(_ covered: GTIDSet, on end: GTIDSet) throws -> StagedBatch {
        var rest = self
        rest.documents = DocumentSequence()
        var passed: Int64 = 0
        var last: (gtid: String?, isCovered: Bool)?
        for index in 0..<documents.count {
            let gtid = try documents.document(index).string("src", "gtid")
            if last == nil || last?.gtid != gtid {
                let isCovered = gtid.flatMap(Self.set)?.isSubset(of: covered) ?? false
                if isCovered { passed += 1 }
                last = (gtid, isCovered)
            }
            guard last?.isCovered == false else { continue }
            rest.documents.append(documents.bytes[documents.range(index)])
        }
        rest.digest = rest.documents.digest
        // Transactions without documents count too, which a MariaDB position does not tell.
        rest.transactions =
            end.domainGTIDs.isEmpty
            ? Int64(clamping: end.subtracting(covered).count) : max(0, transactions - passed)
        return rest
    }

    private static func set(_ text: String) -> GTIDSet? {
        do {
            return try GTIDSet(parsing: text)
        } catch {
            return nil
        }
    }
}
