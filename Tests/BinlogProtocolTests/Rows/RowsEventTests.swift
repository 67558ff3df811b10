import BinlogProtocol
import TestSupport
import Testing

@Suite("Rows events")
struct RowsEventTests {
    /// CREATE TABLE t (id INT UNSIGNED NOT NULL, name VARCHAR(80), amount DECIMAL(10,2)).
    private static func table() throws(DecodingError) -> TableMap {
        try TableMapBytes(
            columns: [(3, []), (15, [0x40, 1]), (246, [10, 2])], nullable: [0b110],
            optional: [(1, [0b1000_0000]), (2, [45])]
        ).table()
    }

    private static let first = hexBytes("00 01000000 0200 6162 80000007 0a")
    private static let second = hexBytes("06 ffffffff")

    private func decode(
        _ reader: inout ByteReader, _ kind: RowsEvent.Kind, hasExtraRowInfo: Bool = true
    ) throws(DecodingError) -> [RowChange] {
        try RowsEvent(
            from: &reader, kind: kind, table: try Self.table(),
            layout: hasExtraRowInfo ? .version2 : .version1
        ).rows
    }

    private func row(_ id: UInt64, _ name: ColumnValue, _ amount: ColumnValue) -> [ColumnValue?] {
        [.unsignedInteger(id), name, amount]
    }

    private func values(_ row: Row?) -> [ColumnValue?]? {
        row.map { row in (0..<row.columnCount).map { row[$0] } }
    }

    // INSERT INTO t VALUES (1, 'ab', 7.10), (4294967295, NULL, NULL)
    @Test("MX5: an insert of two rows, cut at every byte", arguments: [true, false])
    func insert(hasExtraRowInfo: Bool) {
        let header =
            hexBytes("0100") + (hasExtraRowInfo ? hexBytes("0200") : []) + hexBytes("03 07")
        let expected = [
            row(1, .string("ab"), .decimal("7.10")), row(4_294_967_295, .null, .null),
        ]
        verifyDecoder(
            header + Self.first + Self.second, equals: expected,
            validPrefixes: [header.count, header.count + Self.first.count]
        ) { (reader: inout ByteReader) throws(DecodingError) in
            try decode(&reader, .insert, hasExtraRowInfo: hasExtraRowInfo).map { change in
                #expect(change.before == nil)
                return values(change.after) ?? []
            }
        }
    }

    // UPDATE t SET name = NULL, amount = NULL, id = 4294967295
    @Test("An update has both images, each with its own columns")
    func update() {
        let bytes =
            hexBytes("0000 0200 03 01 06") + hexBytes("00 01000000") + hexBytes("03")
            + hexBytes("00 02000000") + hexBytes("02 0100 78")
        verifyDecoder(
            bytes,
            equals: [
                [.unsignedInteger(1), nil, nil], [nil, .null, .null],
                [.unsignedInteger(2), nil, nil], [nil, .string("x"), .null],
            ], validPrefixes: [7, 13]
        ) { (reader: inout ByteReader) throws(DecodingError) in
            try decode(&reader, .update).flatMap {
                [values($0.before) ?? [], values($0.after) ?? []]
            }
        }
    }

    @Test("A delete has the before image only; flags and extra info")
    func delete() throws {
        let bytes =
            hexBytes("0900 0900") + hexBytes("0003ffab 010200")
            + hexBytes("03 ff 00 05000000 0000 80000000 00")
        var reader = ByteReader(bytes)
        let event = try RowsEvent(from: &reader, kind: .delete, table: try Self.table())
        #expect(event.isStatementEnd)
        #expect(event.partition == 2)
        #expect(event.sourcePartition == nil)
        let change = try #require(try event.rows.first)
        #expect(change.after == nil)
        #expect(values(change.before) == row(5, .string(""), .decimal("0.00")))
    }

