/// Turns the events of a log into the steps of its transactions.
///
/// Feed one event, then call ``next()`` until it gives nil. A compressed transaction is taken apart one
/// event at a time, so memory does not grow with it.
public struct ChangeStream {
    enum State {
        case idle
        /// The GTID was read; the next event says what kind of transaction it is.
        case begun
        /// Between BEGIN and its end.
        case group
    }

    var decoder: EventDecoder
    private var event: [UInt8]?
    var payload: TransactionPayloadReader?
    /// The event that holds the compressed transaction being read.
    var payloadBytes: [UInt8] = []
    var queue: [Change] = []
    var state = State.idle
    /// The BEGIN of the open group.
    var opening: QueryEvent?
    var query: RowsQueryEvent?
    /// Which part of an ALTER TABLE in two parts the open transaction is.
    private var alterPhase: DomainTransaction.AlterPhase?
    /// The XA transaction that the open group belongs to.
    var xa: XAIdentifier?
    /// What came for the next statement.
    var context = StatementContext()
    var files = LoadedFiles()
    /// Whether all that came of the open transaction are gaps, one of which may have been the whole of it.
    var mayBeOver = false
    /// Whether a transaction has begun.
    var hasBegun = false
    /// What stood between transactions and waits for the next.
    var gapsBefore: [Gap] = []
    /// The same that the open transaction was told with, in case that it never happened.
    var toldGapsBefore: [Gap] = []

    /// The file being read and the end of the event fed last; advances with each event.
    public private(set) var position: BinlogPosition
    /// Where the event begins that was fed last: the place of what ``next()`` throws.
    public private(set) var eventPosition: BinlogPosition
    /// The transaction that is open; nil between transactions.
    public private(set) var transaction: TransactionStart?
    /// The header time of the last event that had one, in seconds since 1970 (UTC).
    public private(set) var lastEventTime: UInt32?
    /// The transactions of all earlier files, when the current file began with them.
    public private(set) var previousGTIDs: GTIDSet?

    /// What to do with an event that cannot be decoded.
    public var onUndecodable = UndecodablePolicy.stop
    /// Whether events come as the server wrote them even where they have no checksum: over TLS, or from a file.
    package var isLineIntact = false

    /// Whether ``next()`` stops at a table map that leaves names or types open, for ``define(_:)``.
    public var asksForDefinitions = false
    /// The table whose definition is asked for: ``next()`` goes on after ``define(_:)``.
    public private(set) var undefinedTable: TableMap?

    /// An incident that MariaDB sends whether or not it stands before the position that was asked for.
    package struct UndecidedIncident {
        package let position: BinlogPosition
        let bytes: [UInt8]
        let error: DecodingError
    }

    /// Whether ``next()`` stops at such an incident, for ``decideIncident(isEarlier:)``: the log is sent from a position on.
    package var asksForIncidents = false
    /// The incident that is asked about.
    package internal(set) var undecidedIncident: UndecidedIncident?

    /// Whether the event that is being read comes out of a compressed transaction.
    var isInPayload: Bool { payload != nil }

    /// Makes a stream for the start of a connection or file.
    ///
    /// - Parameters:
    ///   - checksum: see ``EventDecoder/init(checksum:)``.
    ///   - file: the name of the file; a server names it itself.
    public init(checksum: ChecksumAlgorithm, file: String = "") {
        decoder = EventDecoder(checksum: checksum)
        position = BinlogPosition(file: file, offset: 4)
        eventPosition = position
    }

    /// Hands over the next whole event.
    ///
    /// - Precondition: ``next()`` has given nil since the event before.
    public mutating func feed(_ event: [UInt8]) {
        precondition(
            self.event == nil && payload == nil && queue.isEmpty && undefinedTable == nil
                && undecidedIncident == nil)
        self.event = event
    }

