internal import BinlogProtocol

/// A position that was not reached by reading: one set by hand, or that of a new beginning.
///
/// Its ledger entry and, when it jumps over changes, the gap's document are written together.
struct PositionMove {
    let settings: SinkSettings
    let kind: LedgerEntry.Kind
    /// Why changes are missing, if the position jumps over some.
    let gap: GapDocument.Reason
    /// The end of the ledger until now.
    let tip: LedgerTip
    let position: Position
    let by: String
    let reason: String
    /// The settings that are stored with the position.
    var changes: [RecordedSettings.Change] = []

    /// The number of the ledger's entry.
    var sequence: Int64 { tip.sequence + 1 }

    /// The document that tells what is missing; none when the position does not go beyond what was read.
    func documents(at now: Int64) throws -> DocumentSequence {
        var documents = DocumentSequence()
        // Before the first entry nothing is missing: the trail begins there.
        guard let last = tip.position else { return documents }
        let known = try GTIDSet(parsing: last.gtid)
        guard try !GTIDSet(parsing: position.gtid).isSubset(of: known) else { return documents }
        let document = GapDocument(
            reason: gap, from: last.gtid, to: position.gtid,
            detail: "\(reason): the changes in between are not stored")
        documents.append(
            document.encoded(stream: settings.streamName, entry: sequence, at: now))
        return documents
    }

    /// Writes the entry and the documents inside a transaction; returns the new end of the ledger.
    func store(
        _ documents: DocumentSequence, _ connection: MongoConnection, now: Int64
    ) throws(MongoError) -> LedgerTip {
        if !documents.isEmpty {
            try connection.insert(documents, into: settings.collection, inTransaction: true)
        }
        let entry = LedgerEntry(
            stream: settings.streamName, sequence: sequence, kind: kind, at: now,
            previous: tip.position?.gtid ?? "", next: position.gtid, transactions: 0,
            events: Int64(documents.count), times: nil, digest: documents.digest, by: by,
            partial: position.partial, gaps: Int64(documents.count), changes: changes,
            reason: reason)
        return try LedgerCollection(settings: settings).append(entry, after: tip, connection)
    }
}
