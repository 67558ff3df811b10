/// An event that is too large to be held and comes in pieces.
package final class LargeEvent {
    /// The beginning of a statement's text that is kept.
    static let statementBytesMax = 64 << 10

    let reader: LargeEventReader
    fileprivate let heldBytesMax: Int
    fileprivate var rows: LargeRows?
    fileprivate var isOver = false
    /// Whether a part of it was handed on.
    var hasBegun = false

    /// Reads the header.
    ///
    /// - Parameters:
    ///   - heldBytesMax: the largest value that stays in its row.
    ///   - source: fills some of the space that it is given; 0 at the event's end.
    package init(
        heldBytesMax: Int = LargeValue.heldBytesMax,
        _ source: @escaping (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws {
        self.heldBytesMax = heldBytesMax
        reader = try LargeEventReader(source)
    }
}

extension EventDecoder {
    /// Decodes the next part of an event that comes in pieces: some of its rows, or all of any other event.
    ///
    /// - Returns: the part; nil when the event is over.
    /// - Throws: ``DecodingError``, and what the event's source and the receiver throw.
    mutating func decode(
        _ large: LargeEvent, _ receiver: any LargeValueReceiver
    ) throws -> BinlogEvent? {
        if large.isOver { return nil }
        if large.rows != nil { return try nextRows(large, receiver) }
        let header = large.reader.header
        switch header.type {
        case .writeRows, .writeRowsV1, .writeRowsV0:
            return try begin(.insert, large, receiver)
        case .updateRows, .updateRowsV1, .updateRowsV0:
            return try begin(.update, large, receiver)
        case .deleteRows, .deleteRowsV1, .deleteRowsV0:
            return try begin(.delete, large, receiver)
        case .rowsQuery, .annotateRows:
            large.isOver = true
            return BinlogEvent(header: header, body: .rowsQuery(try statement(large)))
        default:
            large.isOver = true
            return try decode(try large.reader.takeAll())
        }
    }

    private mutating func begin(
        _ kind: RowsEvent.Kind, _ large: LargeEvent, _ receiver: any LargeValueReceiver
    ) throws -> BinlogEvent? {
        let type = large.reader.header.type
        try large.reader.check(checksum)
        large.rows = try LargeRows(
            large.reader, kind: kind, layout: RowsEvent.Layout(of: type),
            tableIDBytes: format?.tableIDByteCount(for: type) ?? 6,
            heldBytesMax: large.heldBytesMax
        ) { id, offset in try table(id, of: type, at: offset) }
        return try nextRows(large, receiver)
    }

    private mutating func nextRows(
        _ large: LargeEvent, _ receiver: any LargeValueReceiver
    ) throws -> BinlogEvent? {
        guard let part = try large.rows?.next(receiver) else {
            large.isOver = true
            if large.rows?.isStatementEnd == true { tableMaps.endStatement() }
            return nil
        }
        return BinlogEvent(header: large.reader.header, body: .rows(part))
    }

    private func statement(_ large: LargeEvent) throws -> RowsQueryEvent {
        let reader = large.reader
        try reader.check(checksum)
        if reader.header.type == .rowsQuery { try reader.take(1) { _ in } }
        let byteCount = reader.remaining
        var beginning: [UInt8] = []
        try reader.take(
            min(byteCount, LargeEvent.statementBytesMax), appendingTo: &beginning)
        try reader.take(reader.remaining) { _ in }
        try reader.finish()
        return RowsQueryEvent(beginning: beginning, of: byteCount)
    }
}
