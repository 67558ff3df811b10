import BinlogProtocol
import TestSupport
import Testing

@Suite("Events that are too large to be held")
struct LargeEventTests {
    /// INT, LONGBLOB, TEXT, VARCHAR(80), JSON.
    private static let map = TableMapBytes(
        columns: [(3, []), (252, [4]), (252, [2]), (15, [0x40, 1]), (245, [4])],
        nullable: [0b11110],
        optional: [
            (3, [63, 45, 45]), TableMapBytes.names(["id", "body", "note", "name", "doc"]),
        ])

    private struct Row {
        var id: UInt8
        var body: [UInt8]?
        var note: [UInt8]?
        var name: [UInt8]? = Array("a name of some length".utf8)

        var image: [UInt8] {
            var nulls: UInt8 = 0b10000
            var writer = ByteWriter()
            writer.write([id, 0, 0, 0])
            for (bit, (value, lengthBytes)) in [(body, 4), (note, 2), (name, 2)].enumerated() {
                guard let value else {
                    nulls |= 2 << UInt8(bit)
                    continue
                }
                writer.write(UInt64(value.count), bytes: lengthBytes)
                writer.write(value)
            }
            return [nulls] + writer.bytes
        }
    }

    private static let rows = [
        Row(id: 1, body: Array(repeating: 7, count: 1000), note: Array("short".utf8)),
        Row(id: 2, body: nil, note: Array(repeating: 65, count: 40)),
        Row(id: 3, body: Array(1...33), note: nil, name: nil),
        Row(id: 4, body: [], note: Array(repeating: 66, count: 32)),
    ]

