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
    /// - Throws: ``SinkError`` with code `integrity` when the sink stored the position together with an entry that the
    ///   ledger does not have: then there may be changes that it does not have either.
    func run(_ link: MongoLink) throws -> LedgerTip {
        let tip = try link.perform("reading the ledger") { try ledger.tip($0) }
        if tip.sequence == 0, contents.isCounted { throw ledgerLost }
        if let written = contents.ledger, written > tip.sequence {
            throw ledgerBehind(written, tip.sequence)
        }
        guard tip.position != position || isBehind(contents.ledger, tip) else { return tip }
        let end = try link.performTransaction("noting the changed position in the ledger", note)
        environment.notice(
            .positionChanged(
                from: tip.position?.gtid ?? "", to: position.gtid, entry: end.sequence))
        return end
    }

    /// Adds the entry, unless an attempt whose answer was lost has done so.
    private func note(_ connection: MongoConnection) throws -> LedgerTip {
        try connection.startTransaction()
        // Inside, so that the commit of an attempt before, still on its way, cannot come in between.
        let tip = try ledger.tip(connection, inTransaction: true)
        let written = try OffsetDocument(settings: settings).read(connection, inTransaction: true)?
            .ledger
        guard tip.position != position || isBehind(written, tip) else {
            // With a majority, and so it says whether what was read will stay.
            try connection.commitTransaction()
            return tip
        }
        let now = environment.now
        let move = PositionMove(
            settings: settings, kind: tip.sequence == 0 ? .start : .operator, gap: .operator,
            tip: tip, position: position, by: "operator", reason: "the position was set by hand")
        let documents = try move.documents(at: now)
        let isThere = try OffsetDocument(settings: settings).accept(
            connection, position, epoch: epoch, ledger: move.sequence, events: documents.count,
            now: now)
        guard isThere else { throw moved }
        let end = try move.store(documents, connection, now: now)
        try connection.commitTransaction()
        return end
    }

    /// Whether the position says that it was stored with an entry before the last one.
    private func isBehind(_ written: Int64?, _ tip: LedgerTip) -> Bool {
        written.map { $0 < tip.sequence } ?? false
    }

    private var ledgerLost: SinkError {
        SinkError(
            .integrity,
            "the ledger \(settings.database).\(settings.ledgerCollection) is empty, but a position of"
                + " \(settings.streamName) is stored: restore the ledger; to begin a new one, delete the"
                + " position and start with START set to its gtid")
    }

    private func ledgerBehind(_ written: Int64, _ last: Int64) -> SinkError {
        SinkError(
            .integrity,
            "the position \(settings.streamName) in \(settings.database).\(settings.offsetsCollection) was"
                + " stored with entry \(written) of the ledger \(settings.ledgerCollection), which ends with entry"
                + " \(last): the collections were not restored to one point in time, and changes may be missing;"
                + " restore them together, or delete the position and start with START set to the last entry's"
                + " next")
    }

    private var moved: SinkError {
        SinkError(
            .offsetMismatch,
            "the position \(settings.streamName) in \(settings.database)."
                + "\(settings.offsetsCollection) was changed by someone else during the start: start"
                + " again, it goes on from there")
    }
}
