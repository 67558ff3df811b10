internal import BinlogProtocol

/// Lists the events of a file: one line for the header of each, then what it says, indented.
///
/// An event that cannot be decoded is listed with the reason and its first bytes, and the listing goes on.
struct EventListing {
    private let file: String
    private let text: ListingText
    private var decoder = EventDecoder(checksum: .none)
    private var format: FormatDescription?
    /// How many events could not be decoded.
    private(set) var refusedCount = 0
    /// The first of them.
    private(set) var firstRefusal: BinlogError?

    init(file: String, text: ListingText) {
        self.file = file
        self.text = text
    }

    /// Lists the event that begins at `offset` of the file.
    ///
    /// - Throws: what writing throws; ``BinlogError`` where nothing behind the event can be read.
    mutating func list(_ bytes: [UInt8], at offset: UInt64) throws {
        text.depth = 0
        let end = offset + UInt64(bytes.count)
        list(bytes, "\(file):\(offset) end \(end)", Origin.file(offset))
        try text.flush()
        if EventType(rawValue: bytes[4]) == .startEncryption {
            throw BinlogError(
                .undecodable,
                "\(file) is encrypted from byte \(end) on (encrypt_binlog=ON): only its server can read it."
            ).at(file: file, position: offset)
        }
    }

    private enum Origin {
        case file(UInt64)
        /// A compressed transaction that begins there.
        case payload(UInt64)
    }

    private mutating func list(_ bytes: [UInt8], _ place: String, _ origin: Origin) {
        let depth = text.depth
        defer { text.depth = depth }
        var event: ListedEvent?
        do throws(DecodingError) {
            let listed = try ListedEvent(
                bytes, isInFile(origin) ? format?.checksum ?? .none : .none)
            event = listed
            text.line(listed.headline(place))
            text.depth += 1
            if case .file(let offset) = origin { listPosition(listed.header, offset, bytes.count) }
            let decoded =
                isInFile(origin)
                ? try decoder.decode(bytes) : try decoder.decodePayloadEvent(bytes)
            try list(decoded.body, listed, origin)
        } catch {
            text.depth = depth + 1
            refuse(error, event, origin)
        }
    }

    private func isInFile(_ origin: Origin) -> Bool {
        if case .file = origin { true } else { false }
    }

    /// The end that the header claims, where it is another.
    private func listPosition(_ header: EventHeader, _ offset: UInt64, _ count: Int) {
        let end = UInt32(truncatingIfNeeded: offset + UInt64(count))
        if header.logPosition != end, header.logPosition != 0 {
            text.line("end by the header \(header.logPosition)")
        }
    }

    private mutating func refuse(_ error: DecodingError, _ event: ListedEvent?, _ origin: Origin) {
        let type = event?.header.type
        var place = BinlogError(error)
        switch origin {
        case .file(let offset):
            place = place.at(file: file, position: offset, event: type?.description)
            var byte = ""
            // What is decompressed has no place in the file.
            if type?.hasCompressedBody != true || error.code == .checksumMismatch {
                place.offsetInEvent = error.offset
                byte = " (byte \(offset + UInt64(error.offset)) of the file)"
            }
            text.line("not decoded: \(error)\(byte)")
        case .payload(let offset):
            place = place.at(file: file, position: offset, event: type?.description)
            text.line("not decoded: \(error)")
        }
        refusedCount += 1
        if firstRefusal == nil { firstRefusal = place }
        guard let event else { return }
        if error.code == .checksumMismatch { event.listChecksums(to: text) }
        if case .incident = error.code { event.listIncident(to: text) }
        event.listBody(to: text)
    }

    private mutating func list(
        _ body: BinlogEvent.Body, _ event: ListedEvent, _ origin: Origin
    ) throws(DecodingError) {
        switch body {
        case .formatDescription(let format):
            self.format = format
            format.list(to: text)
        case .rotate(let rotate): rotate.list(to: text)
        case .previousGTIDs(let set): set.list(to: text)
        case .gtidList(let list): try list.list(event.reader, to: text)
        case .gtid(let gtid): gtid.list(to: text)
        case .query(let query): try query.list(event.reader, to: text)
        case .xid(let xid): xid.list(to: text)
        case .xaPrepare(let xa): xa.list(to: text)
        case .intVar(let number): number.list(to: text)
        case .rand(let seeds): seeds.list(to: text)
        case .userVar(let variable): try variable.list(event.reader, to: text)
        case .loadBlock(let block): block.list(to: text)
        case .executeLoadQuery(let load): try load.list(event.reader, to: text)
        case .deleteFile(let file): file.list(to: text)
        case .tableMap(let table): table.list(try flags(event), to: text)
        case .rows(let rows): try rows.list(try flags(event), to: text)
        case .rowsQuery(let query): query.list(to: text)
        case .heartbeat(let beat): beat.list(to: text)
        case .transactionPayload(let payload):
            payload.list(event.reader, to: text)
            try listEvents(of: payload, origin)
        case .irrelevant where event.header.type == .binlogCheckpoint:
            try event.listCheckpoint(to: text)
        case .irrelevant: event.listBody(to: text)
        }
    }

    /// The flags behind the table id of a table map or rows event.
    private func flags(_ event: ListedEvent) throws(DecodingError) -> UInt64 {
        var reader = event.reader
        try reader.skip(format?.tableIDByteCount(for: event.header.type) ?? 6)
        return UInt64(try reader.read(UInt16.self))
    }

    private mutating func listEvents(
        of payload: TransactionPayload, _ origin: Origin
    ) throws(DecodingError) {
        guard case .file(let offset) = origin else { return }
        let reader = try TransactionPayloadReader(payload)
        var place = 0
        while !text.isBroken, let inner = try reader.next() {
            list(inner, "payload:\(place) end \(place + inner.count)", .payload(offset))
            place += inner.count
        }
    }
}