    private static var start: [[UInt8]] {
        get throws {
            [
                EventBuilder.gtid(
                    try #require(ServerUUID("3e11fa47-71ca-11e1-9e33-c80aa9429562")), 1),
                EventBuilder.query("BEGIN"), EventBuilder.event(19, map.encoded.bytes),
            ]
        }
    }

    /// A stream before the rows of its transaction.
    private static func stream() throws -> ChangeStream {
        var stream = ChangeStream(checksum: .crc32)
        for event in try start {
            stream.feed(event)
            while try stream.next() != nil {}
        }
        return stream
    }

    /// An event of these rows; those of an UPDATE come in pairs.
    private static func event(_ type: UInt8, _ rows: [Row]) -> [UInt8] {
        var body = map.rows([])
        // An UPDATE has the bitmap twice.
        if type == 31 { body.append(0xff) }
        for row in rows { body += row.image }
        return EventBuilder.event(type, body)
    }

    /// One line for each cell of each row: its bytes, `null`, `-`, or `*` and the number of bytes elsewhere.
    private static func cells(_ event: RowsEvent, held: Int? = nil) throws -> [String] {
        var lines: [String] = []
        var cursor = RowCursor(event)
        while try cursor.next() {
            for (image, side) in [(cursor.before, "f"), (cursor.after, "t")] {
                for (column, cell) in image.enumerated() {
                    let text: String
                    if let index = cell.movedIndex {
                        text = "*\(event.largeValues[index].byteCount)"
                    } else if cell.isAbsent || cell.isNull {
                        text = cell.isNull ? "null" : "-"
                    } else if let held, [1, 2].contains(column), cell.count > held {
                        text = "*\(cell.count)"
                    } else {
                        text = "\(Array(cursor.storage[cell.range]))"
                    }
                    lines.append("\(side)\(column) \(text)")
                }
            }
        }
        return lines
    }

    @Test(
        "Its rows are those of the whole event, without the large values, which come apart",
        arguments: [1, 7, 4096], [30, 31, 32])
    func rows(pieceBytesMax: Int, type: UInt8) throws {
        let bytes = Self.event(type, Self.rows)
        var decoder = try Self.stream()
        decoder.feed(bytes)
        guard case .rows(let whole)? = try decoder.next() else {
            Issue.record("no rows")
            return
        }
        var stream = try Self.stream()
        let values = CollectedValues()
        var parts: [RowsEvent] = []
        try LargeEventBytes(bytes, pieceBytesMax: pieceBytesMax, heldBytesMax: 32)
            .read(by: &stream, values) { change in
                if case .rows(let rows) = change { parts.append(rows.event) }
            }
        #expect(parts.count == 1)
        #expect(parts.first?.isStatementEnd == true)
        #expect(try parts.flatMap { try Self.cells($0) } == Self.cells(whole.event, held: 32))
        #expect(
            values.values.map(\.bytes) == [
                Array(repeating: 7, count: 1000), Array(repeating: 65, count: 40), Array(1...33),
            ])
        let isUpdate = type == 31
        #expect(values.values.map(\.row) == (isUpdate ? [0, 0, 1] : [0, 1, 2]))
        #expect(values.values.map(\.column) == [1, 2, 1])
        #expect(
            values.values.map(\.isAfter)
                == (isUpdate ? [false, true, false] : Array(repeating: type == 30, count: 3)))
        // Ids mean nothing behind the end of the statement.
        stream.feed(bytes)
        #expect(throws: BinlogProtocol.DecodingError.self) { try stream.next() }
    }

    @Test("Values are compared by what the receiver gave for them")
    func sameValues() throws {
        let old = Row(
            id: 1, body: Array(repeating: 9, count: 50), note: Array(repeating: 65, count: 50))
        var new = old
        new.note = Array(repeating: 66, count: 50)
        var stream = try Self.stream()
        let bytes = Self.event(31, [old, new])
        try LargeEventBytes(bytes, pieceBytesMax: 9, heldBytesMax: 10)
            .read(by: &stream, CollectedValues()) { change in
                guard case .rows(let rows) = change else { return }
                var cursor = RowCursor(rows.event)
                let hasRow = try cursor.next()
                #expect(hasRow)
                let same = (0..<5).map { cursor.isSame(cursor.before[$0], cursor.after[$0]) }
                #expect(same == [true, true, false, true, true])
                let hasMore = try cursor.next()
                #expect(!hasMore)
            }
    }

    @Test("Many rows come in parts; only the last ends the statement")
    func parts() throws {
        let name = Array(repeating: UInt8(77), count: 60_000)
        let rows = (0..<200).map {
            Row(id: UInt8($0), body: name, note: Array(repeating: 65, count: 100))
        }
        let bytes = Self.event(30, rows)
        var stream = try Self.stream()
        var parts: [RowsEvent] = []
        let values = CollectedValues()
        try LargeEventBytes(bytes, pieceBytesMax: 100_000, heldBytesMax: 60_000)
            .read(by: &stream, values) { change in
                if case .rows(let rows) = change { parts.append(rows.event) }
            }
        #expect(parts.count == 3)
        #expect(parts.map(\.isStatementEnd) == [false, false, true])
        var ids: [UInt8] = []
        for part in parts {
            #expect(part.storage.count < 5 << 20)
            var cursor = RowCursor(part)
            while try cursor.next() { ids.append(cursor.storage[cursor.after[0].start]) }
        }
        #expect(ids == Array(0..<200))
        #expect(values.values.isEmpty)
    }

    @Test("Of the text of a statement only the beginning is kept")
    func statement() throws {
        let sql = [UInt8](repeating: 0x53, count: 300_000)
        for (type, body) in [(UInt8(29), [9] + sql), (160, sql)] {
            var stream = try Self.stream()
            try LargeEventBytes(
                EventBuilder.event(type, body), pieceBytesMax: 5000, heldBytesMax: 10
            ).read(by: &stream, CollectedValues()) { _ in }
            stream.feed(Self.event(30, [Self.rows[1]]))
            guard case .rows(let rows)? = try stream.next() else {
                Issue.record("no rows")
                return
            }
            #expect(rows.query?.statementByteCount == sql.count)
            #expect(rows.query?.statement == Array(sql.prefix(64 << 10)))
        }
    }

    @Test("Any other event is put together")
    func otherEvents() throws {
        var stream = try Self.stream()
        var ends: [TransactionEnd] = []
        try LargeEventBytes(EventBuilder.xid(4711), pieceBytesMax: 3, heldBytesMax: 10)
            .read(by: &stream, CollectedValues()) { change in
                if case .end(let end) = change { ends.append(end) }
            }
        #expect(ends == [.committed(xid: 4711)])
    }

    private static func error(_ bytes: [UInt8], pieceBytesMax: Int) -> BinlogProtocol.DecodingError?
    {
        do {
            var stream = try stream()
            try LargeEventBytes(bytes, pieceBytesMax: pieceBytesMax, heldBytesMax: 32)
                .read(by: &stream, CollectedValues()) { change in
                    guard case .rows(let rows) = change else { return }
                    _ = try Self.cells(rows.event)
                }
            return nil
        } catch {
            return error as? BinlogProtocol.DecodingError
        }
    }

    @Test("A prefix, a byte too many and any damaged byte are errors", arguments: [30, 31, 29])
    func damaged(type: UInt8) throws {
        let good =
            type == 29
            ? EventBuilder.event(29, [9] + Array(repeating: 65, count: 100))
            : Self.event(type, Self.rows)
        #expect(Self.error(good, pieceBytesMax: 50) == nil)
        for count in good.indices {
            #expect(Self.error(Array(good[..<count]), pieceBytesMax: 50) != nil, "\(count) bytes")
        }
        #expect(
            Self.error(good + [0], pieceBytesMax: 50)
                == DecodingError(.invalid("event size"), at: 9))
        for index in good.indices {
            var bad = good
            bad[index] ^= 1 << UInt8(index % 8)
            #expect(Self.error(bad, pieceBytesMax: 64) != nil, "byte \(index)")
        }
    }

    @Test("An event with its checksum made anew after damage decodes or is an error")
    func resealed() throws {
        let good = Self.event(31, Self.rows)
        var generator = SeededGenerator(seed: decoderSeed)
        for _ in 0..<2000 {
            var bad = good
            let index = Int.random(in: 19..<(good.count - 4), using: &generator)
            bad[index] = UInt8.random(in: .min ... .max, using: &generator)
            _ = Self.error(EventBuilder.sealed(bad), pieceBytesMax: 100)
        }
    }
}