    /// Reads on in an event that comes in pieces, instead of ``feed(_:)``, until it gives false.
    ///
    /// - Precondition: ``next()`` has given nil since the call before.
    /// - Throws: ``DecodingError``, and what the event's source and the receiver throw; the stream cannot go on after it.
    package mutating func read(
        _ large: LargeEvent, _ receiver: any LargeValueReceiver
    ) throws -> Bool {
        precondition(event == nil && payload == nil && queue.isEmpty && undefinedTable == nil)
        if !large.hasBegun { eventPosition = position }
        guard let part = try decoder.decode(large, receiver) else { return false }
        if !large.hasBegun { advance(part.header) }
        large.hasBegun = true
        try handle(part)
        return true
    }

    /// Answers the question for the definition of ``undefinedTable``; nil when there is none to be had.
    ///
    /// The answer counts for this table map until a statement changes a definition or the file ends.
    public mutating func define(_ definition: TableDefinition?) {
        guard let table = undefinedTable else { return }
        undefinedTable = nil
        decoder.settle(table, with: definition)
    }

    /// The next step; nil when another event is needed, or the definition of ``undefinedTable``.
    ///
    /// - Throws: ``DecodingError`` for bytes that break their format and for events out of order; the
    ///   stream cannot go on after it.
    public mutating func next() throws(DecodingError) -> Change? {
        while true {
            if !queue.isEmpty { return queue.removeFirst() }
            if undefinedTable != nil || undecidedIncident != nil { return nil }
            if let payload {
                try readPayload(payload)
                continue
            }
            guard let event else { return nil }
            self.event = nil
            eventPosition = position
            if let decoded = try decode(event) { try handle(decoded) }
        }
    }

    /// Where the event lies that is being read.
    var place: EventPlace { EventPlace(start: eventPosition, endOffset: position.offset) }

    mutating func advance(_ header: EventHeader) {
        if header.timestamp != 0, !header.flags.contains(.artificial) {
            lastEventTime = header.timestamp
        }
        if header.logPosition != 0, !header.flags.contains(.artificial) {
            position.offset = UInt64(header.logPosition)
            // The server leaves out events between two that it sends.
            eventPosition.offset = header.startPosition
        }
    }

    mutating func handle(_ event: BinlogEvent) throws(DecodingError) {
        endIfOver(before: event)
        switch event.body {
        case .rotate(let rotate):
            position = BinlogPosition(file: rotate.file, offset: rotate.position)
        case .formatDescription:
            // A file ends between transactions, unless its server died.
            guard !mayBeOver || state != .begun else {
                throw DecodingError(
                    .unsupported(
                        "the end of a log file in a transaction of which nothing could be decoded, so that it"
                            + " cannot be seen whether it was committed"), at: 4)
            }
            if state != .idle { end(.abandoned) }
        case .previousGTIDs(let set):
            previousGTIDs = set
        case .gtidList(let list):
            // One that the server makes for us says where the stream begins, not where the file does.
            if !event.header.flags.contains(.artificial), event.header.timestamp != 0 {
                previousGTIDs = list.position
            }
        case .gtid(let gtid):
            try begin(gtid, event.header)
        case .query(let query):
            try handle(query)
        case .xid(let xid):
            guard state == .group else { throw outOfOrder("XID_EVENT") }
            end(.committed(xid: xid.number))
        case .xaPrepare(let event):
            guard state == .group, let xa, xa.matches(event.id) else {
                throw outOfOrder("XA_PREPARE_LOG_EVENT")
            }
            end(event.isOnePhase ? .committed(xid: nil) : .prepared(xa))
        case .intVar, .rand, .userVar, .loadBlock, .executeLoadQuery, .deleteFile:
            try handleStatementPart(event.body)
        case .rowsQuery(let query):
            self.query = query
        case .tableMap(let table):
            if asksForDefinitions, table.needsDefinition { undefinedTable = table }
        case .heartbeat, .irrelevant:
            break
        case .rows(let rows):
            guard state == .group else { throw outOfOrder("row events") }
            queue.append(
                .rows(
                    RowChanges(
                        event: rows, threadID: opening?.threadID, query: query,
                        status: opening?.status ?? QueryStatus(), place: place,
                        makesGaps: makesGaps && !rows.isPart)))
            if rows.isStatementEnd { query = nil }
        case .transactionPayload(let payload):
            guard state == .begun else { throw outOfOrder("TRANSACTION_PAYLOAD_EVENT") }
            self.payload = try TransactionPayloadReader(payload)
            payloadBytes = payload.storage
        }
    }

