/// Decodes events; the only decoder with a state: the file's format and the table maps of the current statement.
///
/// `Docs/EVENTS.md` lists every type: decoded, passed over with the reason, or an error. An unknown type is an error
/// unless the server flags the event as ignorable.
public struct EventDecoder: Sendable {
    private(set) var checksum: ChecksumAlgorithm
    private(set) var format: FormatDescription?
    var tableMaps = TableMapCache()

    /// Makes a decoder for the start of a stream or file.
    ///
    /// - Parameter checksum: how events before the first format description are checked: what the
    ///   connection announced to the server; for a file it does not matter.
    public init(checksum: ChecksumAlgorithm) {
        self.checksum = checksum
    }

    /// Decodes one whole event, header and checksum included.
    ///
    /// - Throws: ``DecodingError``, with the offset in the event.
    public mutating func decode(_ bytes: [UInt8]) throws(DecodingError) -> BinlogEvent {
        let (header, body) = try frame(bytes)
        if header.type == .formatDescription {
            return try decodeFormatDescription(header, bytes)
        }
        return try decodeBody(header, body)
    }

    /// Takes a whole event apart: its header, and its body without the checksum, which is right.
    ///
    /// A format description has its own checksum, which is not looked at here.
    func frame(
        _ bytes: [UInt8]
    ) throws(DecodingError) -> (header: EventHeader, body: ByteReader) {
        var reader = ByteReader(bytes)
        let header = try EventHeader(from: &reader)
        guard Int(header.eventSize) == bytes.count else {
            throw DecodingError(.invalid("event size"), at: 9)
        }
        if header.type == .formatDescription { return (header, reader) }
        let end = bytes.count - checksum.byteCount
        guard end >= EventHeader.byteCount else {
            throw DecodingError(
                .truncated(needed: checksum.byteCount, available: bytes.count - 19), at: 19)
        }
        if checksum == .crc32 {
            let stored = try storedChecksum(bytes)
            guard crc32(bytes, 0..<end) == stored else {
                throw DecodingError(.checksumMismatch, at: end)
            }
        }
        return (header, ByteReader(bytes, in: EventHeader.byteCount..<end))
    }

    /// Decodes an event out of a transaction payload: the same, but without a checksum.
    public mutating func decodePayloadEvent(
        _ bytes: [UInt8]
    ) throws(DecodingError) -> BinlogEvent {
        let (header, body) = try framePayloadEvent(bytes)
        return try decodeBody(header, body)
    }

    /// The same as ``frame(_:)`` for an event out of a transaction payload.
    func framePayloadEvent(
        _ bytes: [UInt8]
    ) throws(DecodingError) -> (header: EventHeader, body: ByteReader) {
        var reader = ByteReader(bytes)
        let header = try EventHeader(from: &reader)
        guard Int(header.eventSize) == bytes.count else {
            throw DecodingError(.invalid("event size"), at: 9)
        }
        guard header.type != .transactionPayload, header.type != .formatDescription else {
            throw DecodingError(.invalid("event within TRANSACTION_PAYLOAD_EVENT"), at: 4)
        }
        return (header, reader)
    }

    /// Leaves out an event that could not be decoded.
    ///
    /// - Returns: whether it was the last rows event of its statement.
    mutating func passOver(_ type: EventType, _ bytes: [UInt8]) -> Bool {
        // Its columns and flags follow the table id, whose width the format says.
        let width = format?.tableIDByteCount(for: type) ?? 6
        let start = EventHeader.byteCount
        guard type == .tableMap || type.isRows, bytes.count >= start + width + 2 else {
            return false
        }
        var reader = ByteReader(bytes, in: start..<bytes.count)
        do {
            let id = try reader.readUInt(bytes: width)
            if type == .tableMap {
                tableMaps.refuse(id)
                return false
            }
            let isStatementEnd = try reader.read(UInt16.self) & 1 != 0
            if isStatementEnd { tableMaps.endStatement() }
            return isStatementEnd
        } catch {
            // Not reached: there are that many bytes.
            return false
        }
    }

    /// Adds to a table map that was decoded what was found out about its table; nil: nothing is to be found out.
    mutating func settle(_ table: TableMap, with definition: TableDefinition?) {
        tableMaps.settle(table, as: table.settled(with: definition))
    }

    /// Forgets what was added to table maps, so that they are asked for again.
    mutating func forgetDefinitions() {
        tableMaps.removeSettled()
    }

    private func storedChecksum(_ bytes: [UInt8]) throws(DecodingError) -> UInt32 {
        var reader = ByteReader(bytes, in: (bytes.count - 4)..<bytes.count)
        return try reader.read()
    }

    private mutating func decodeFormatDescription(
        _ header: EventHeader, _ bytes: [UInt8]
    ) throws(DecodingError) -> BinlogEvent {
        var reader = ByteReader(bytes, in: EventHeader.byteCount..<bytes.count)
        let format = try FormatDescription(from: &reader)
        try reader.finish()
        if format.checksum == .crc32 {
            // The in-use flag changes while the server writes the file: the checksum leaves it out.
            var flags = bytes[17..<19]
            flags[17] &= ~UInt8(1)
            var sum = crc32(bytes, 0..<17)
            sum = crc32(Array(flags), 0..<2, startingWith: sum)
            sum = crc32(bytes, 19..<(bytes.count - 4), startingWith: sum)
            guard sum == (try storedChecksum(bytes)) else {
                throw DecodingError(.checksumMismatch, at: bytes.count - 4)
            }
        }
        checksum = format.checksum
        self.format = format
        tableMaps.removeAll()
        return BinlogEvent(header: header, body: .formatDescription(format))
    }

