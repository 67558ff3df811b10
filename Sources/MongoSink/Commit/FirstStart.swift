/// Stores the first position of a stream together with its ledger entry, once.
struct FirstStart {
    let environment: SinkEnvironment
    let epoch: Int64
    let position: Position
    let coordinates: BinlogCoordinates
    let server: SourceIdentity
    private var settings: SinkSettings { environment.settings }

    init(
        environment: SinkEnvironment, epoch: Int64, position: Position,
        coordinates: BinlogCoordinates, server: SourceIdentity
    ) {
        self.environment = environment
        self.epoch = epoch
        self.position = position
        self.coordinates = coordinates
        self.server = server
    }

    /// Returns the end of the ledger behind the entry.
    func store(_ link: MongoLink) throws -> LedgerTip {
        try link.performTransaction("storing the start") { connection in
            if let tip = try attempt(connection) { return tip }
            link.abortTransaction()
            return try stored(connection)
        }
    }

    /// Nil when a position is stored already.
    private func attempt(_ connection: MongoConnection) throws -> LedgerTip? {
        try connection.startTransaction()
        // Inside, so that the commit of an attempt before, still on its way, cannot come in between.
        let tip = try LedgerCollection(settings: settings).tip(connection, inTransaction: true)
        let now = environment.now
        let move = PositionMove(
            settings: settings, kind: .start, gap: .start, tip: tip, position: position,
            by: settings.owner, reason: "the stream began anew",
            changes: settings.recorded.changes(from: nil))
        let documents = try move.documents(at: now)
        let isFirst = try OffsetDocument(settings: settings).setStart(
            connection, position, coordinates, server: server, epoch: epoch, ledger: move.sequence,
            events: documents.count, now: now)
        guard isFirst else { return nil }
        let end = try move.store(documents, connection, now: now)
        try connection.commitTransaction()
        return end
    }

    /// A commit whose answer was lost looks like this when it is repeated: our own position stands there.
    private func stored(_ connection: MongoConnection) throws -> LedgerTip {
        let contents = try OffsetDocument(settings: settings).read(connection)
        guard let contents, contents.isOurs(epoch, settings) else {
            throw Committer(MongoLink(environment), epoch: epoch, tip: LedgerTip())
                .fenced(contents?.lease?.owner)
        }
        guard let stored = contents.position else {
            throw MongoError.unseen("the start", operation: "find offsets")
        }
        guard stored == position else {
            throw SinkError(
                .offsetMismatch,
                "a position of \(settings.streamName) is stored already in \(settings.database)."
                    + "\(settings.offsetsCollection): start again, it goes on from there")
        }
        let tip = try LedgerCollection(settings: settings).tip(connection)
        guard let entry = contents.ledger, tip.sequence < entry else { return tip }
        throw MongoError.unseen("entry \(entry)", operation: "find ledger")
    }
}
