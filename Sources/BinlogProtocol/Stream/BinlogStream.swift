/// Follows the binary log of a server: the blocking front door.
///
/// Connect, choose where to begin with ``follow(from:replicaUUID:untilEnd:)``, then call ``next(until:)`` in a
/// loop. One thread uses it; the ``Cancellation`` it was made with ends its waiting from any other. After an
/// error the stream is over: make a new one and follow from ``executed``, which holds whole transactions only.
public final class BinlogStream {
    /// What the log delivered.
    public enum Item: Sendable {
        /// A step of a transaction.
        case change(Change)
        /// Nothing until the deadline.
        case idle
        /// The end of the log, when it was asked for.
        case ended
    }

    /// The server's version text, such as `9.7.4`.
    public var serverVersion: String { source.version }
    /// The server's identity; nil on MariaDB, where only ``serverID`` tells servers apart.
    public var serverUUID: ServerUUID? { source.serverUUID }
    /// The server's `server_id`.
    public var serverID: UInt32 { source.serverID }
    /// The version of TLS in use; nil in clear text.
    public var tlsVersion: String? { connection.tlsVersion }
    /// Every transaction of the set given to ``follow(from:replicaUUID:untilEnd:)`` and each that ended since.
    public private(set) var executed = GTIDSet()
    /// The place in the server's log after the last event.
    public var position: BinlogPosition { changes.position }
    /// The time in the header of the last event that had one, in seconds since 1970 (UTC).
    public var lastEventTime: UInt32? { changes.lastEventTime }
    /// Bytes received from the server so far.
    public var bytesReceived: UInt64 { connection.bytesReceived }

    /// What to do with an event that cannot be decoded; to be set before ``follow(from:replicaUUID:untilEnd:)``.
    public var onUndecodable = UndecodablePolicy.stop

    /// Where the log tells of incidents of before the position that is followed from, which MariaDB sends all the same.
    public private(set) var earlierIncidents: [BinlogPosition] = []
    private static let earlierIncidentsMax = 100
    /// What was read before, if that is more than the transactions that are not to be sent; to be set before
    /// ``follow(from:replicaUUID:untilEnd:)``.
    package var known = GTIDSet()

    /// What the server said of itself when the connection was made.
    package let source: SourceInfo
    private let connection: ServerConnection
    private let options: ConnectionOptions
    private let cancellation: Cancellation
    private let lookup: TableLookup
    private let informationSchema: InformationSchema
    private var changes = ChangeStream(checksum: .none)
    private let isLocal: Bool
    /// The event that is being read in pieces.
    private var large: LargeEvent?
    /// Takes the values of more than 16 MB; without it an event of any size is held in memory as a whole.
    ///
    /// With it, an event of 16 MB and more is read to its end by ``next(until:)``, whatever the deadline, a few
    /// megabytes of its rows at a time. An error that the receiver throws ends the stream; it is the ``BinlogError/underlying``
    /// of one with code `cancelled`.
    package var largeValueReceiver: (any LargeValueReceiver)? {
        didSet { connection.splitsLargeEvents = largeValueReceiver != nil }
    }
    private var phase = Phase.connected

    private enum Phase {
        case connected
        case following
        case ended
        case failed(BinlogError)
    }

    /// Connects, logs in and makes sure that the server's log can be followed.
    ///
    /// - Parameters:
    ///   - options: where the server is, and who asks.
    ///   - cancellation: ends every wait from another thread.
    ///   - lookup: where names of columns come from when the log does not carry them.
    /// - Throws: ``BinlogError``: `connectionFailed`, `tls`, `authentication`, `wrongFlavor`, `configuration`
    ///   (each with the statement that mends it), `cancelled`.
    public init(
        _ options: ConnectionOptions, cancellation: Cancellation, lookup: TableLookup = .server
    ) throws(BinlogError) {
        connection = try ServerConnection.connect(options, cancellation: cancellation)
        source = try SourceInfo.read(connection)
        try source.check(expecting: options.flavor)
        self.options = options
        self.cancellation = cancellation
        self.lookup = lookup
        isLocal = options.address.isLocal
        informationSchema = InformationSchema(options, of: source, cancellation: cancellation)
    }

    /// The set that a start position means on this server now.
    public func resolve(_ start: StartPosition) -> GTIDSet {
        switch start {
        case .current: source.executed
        case .earliest: source.purged
        case .after(let set): set
        }
    }

    /// Asks for every transaction outside `executed`; to be called once.
    ///
    /// - Parameters:
    ///   - executed: the transactions that are not to be sent.
    ///   - replicaUUID: the same for every run of one stream and different from every other's: the server
    ///     ends an older connection with the same one. MariaDB does so by `options.serverID` instead.
    ///   - untilEnd: stop with ``Item/ended`` at the end of the log instead of waiting for more.
    /// - Throws: ``BinlogError``: `purged` or `diverged` when the server cannot go on from there, `privilege`.
    public func follow(
        from executed: GTIDSet, replicaUUID: ServerUUID, untilEnd: Bool = false
    ) throws(BinlogError) {
        guard case .connected = phase else {
            throw BinlogError(
                .configuration, "A BinlogStream follows once: make a new one to follow again.")
        }
        try source.check(position: executed)
        self.executed = executed
        if known.isSubset(of: executed) { known = executed }
        do {
            let isChecked = try connection.beginDump(
                from: executed, replicaUUID: replicaUUID, isNonBlocking: untilEnd)
            changes = ChangeStream(checksum: isChecked ? .crc32 : .none)
            changes.asksForDefinitions = !lookup.isOff
            changes.onUndecodable = onUndecodable
            changes.asksForIncidents = true
            changes.isLineIntact = isLocal || tlsVersion != nil
            phase = .following
        } catch {
            phase = .failed(error)
            throw error
        }
    }

