/// Compares the settings that decide what is stored with those of before, and writes down in the ledger what is different.
///
/// To be run behind recovery, whose batches were made with the settings of before, and ahead of the first change. A large
/// transaction that was stored to some part with the settings of before is stored once more from its first change, since
/// the number of its changes that are stored says nothing with others.
struct SettingsCheck {
    let environment: SinkEnvironment
    let epoch: Int64
    let position: Position
    private var settings: SinkSettings { environment.settings }

    init(_ environment: SinkEnvironment, epoch: Int64, position: Position) {
        self.environment = environment
        self.epoch = epoch
        self.position = position
    }

    /// Returns the end of the ledger, which is `tip` unless an entry was written, and the position.
    ///
    /// - Parameter stored: what the position records.
    func run(
        _ link: MongoLink, stored: RecordedSettings?, tip: LedgerTip
    ) throws -> (LedgerTip, Position) {
        let changes = settings.recorded.changes(from: stored)
        guard !settings.recorded.values.isEmpty, !changes.isEmpty else {
            return (tip, position)
        }
        let end = try link.performTransaction("noting the changed settings in the ledger", note)
        environment.notice(
            .settingsChanged(names: changes.map(\.name), entry: end.sequence))
        return (end, begun)
    }

    /// The position with nothing of a large transaction behind it.
    private var begun: Position {
        Position(
            gtid: position.gtid,
            partial: position.partial.map { StoredOffset.Partial(gtid: $0.gtid, rows: 0) })
    }

    /// Adds the entry, unless an attempt whose answer was lost has done so.
    private func note(_ connection: MongoConnection) throws -> LedgerTip {
        let offsets = OffsetDocument(settings: settings)
        let ledger = LedgerCollection(settings: settings)
        try connection.startTransaction()
        // Inside, so that the commit of an attempt before, still on its way, cannot come in between.
        let stored = try offsets.read(connection, inTransaction: true)?.settings
        let tip = try ledger.tip(connection, inTransaction: true)
        let changes = settings.recorded.changes(from: stored)
        if changes.isEmpty {
            // With a majority, and so it says whether what was read will stay.
            try connection.commitTransaction()
            return tip
        }
        let now = environment.now
        let entry = LedgerEntry(
            stream: settings.streamName, sequence: tip.sequence + 1, kind: .settings, at: now,
            previous: position.gtid, next: position.gtid, transactions: 0, events: 0, times: nil,
            digest: DocumentSequence().digest, by: settings.owner, partial: begun.partial,
            changes: changes)
        let isOurs = try offsets.record(
            connection, settings.recorded, at: position, to: begun, epoch: epoch,
            ledger: entry.sequence, now: now)
        guard isOurs else {
            throw SinkError(
                .offsetMismatch,
                "the position \(settings.streamName) in \(settings.database)."
                    + "\(settings.offsetsCollection), or its lease, was changed by someone else during the"
                    + " start: start again, it goes on from there")
        }
        let end = try ledger.append(entry, after: tip, connection)
        try connection.commitTransaction()
        return end
    }
}