    private mutating func decodeBody(
        _ header: EventHeader, _ reader: ByteReader
    ) throws(DecodingError) -> BinlogEvent {
        var reader = reader
        let body: BinlogEvent.Body
        switch header.type {
        case .rotate:
            body = .rotate(try Rotate(from: &reader))
            tableMaps.endStatement()
        case .previousGTIDs: body = .previousGTIDs(try GTIDSet(from: &reader))
        case .gtid: body = .gtid(try GTIDEvent(from: &reader, isAnonymous: false))
        case .anonymousGTID: body = .gtid(try GTIDEvent(from: &reader, isAnonymous: true))
        case .gtidTagged: body = .gtid(try GTIDTaggedEvent.decode(from: &reader))
        case .domainGTID:
            body = .gtid(try DomainTransaction.decode(from: &reader, serverID: header.serverID))
        case .gtidList: body = .gtidList(try GTIDListEvent(from: &reader))
        case .query: body = .query(try QueryEvent(from: &reader))
        case .queryCompressed:
            body = .query(try QueryEvent(from: &reader, isCompressed: true))
        case .annotateRows: body = .rowsQuery(RowsQueryEvent(annotation: &reader))
        case .xid: body = .xid(try XIDEvent(from: &reader))
        case .xaPrepare: body = .xaPrepare(try XAPrepareEvent(from: &reader))
        case .intVar: body = .intVar(try IntVarEvent(from: &reader))
        case .rand: body = .rand(try RandEvent(from: &reader))
        case .userVar: body = .userVar(try UserVarEvent(from: &reader))
        case .beginLoadQuery, .appendBlock:
            body = .loadBlock(try LoadBlockEvent(from: &reader))
        case .executeLoadQuery:
            body = .executeLoadQuery(try ExecuteLoadQueryEvent(from: &reader))
        case .deleteFile: body = .deleteFile(try DeleteFileEvent(from: &reader))
        case .rowsQuery: body = .rowsQuery(try RowsQueryEvent(from: &reader))
        case .heartbeat: body = .heartbeat(try Heartbeat(from: &reader))
        case .heartbeatV2: body = .heartbeat(try Heartbeat(version2: &reader))
        case .transactionPayload:
            body = .transactionPayload(try TransactionPayload(from: &reader))
        case .tableMap: body = .tableMap(try decodeTableMap(&reader))
        case .writeRows, .writeRowsV1, .writeRowsV0, .writeRowsCompressed, .writeRowsCompressedV1:
            body = try decodeRows(.insert, header.type, &reader)
        case .updateRows, .updateRowsV1, .updateRowsV0, .updateRowsCompressed,
            .updateRowsCompressedV1, .partialUpdateRows:
            body = try decodeRows(.update, header.type, &reader)
        case .deleteRows, .deleteRowsV1, .deleteRowsV0, .deleteRowsCompressed,
            .deleteRowsCompressedV1:
            body = try decodeRows(.delete, header.type, &reader)
        case .startEncryption:
            throw DecodingError(
                .unsupported(
                    "START_ENCRYPTION_EVENT (the rest of the file is encrypted; read it from the server, which decrypts it)"
                ), at: 4)
        case .stop, .transactionContext, .viewChange, .ignorable, .binlogCheckpoint:
            try reader.skip(reader.remaining)
            body = .irrelevant
        case .incident: throw try IncidentEvent.error(from: &reader)
        default:
            // A type that has a name may hold changes, whatever its flags say.
            guard header.flags.contains(.ignorable), !header.type.isKnown else {
                throw DecodingError(.unsupported("\(header.type)"), at: 4)
            }
            try reader.skip(reader.remaining)
            body = .irrelevant
        }
        try reader.finish()
        return BinlogEvent(header: header, body: body)
    }

    private mutating func decodeTableMap(
        _ reader: inout ByteReader
    ) throws(DecodingError) -> TableMap {
        let width = format?.tableIDByteCount(for: .tableMap) ?? 6
        let body = reader.offset..<reader.end
        var peek = reader
        let id = try peek.readUInt(bytes: width)
        if let known = tableMaps.use(id, reader.storage, body) {
            try reader.skip(reader.remaining)
            return known
        }
        let offset = reader.offset
        let table = try TableMap(
            from: &reader, tableIDBytes: width, flavor: format?.flavor ?? .mysql)
        guard tableMaps.insert(table, id, Array(reader.storage[body])) else {
            throw DecodingError(.invalid("number of table maps in one statement"), at: offset)
        }
        return table
    }

    /// Rows whose table map did not come: an event is missing, or at the wrong place.
    static let noTableMap = DecodingError.Code.invalid("table id: no table map names it")

    private mutating func decodeRows(
        _ kind: RowsEvent.Kind, _ type: EventType, _ reader: inout ByteReader
    ) throws(DecodingError) -> BinlogEvent.Body {
        let width = format?.tableIDByteCount(for: type) ?? 6
        let offset = reader.offset
        let id = try RowsEvent.readTableID(from: &reader, tableIDBytes: width)
        let table = try table(id, of: type, at: offset)
        let rows = try RowsEvent(
            from: &reader, kind: kind, table: table, layout: RowsEvent.Layout(of: type))
        if rows.isStatementEnd { tableMaps.endStatement() }
        return .rows(rows)
    }

    /// The table that the rows of an event belong to.
    func table(
        _ id: UInt64, of type: EventType, at offset: Int
    ) throws(DecodingError) -> TableMap {
        if let table = tableMaps.table(id) { return table }
        guard tableMaps.isRefused(id) else {
            throw DecodingError(Self.noTableMap, at: offset)
        }
        throw DecodingError(
            .unsupported("\(type) of a table whose TABLE_MAP_EVENT was not decoded"), at: offset)
    }
}
