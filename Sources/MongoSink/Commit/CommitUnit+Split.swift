internal import BinlogProtocol

extension CommitUnit {
    /// The same work as two units, one after the other; nil when it cannot be smaller.
    ///
    /// Transactions of the source are parted where one ends. A single one is stored in parts: the first moves only
    /// `partial`, the second adds the GTID. Staging is marked with the second.
    func halves() throws(DecodingError) -> (first: CommitUnit, second: CommitUnit)? {
        guard documents.count > 1 else { return nil }
        let starts = try self.starts()
        guard starts.allSatisfy({ $0.gtid != nil }) else { return nil }
        if starts.count > 1 {
            let middle = documents.count / 2
            let cut = (1..<starts.count).min {
                abs(starts[$0].index - middle) < abs(starts[$1].index - middle)
            }
            guard let cut else { return nil }
            return try halves(at: starts[cut].index, whole: starts[..<cut].compactMap(\.gtid))
        }
        return try starts[0].gtid.flatMap { gtid throws(DecodingError) in try parts(of: gtid) }
    }

    /// Where each transaction of the source begins among the documents.
    private func starts() throws(DecodingError) -> [(index: Int, gtid: String?)] {
        var starts: [(index: Int, gtid: String?)] = []
        for index in 0..<documents.count {
            let gtid = try documents.document(index).string("src", "gtid")
            if starts.isEmpty || starts[starts.count - 1].gtid != gtid {
                starts.append((index, gtid))
            }
        }
        return starts
    }

    /// Whole transactions before `index`, and the rest.
    private func halves(
        at index: Int, whole: [String]
    ) throws(DecodingError) -> (first: CommitUnit, second: CommitUnit)? {
        guard Int64(whole.count) < transactions else { return nil }
        var executed = try GTIDSet(parsing: before.gtid)
        for gtid in whole { executed = executed.union(try GTIDSet(parsing: gtid)) }
        var middle = Position(gtid: executed.description, partial: before.partial)
        if let partial = before.partial, try GTIDSet(parsing: partial.gtid).isSubset(of: executed) {
            middle.partial = nil
        }
        return try halves(at: index, middle, transactions: Int64(whole.count))
    }

    /// The first and the second half of one transaction's documents.
    private func parts(
        of gtid: String
    ) throws(DecodingError) -> (first: CommitUnit, second: CommitUnit)? {
        let count = documents.count / 2
        let stored = before.partial.map { $0.gtid == gtid ? $0.rows : 0 } ?? 0
        var (rows, isBeyond) = stored.addingReportingOverflow(Int64(count))
        guard !isBeyond else { return nil }
        // What was stored of it before is among the documents when a start settles it once more.
        if let end = after.partial, end.gtid == gtid { rows = min(rows, end.rows - 1) }
        // Where the position has no room left it stays, and says less than there is.
        rows = max(rows, stored)
        let middle = Position(
            gtid: before.gtid, partial: StoredOffset.Partial(gtid: gtid, rows: rows))
        return try halves(at: count, middle, transactions: 0)
    }

    private func halves(
        at index: Int, _ middle: Position, transactions whole: Int64
    ) throws(DecodingError) -> (first: CommitUnit, second: CommitUnit) {
        var first = self
        first.documents = documents.part(0..<index)
        first.digest = first.documents.digest
        first.after = middle
        first.transactions = whole
        first.times = try Self.times(of: first.documents)
        // Known of the last transaction only.
        first.coordinates = BinlogCoordinates()
        first.stagingID = nil
        var second = self
        second.documents = documents.part(index..<documents.count)
        second.digest = second.documents.digest
        second.before = middle
        second.transactions = transactions - whole
        if let times, let begin = try Self.times(of: second.documents)?.lowerBound {
            second.times = min(begin, times.upperBound)...times.upperBound
        }
        return (first, second)
    }

    private static func times(
        of documents: DocumentSequence
    ) throws(DecodingError) -> ClosedRange<Int64>? {
        var times: ClosedRange<Int64>?
        for index in 0..<documents.count {
            guard let time = try documents.document(index).utcDateTime("ts") else { continue }
            times = min(times?.lowerBound ?? time, time)...max(times?.upperBound ?? time, time)
        }
        return times
    }
}
