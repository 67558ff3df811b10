/// Takes the rows of an event that is too large to be held: some rows at a time, and large values apart.
struct LargeRows {
    /// Bytes of images after which a part ends.
    private static let partBytesMax = 4 << 20
    /// What stands before the images: extra row information of 64 KiB, and two bitmaps of 512 bytes.
    private static let headBytesMax = 128 << 10

    private let reader: LargeEventReader
    private let event: RowsEvent
    /// Which columns may hold large values.
    private let mayBeLarge: [Bool]
    private let heldBytesMax: Int
    private var rowCount = 0

    /// Reads up to the images.
    init(
        _ reader: LargeEventReader, kind: RowsEvent.Kind, layout: RowsEvent.Layout,
        tableIDBytes: Int, heldBytesMax: Int, table: (UInt64, Int) throws -> TableMap
    ) throws {
        self.heldBytesMax = heldBytesMax
        let head = try reader.headerBytes + reader.peek(Self.headBytesMax)
        var bytes = ByteReader(head, in: EventHeader.byteCount..<head.count)
        let at = bytes.offset
        let id = try RowsEvent.readTableID(from: &bytes, tableIDBytes: tableIDBytes)
        let table = try table(id, at)
        event = try RowsEvent(from: &bytes, kind: kind, table: table, layout: layout)
        try reader.take(event.rowsRange.lowerBound - EventHeader.byteCount) { _ in }
        self.reader = reader
        mayBeLarge = table.columns.map { column in
            switch column.type {
            case .blob, .text: true
            default: false
            }
        }
    }

    var isStatementEnd: Bool { event.isStatementEnd }

    /// The next rows, at least one; nil behind the last.
    ///
    /// - Throws: ``DecodingError``, and what the source and the receiver throw.
    mutating func next(_ receiver: any LargeValueReceiver) throws -> RowsEvent? {
        if reader.remaining == 0, rowCount > 0 { return nil }
        var rows: [UInt8] = []
        var large: [LargeValue] = []
        var partRow = 0
        while reader.remaining > 0, rows.count < Self.partBytesMax {
            let start = reader.offset
            if event.kind != .insert {
                try take(
                    event.beforeColumns, isAfter: false, partRow, to: &rows, &large, receiver)
            }
            if event.kind != .delete {
                try take(event.afterColumns, isAfter: true, partRow, to: &rows, &large, receiver)
            }
            guard reader.offset > start else {
                throw DecodingError(.trailingBytes(count: reader.remaining), at: start)
            }
            rowCount += 1
            partRow += 1
        }
        let isLast = reader.remaining == 0
        if isLast { try reader.finish() }
        // An event without images is over, too.
        rowCount = max(rowCount, 1)
        return event.part(rows, large, isLast: isLast)
    }

    private func take(
        _ columns: [Int], isAfter: Bool, _ partRow: Int, to rows: inout [UInt8],
        _ large: inout [LargeValue], _ receiver: any LargeValueReceiver
    ) throws {
        let nulls = rows.count
        try reader.take((columns.count + 7) / 8, appendingTo: &rows)
        for (ordinal, column) in columns.enumerated() {
            if rows[nulls + ordinal >> 3] & (1 << UInt8(truncatingIfNeeded: ordinal & 7)) != 0 {
                continue
            }
            switch event.table.storages[column] {
            case .fixed(let size): try reader.take(Int(size), appendingTo: &rows)
            case .prefixed(let size):
                let at = rows.count
                try reader.take(Int(size), appendingTo: &rows)
                var count = 0
                for index in 0..<Int(size) { count |= Int(rows[at + index]) << (8 * index) }
                guard count > heldBytesMax, mayBeLarge[column] else {
                    try reader.take(count, appendingTo: &rows)
                    continue
                }
                for index in 0..<Int(size) { rows[at + index] = 0 }
                let digest = try receive(count, column, isAfter: isAfter, partRow, receiver)
                large.append(
                    LargeValue(
                        row: partRow, isAfter: isAfter, column: column, byteCount: count,
                        digest: digest))
            case .undecodable:
                throw DecodingError(
                    .unsupported(
                        event.table.columns[column].refusal
                            ?? "type of column \(event.table.columns[column].name)"),
                    at: reader.offset)
            }
        }
    }

    private func receive(
        _ count: Int, _ column: Int, isAfter: Bool, _ partRow: Int,
        _ receiver: any LargeValueReceiver
    ) throws -> [UInt8] {
        guard count <= reader.remaining else {
            throw DecodingError(
                .truncated(needed: count, available: reader.remaining), at: reader.offset)
        }
        try receiver.begin(
            table: event.table, row: partRow, isAfter: isAfter, column: column, byteCount: count)
        try reader.take(count) { try receiver.append($0) }
        return try receiver.end()
    }
}
