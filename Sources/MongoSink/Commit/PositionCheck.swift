/// Compares the stored position with the end of the ledger at the start, and writes down what was changed by hand.
///
/// An operator may move the position. The ledger then says so; else nobody could tell that from a ledger that lost its end.
struct PositionCheck {
    let environment: SinkEnvironment
    let epoch: Int64
    let contents: OffsetDocument.Contents
    let position: Position
    private var settings: SinkSettings { environment.settings }
    private var ledger: LedgerCollection { LedgerCollection(settings: settings) }

    init(
        _ environment: SinkEnvironment, epoch: Int64, _ contents: OffsetDocument.Contents,
        position: Position
    ) {
        self.environment = environment
        self.epoch = epoch
        self.contents = contents
        self.position = position
    }

    /// Returns the end of the ledger, which is at the position.
    ///
    /// - Throws: ``SinkError`` with code `integrity` when the sink stored the position and the ledger is empty.
    func run(_ link: MongoLink) throws -> LedgerTip {
        let tip = try link.perform("reading the ledger") { try ledger.tip($0) }
        guard tip.position != position else { return tip }
        if tip.sequence == 0, contents.isCounted { throw ledgerLost }
        let end = try link.perform("noting the changed position in the ledger") { connection in
            do {
                return try note(connection)
            } catch {
                link.abortTransaction()
                throw error
            }
        }
        environment.notice(
            .positionChanged(
                from: tip.position?.gtid ?? "", to: position.gtid, entry: end.sequence))
        return end
    }

    /// Adds the entry, unless an attempt whose answer was lost has done so.
    private func note(_ connection: MongoConnection) throws -> LedgerTip {
        let tip = try ledger.tip(connection)
        guard tip.position != position else { return tip }
        try connection.startTransaction()
        let now = environment.now
        let isThere = try OffsetDocument(settings: settings).hold(
            connection, position, epoch: epoch, now: now)
        guard isThere else { throw moved }
        let entry = LedgerEntry(
            stream: settings.streamName, sequence: tip.sequence + 1,
            kind: tip.sequence == 0 ? .start : .operator, at: now,
            previous: tip.position?.gtid ?? "", next: position.gtid, transactions: 0, events: 0,
            times: nil, digest: DocumentSequence().digest, by: "operator",
            partial: position.partial, reason: "the position was set by hand")
        let end = try ledger.append(entry, after: tip, connection)
        try connection.commitTransaction()
        return end
    }

    private var ledgerLost: SinkError {
        SinkError(
            .integrity,
            "the ledger \(settings.database).\(settings.ledgerCollection) is empty, but a position of"
                + " \(settings.streamName) is stored: restore the ledger; to begin a new one, delete the"
                + " position and start with START set to its gtid")
    }

    private var moved: SinkError {
        SinkError(
            .offsetMismatch,
            "the position \(settings.streamName) in \(settings.database)."
                + "\(settings.offsetsCollection) was changed by someone else during the start: start"
                + " again, it goes on from there")
    }
}