    @Test(
        "GM3: more or fewer columns than the table map", arguments: ["02 03", "04 0f", "fc0001 00"])
    func otherColumnCount(columns: String) {
        var reader = ByteReader(hexBytes("0000 0200") + hexBytes(columns))
        let error = #expect(throws: DecodingError.self) { try decode(&reader, .insert) }
        #expect(
            error
                == DecodingError(
                    .invalid("number of columns, which differs from the table map's"), at: 4))
    }

    @Test(
        "RS3: lengths that lead out of the event",
        arguments: [
            ("0000 0100", DecodingError(.invalid("length of the extra row info"), at: 2)),
            ("0000 ffff 00", DecodingError(.truncated(needed: 65533, available: 1), at: 4)),
            ("0000 0400 0000", DecodingError(.invalid("length of the NDB row info"), at: 5)),
            ("0000 0400 0005", DecodingError(.truncated(needed: 4, available: 0), at: 6)),
            (
                "0000 0200 03 07 00 01000000 ffff",
                DecodingError(.truncated(needed: 65535, available: 0), at: 13)
            ),
            (
                "0000 0200 03 07 00 01000000 ff",
                DecodingError(.truncated(needed: 2, available: 1), at: 11)
            ),
            ("0000 0200 03 07 00 0100", DecodingError(.truncated(needed: 4, available: 2), at: 7)),
            ("0000 0200 03 00 55", DecodingError(.trailingBytes(count: 1), at: 6)),
        ])
    func lengths(bytes: String, error: DecodingError) {
        var reader = ByteReader(hexBytes(bytes))
        #expect(throws: error) { try decode(&reader, .insert) }
    }

    @Test("The NULL bitmap covers the columns carried only", arguments: [1, 8, 9, 16, 17])
    func nullBitmap(carried: Int) throws {
        let table = try TableMapBytes(
            columns: Array(repeating: (type: UInt8(1), metadata: [UInt8]()), count: 20),
            optional: [(1, [0, 0, 0])]
        ).table()
        // Every other column NULL; the columns carried are the last ones.
        let nulls = (0..<carried).map { $0 % 2 == 1 }
        var bitmap = [UInt8](repeating: 0, count: 3)
        for column in (20 - carried)..<20 { bitmap[column / 8] |= 1 << UInt8(column % 8) }
        // MySQL sets the bits that fill the last byte.
        var image = [UInt8](repeating: 0xff, count: (carried + 7) / 8)
        for (index, isNull) in nulls.enumerated() where !isNull {
            image[index / 8] &= ~(1 << UInt8(index % 8))
        }
        let values = nulls.indices.filter { !nulls[$0] }.map { UInt8($0) }
        var reader = ByteReader(hexBytes("0000 0200 14") + bitmap + image + values)
        let event = try RowsEvent(from: &reader, kind: .delete, table: table)
        let row = try #require(try event.rows.first?.before)
        for column in 0..<20 {
            let index = column - (20 - carried)
            let expected: ColumnValue? =
                index < 0 ? nil : nulls[index] ? .null : .integer(Int64(index))
            #expect(row[column] == expected)
        }
    }

    @Test("A value whose length is not known stops; NULL in its place does not")
    func undecodable() throws {
        let table = try TableMapBytes(columns: [(20, [15, 4, 0, 0])], nullable: [1]).table()
        var reader = ByteReader(hexBytes("0000 0200 01 01 01 00 0001"))
        let event = try RowsEvent(from: &reader, kind: .insert, table: table)
        var cursor = RowCursor(event)
        #expect(try cursor.next())
        #expect(cursor.after == [.null])
        #expect(throws: DecodingError(.unsupported("type 20 of column @1"), at: 8)) {
            try cursor.next()
        }
    }

    @Test("Equal cells are found by their bytes")
    func sameValue() {
        let bytes = Array("abcdefghij--abcdefghij--abcdefghiX".utf8)
        let first = CellRange(start: 0, count: 10)
        #expect(CellRange.sameValue(first, CellRange(start: 12, count: 10), in: bytes))
        #expect(!CellRange.sameValue(first, CellRange(start: 24, count: 10), in: bytes))
        #expect(!CellRange.sameValue(first, CellRange(start: 12, count: 9), in: bytes))
        #expect(
            CellRange.sameValue(
                CellRange(start: 0, count: 9), CellRange(start: 24, count: 9), in: bytes))
        #expect(CellRange.sameValue(.null, .null, in: bytes))
        #expect(!CellRange.sameValue(.null, .absent, in: bytes))
        #expect(!CellRange.sameValue(.null, CellRange(start: 0, count: 0), in: bytes))
    }

    @Test("rows of two bytes in a table of thousands of columns take the room of one value each")
    func sparseRows() throws {
        let count = 4096
        let tiny: (UInt8, [UInt8]) = (1, [])
        let table = try TableMapBytes(columns: Array(repeating: tiny, count: count)).table()
        var bitmap = [UInt8](repeating: 0, count: count / 8)
        bitmap[count / 8 - 1] = 0x80
        let rowCount = 20_000
        let row: [UInt8] = [0, 7]
        let rows = (0..<rowCount).flatMap { _ in row }
        let body: [UInt8] = hexBytes("0100 fc 0010") + bitmap + rows
        var reader = ByteReader(body)
        let decoded = try RowsEvent(
            from: &reader, kind: .insert, table: table, layout: .version1
        ).rows
        #expect(decoded.count == rowCount)
        #expect(decoded.allSatisfy { $0.after?.columnCount == count && $0.after?[0] == nil })
        #expect(decoded.last?.after?[count - 1] == .integer(7))
    }
}