    /// The next step, waiting for it until `deadline`.
    ///
    /// - Throws: ``BinlogError`` with the place in the log: `connectionLost`, `purged`, `diverged`, `corrupt`,
    ///   `undecodable`, `duplicateReplica`, `cancelled` or the server's own; from a look-up also `privilege` and
    ///   what ``init(_:cancellation:lookup:)`` throws. The same error from then on:
    ///   what follows a damaged event must not complete its transaction.
    public func next(until deadline: ContinuousClock.Instant) throws(BinlogError) -> Item {
        switch phase {
        case .following: break
        case .ended: return .ended
        case .failed(let error): throw error
        case .connected:
            throw BinlogError(
                .configuration, "A BinlogStream has nothing to read yet: call follow(from:) first.")
        }
        do {
            let item = try read(until: deadline)
            if case .ended = item { phase = .ended }
            return item
        } catch {
            let error = located(error)
            phase = .failed(error)
            throw error
        }
    }

    private func read(until deadline: ContinuousClock.Instant) throws(BinlogError) -> Item {
        while true {
            if let change = try nextChange() {
                try note(change)
                return .change(change)
            }
            if let table = changes.undefinedTable {
                changes.define(try definition(of: table))
                continue
            }
            if let incident = changes.undecidedIncident {
                try decide(incident)
                continue
            }
            if let large, let receiver = largeValueReceiver {
                if try !read(large, receiver) { self.large = nil }
                continue
            }
            if isAtEnd {
                try checkEnd()
                return .ended
            }
            switch try connection.nextEvent(until: deadline) {
            case .event(let event): changes.feed(event)
            case .largeEvent: large = try beginLargeEvent()
            case .timedOut: return .idle
            case .end:
                if changes.finish() {
                    isAtEnd = true
                    continue
                }
                try checkEnd()
                return .ended
            }
        }
    }

    /// An incident stands before the position when that has a transaction that the server logged behind it.
    private func decide(_ incident: ChangeStream.UndecidedIncident) throws(BinlogError) {
        let before = try source.position(
            at: incident.position, options, cancellation: cancellation)
        guard let before else {
            throw BinlogError(
                .connectionLost,
                "The MariaDB server could not say which transactions stand before the incident at \(incident.position)."
            )
        }
        let isEarlier = !known.isSubset(of: before)
        if isEarlier, earlierIncidents.count < Self.earlierIncidentsMax {
            earlierIncidents.append(incident.position)
        }
        do {
            try changes.decideIncident(isEarlier: isEarlier)
        } catch {
            throw located(BinlogError(error), at: incident.position)
        }
    }

    private func beginLargeEvent() throws(BinlogError) -> LargeEvent {
        do {
            return try LargeEvent { [connection] space in try connection.readEvent(into: space) }
        } catch {
            throw located(failure(error), at: changes.position)
        }
    }

    /// Reads on in an event that comes in pieces; false behind its end.
    private func read(
        _ large: LargeEvent, _ receiver: any LargeValueReceiver
    ) throws(BinlogError) -> Bool {
        do {
            return try changes.read(large, receiver)
        } catch {
            throw located(failure(error), at: changes.eventPosition)
        }
    }

    private func failure(_ error: any Error) -> BinlogError {
        switch error {
        case let error as BinlogError: error
        case let error as DecodingError: BinlogError(error)
        default:
            BinlogError(.cancelled, "A large value was not taken: \(error)", underlying: error)
        }
    }

    private func nextChange() throws(BinlogError) -> Change? {
        do {
            return try changes.next()
        } catch {
            throw located(BinlogError(error), at: changes.eventPosition)
        }
    }

    private func definition(of table: TableMap) throws(BinlogError) -> TableDefinition? {
        switch lookup.source {
        case .nowhere: return nil
        case .given(let definitions): return try definitions(table.database, table.table)
        case .server(let includes):
            guard includes(table.database, table.table) else { return nil }
            return try informationSchema.definition(of: table.database, table.table)
        }
    }

    /// A server that is shut down ends the log in the same way as one that has sent all of it.
    private func checkEnd() throws(BinlogError) {
        let promised = source.executed.subtracting(source.purged)
        guard changes.transaction == nil, promised.isSubset(of: executed) else {
            throw BinlogError(
                .connectionLost, "The server ended the stream before the end of its log.")
        }
    }

    /// Ends the connection at once, so that the server does not keep its thread.
    public func close() throws(BinlogError) {
        switch phase {
        case .connected, .following:
            phase = .failed(BinlogError(.cancelled, "The stream was closed."))
        case .ended, .failed: break
        }
        let left = Result { () throws(BinlogError) in try informationSchema.close() }
        try connection.quit()
        try left.get()
    }

    private func note(_ change: Change) throws(BinlogError) {
        switch change {
        case .begin(let start):
            guard let gtid = start.gtid else {
                throw BinlogError(
                    .configuration,
                    "The MySQL server wrote a transaction without a GTID; set gtid_mode=ON "
                        + "(see SHOW VARIABLES LIKE 'gtid_mode') and start again.")
            }
            guard !executed.contains(gtid) else {
                throw BinlogError(.diverged, PositionAdvice.repeated(gtid, in: executed))
            }
            open = gtid
        case .end(let end):
            if end != .abandoned, let open { executed.insert(open) }
            open = nil
        default:
            break
        }
    }

    private var open: GTID?
    /// Whether the server has sent the end of its log.
    private var isAtEnd = false

    private func located(_ error: BinlogError, at place: BinlogPosition? = nil) -> BinlogError {
        let position = place ?? changes.position
        guard !position.file.isEmpty else { return error }
        return error.at(
            file: position.file, position: position.offset, gtid: changes.transaction?.id)
    }
}
