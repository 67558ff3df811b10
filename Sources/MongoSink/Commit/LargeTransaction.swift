internal import BinlogProtocol

/// A transaction whose documents are in staging, its end read: ready to be applied part by part.
struct LargeTransaction: Sendable {
    /// One staged part.
    struct Part: Sendable, Equatable {
        let id: String
        /// The transaction's documents in the parts before.
        let rowsBefore: Int64
        let count: Int64
    }

    var gtid: String
    var parts: [Part]
    /// How the transaction ended, which finishes its documents.
    var end: PlaceholderXID.End
    /// The executed set with this transaction.
    var next: String
}

extension Committer {
    /// Applies the parts in order, each in a MongoDB transaction of its own, and returns the position behind.
    ///
    /// The position says how many documents are stored until the last part adds the GTID.
    func apply(
        _ large: LargeTransaction, from start: Position, merging: Bool,
        committed: (CommitUnit) -> Void
    ) throws -> Position {
        var position = start
        let staging = StagingCollection(settings: link.environment.settings)
        for (index, part) in large.parts.enumerated() {
            let found = try link.perform("reading \(part.id)") { try staging.read(part.id, $0) }
            let batch = try self.batch(found, part)
            let documents = try PlaceholderXID.finish(batch.documents, large.end)
            var unit = CommitUnit(
                documents: documents, digest: documents.digest, before: position, after: position,
                transactions: 0, times: batch.times, coordinates: batch.coordinates,
                stagingID: part.id)
            if index == large.parts.count - 1 {
                unit.after = Position(gtid: large.next, partial: nil)
                unit.transactions = 1
            } else {
                unit.after.partial = StoredOffset.Partial(
                    gtid: large.gtid, rows: part.rowsBefore + part.count)
            }
            try commit(unit, merging: merging)
            committed(unit)
            position = unit.after
        }
        return position
    }

    private func batch(_ found: BSONDocument?, _ part: LargeTransaction.Part) throws -> StagedBatch
    {
        let reason: String
        do {
            if let found {
                return try StagedBatch(found, stream: link.environment.settings.streamName)
            }
            reason = "it is gone"
        } catch let flaw as StagedBatchFlaw {
            reason = "\(flaw)"
        } catch let error as DecodingError {
            reason = "it is not BSON as it was staged: \(error)"
        }
        // Another instance that took the lease has applied our parts, and what is left of them says nothing.
        try confirmLease()
        throw UnusablePart(id: part.id, reason: reason)
    }
}

/// A staged part of a large transaction that cannot be applied.
struct UnusablePart: Error {
    let id: String
    let reason: String

    /// What ends a running sink; the next start keeps the parts and reads the transaction again.
    var failure: SinkError {
        SinkError(
            .permanent,
            "the staged part \(id) of a large transaction cannot be applied, \(reason): start again,"
                + " the transaction is then read again from the source")
    }
}