    func outOfOrder(_ what: String) -> DecodingError {
        DecodingError(.invalid("event order: \(what) outside a transaction"), at: 4)
    }

    private mutating func begin(
        _ event: GTIDEvent, _ header: EventHeader
    ) throws(DecodingError) {
        guard state == .idle else {
            throw DecodingError(
                .invalid("event order: a transaction begins before the last one ended"), at: 4)
        }
        let seconds = UInt64(header.timestamp) * 1_000_000
        let start = TransactionStart(
            gtid: event.gtid, commitTime: event.originalCommitTime ?? seconds,
            serverID: header.serverID,
            position: BinlogPosition(
                file: position.file,
                // MariaDB leaves positions out where it writes a transaction in one piece.
                offset: header.logPosition == 0 ? position.offset : header.startPosition))
        transaction = start
        state = .begun
        hasBegun = true
        queue.append(.begin(start))
        tellGapsBefore()
        alterPhase = event.domainTransaction?.alterPhase
        // MariaDB has no BEGIN; what ends an XA transaction is a statement alone.
        if let domain = event.domainTransaction,
            domain.flags.isDisjoint(with: [.standalone, .completedXA])
        {
            state = .group
            if domain.flags.contains(.preparedXA), let id = domain.xa { begin(xa: id) }
        }
    }

    mutating func end(_ end: TransactionEnd) {
        queue.append(.end(end))
        // They did happen, and wait for another transaction.
        if end == .abandoned { gapsBefore = toldGapsBefore + gapsBefore }
        toldGapsBefore.removeAll()
        state = .idle
        transaction = nil
        opening = nil
        query = nil
        xa = nil
        alterPhase = nil
        mayBeOver = false
        context = StatementContext()
        files.removeAll()
    }

    private mutating func handle(_ query: QueryEvent) throws(DecodingError) {
        guard state != .idle else { throw outOfOrder("QUERY_EVENT") }
        let meaning = StatementText.meaning(
            of: query.utf8 ?? query.statement, query.status.sqlMode)
        switch (meaning, state) {
        case (.begin, .begun):
            state = .group
            opening = query
        case (.begin, _):
            throw DecodingError(.invalid("event order: BEGIN within a transaction"), at: 4)
        case (.xa(let statement), _):
            try handle(statement, query)
        case (.commit, _):
            end(.committed(xid: nil))
        case (.rollback, _):
            end(.rolledBack)
        case (.savepoint(let name), _):
            queue.append(.savepoint(name))
        case (.rollbackToSavepoint(let name), _):
            queue.append(.rollbackToSavepoint(name))
        case (.change(let kind, let database, let table), _):
            if kind == .ddl { decoder.forgetDefinitions() }
            // The same statement comes again when the ALTER is done, or not at all.
            if alterPhase != .start, alterPhase != .rollback {
                append(kind, query, database, table)
            }
            // A statement without BEGIN is a transaction of its own and commits itself.
            if state == .begun { end(.committed(xid: nil)) }
        }
    }

    mutating func append(
        _ kind: Statement.Kind, _ query: QueryEvent, _ database: String?, _ table: String?
    ) {
        queue.append(
            .statement(
                Statement(
                    kind: kind, query: query, database: database, table: table, context: context)))
        context = StatementContext()
    }
}
