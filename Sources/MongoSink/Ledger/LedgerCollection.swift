internal import BinlogProtocol

/// Reads one stream's entries of the ledger.
struct LedgerCollection {
    let settings: SinkSettings

    /// The last entry; sequence 0 when there is none.
    func tip(_ connection: MongoConnection, inTransaction: Bool = false) throws -> LedgerTip {
        let options = BSONWriter.document {
            $0.append("sort") { $0.append("seq", int32: -1) }
            $0.append("limit", int64: 1)
        }
        let cursor = try connection.find(
            in: settings.ledgerCollection, filter: ofStream, options: options,
            inTransaction: inTransaction)
        guard let found = try cursor.next() else { return LedgerTip() }
        guard let sequence = try found.integer("seq"), sequence > 0,
            // Far beyond what anybody can write, and with room for what comes.
            sequence < .max / 2,
            let chain = try found.binary("chain"), let next = try found.string("next")
        else {
            throw SinkError(
                .integrity,
                "the last entry of the ledger \(settings.database).\(settings.ledgerCollection)"
                    + " for \(settings.streamName) has no sequence number, chain or next: restore it"
            )
        }
        var partial: StoredOffset.Partial?
        if let gtid = try found.string("detail", "gtid"),
            let rows = try found.integer("detail", "rows")
        {
            partial = StoredOffset.Partial(gtid: gtid, rows: rows)
        }
        return LedgerTip(
            sequence: sequence, chain: chain, position: Position(gtid: next, partial: partial))
    }

    /// Adds an entry inside a transaction; returns the new end.
    func append(
        _ entry: LedgerEntry, after tip: LedgerTip, _ connection: MongoConnection
    ) throws(MongoError) -> LedgerTip {
        let (document, chain) = entry.encoded(after: tip)
        var documents = DocumentSequence()
        documents.append(document)
        try connection.insert(documents, into: settings.ledgerCollection, inTransaction: true)
        return LedgerTip(
            sequence: entry.sequence, chain: chain,
            position: Position(gtid: entry.next, partial: entry.partial))
    }

    /// Walks every entry in order.
    ///
    /// - Throws: ``LedgerChain/Flaw`` at the first entry that does not continue the one before.
    func verify(_ connection: MongoConnection) throws -> LedgerChain {
        let options = BSONWriter.document { $0.append("sort") { $0.append("seq", int32: 1) } }
        let cursor = try connection.find(
            in: settings.ledgerCollection, filter: ofStream, options: options)
        var chain = LedgerChain()
        while let entry = try cursor.next() { try chain.append(entry) }
        return chain
    }

    private var ofStream: [UInt8] {
        BSONWriter.document { $0.append("stream", string: settings.streamName) }
    }
}
