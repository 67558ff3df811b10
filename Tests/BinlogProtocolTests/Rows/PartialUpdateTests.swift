import BinlogProtocol
import TestSupport
import Testing

@Suite("Partial updates of JSON documents (PARTIAL_UPDATE_ROWS)")
struct PartialUpdateTests {
    /// The rows of table `seen` after each update, by the row's id, beside the after images of the updates.
    @Test("DT6: every document is what SELECT printed after its update, as MySQL 9.7 logged it")
    func selected() throws {
        let events = try FixtureEvents.rows(ofFile: "partial.binlog")
        var documents: [ColumnValue: [ColumnValue?]] = [:]
        var compared = 0
        for event in events {
            for change in try event.rows {
                let row = try #require(change.after)
                // The last images hold no key: nothing was selected after them.
                guard let id = row[0] else { continue }
                if event.table.table == "docs" {
                    documents[id] = [row[2], row[3], row[4]]
                } else {
                    let expected = (1...3).map { column in
                        row[column].map { value -> ColumnValue in
                            if case .string(let text) = value { .json(text) } else { value }
                        }
                    }
                    #expect(documents[id] == expected)
                    compared += 1
                }
            }
        }
        #expect(events.filter(\.isPartial).count == 31)
        #expect(compared == 53)
    }

    @Test("DT6: without the old document the differences are there, all of them")
    func differences() throws {
        let events = try FixtureEvents.rows(ofFile: "partial.binlog").filter(\.isPartial).suffix(3)
        let rows = try events.flatMap { try $0.rows }
        try #require(rows.count == 3)
        let minimal = try #require(rows[0].after)
        #expect(
            minimal[2]
                == .jsonDifferences([
                    JSONDiff(operation: .replace, path: "$[0]", value: "\"minimal\""),
                    JSONDiff(operation: .replace, path: "$[1]", value: "{\"m\": 1}"),
                ]))
        #expect(minimal[1] == .string("m"))
        #expect(minimal[4] == nil, "a removal of nothing is no change")
        #expect(rows[1].after?[4] == .json("1.50"), "a whole document is no difference")
        #expect(
            rows[2].after?[2] == .json(#"[0, ["wrapped"], "before last", "end"]"#),
            "NOBLOB keeps old documents that the new ones are made of")
    }

    // MARK: By hand

    /// `id INT, doc JSON, other JSON`.
    private static let table = TableMapBytes(
        columns: [(3, []), (245, [4]), (245, [4])],
        optional: [(1, [0]), TableMapBytes.names(["id", "doc", "other"])])

    private static func lengthEncoded(_ bytes: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.writeLengthEncoded(bytes)
        return writer.bytes
    }

    private static func difference(
        _ operation: UInt8, _ path: String, _ value: [UInt8]? = nil
    ) -> [UInt8] {
        [operation] + lengthEncoded(Array(path.utf8)) + (value.map(lengthEncoded) ?? [])
    }

    private static func json(_ document: [UInt8]) -> [UInt8] {
        JSONBytes.u32(UInt32(document.count)) + document
    }

    /// The body of an event with one row whose `doc` was `document`.
    private static func body(
        _ document: [UInt8], _ differences: [[UInt8]], options: [UInt8] = [1, 1]
    ) -> [UInt8] {
        let before = [0b100] + [1, 0, 0, 0] + json(document)
        let after = options + [0b100] + [1, 0, 0, 0] + json(differences.flatMap { $0 })
        var writer = ByteWriter()
        writer.write(table.tableID, bytes: 6)
        writer.write(UInt16(1))
        writer.write(UInt16(2))
        writer.write([3, 0xff, 0xff])
        writer.write(before + after)
        return writer.bytes
    }

    private static func decode(_ reader: inout ByteReader) throws(DecodingError) -> ColumnValue? {
        let map = try table.table()
        _ = try RowsEvent.readTableID(from: &reader, tableIDBytes: 6)
        let event = try RowsEvent(from: &reader, kind: .update, table: map, layout: .partial)
        let rows = try event.rows
        guard let row = rows.first, rows.count == 1 else {
            throw DecodingError(.invalid("number of rows"), at: 0)
        }
        return row.after?[1]
    }

    private func result(_ document: [UInt8], _ differences: [[UInt8]]) throws -> ColumnValue? {
        var reader = ByteReader(Self.body(document, differences))
        return try Self.decode(&reader)
    }

    // {"a": 1, "list": [1, "two"]}
    private static let document = hexBytes(
        """
        00 0200 2500 1200 0100 1300 0400 05 0100 02 1700 61 6c697374 \
        0200 0e00 05 0100 0c 0a00 03 74776f
        """)
    private static let five: [UInt8] = [5, 5, 0]

    @Test("an event by hand: every prefix, a trailing byte, seeded corruption")
    func hostile() {
        verifyDecoder(
            Self.body(
                Self.document,
                [
                    Self.difference(0, "$.a", Self.five),
                    Self.difference(1, "$.list[last]", Self.five), Self.difference(2, "$.list[0]"),
                ]), equals: .json(#"{"a": 5, "list": [5, "two"]}"#)
        ) { reader throws(DecodingError) in try Self.decode(&reader) }
    }

    @Test(
        "paths and operations",
        arguments: [
            (0, "$", #"5"#), (0, "$.list[1]", #"{"a": 1, "list": [1, 5]}"#),
            (0, "$.list[last-1]", #"{"a": 1, "list": [5, "two"]}"#),
            (0, "$.a[0]", #"{"a": 5, "list": [1, "two"]}"#),
            (0, "$.a[last][0]", #"{"a": 5, "list": [1, "two"]}"#),
            (1, "$.b", #"{"a": 1, "b": 5, "list": [1, "two"]}"#),
            (1, #"$."z\"\\\u0001\t""#, #"{"a": 1, "list": [1, "two"], "z\"\\\u0001\t": 5}"#),
            (1, "$.list[9]", #"{"a": 1, "list": [1, "two", 5]}"#),
            (1, "$.list[last-9]", #"{"a": 1, "list": [5, 1, "two"]}"#),
            (2, "$.list[last]", #"{"a": 1, "list": [1]}"#), (2, "$.a", #"{"list": [1, "two"]}"#),
        ] as [(UInt8, String, String)])
    func operations(_ operation: UInt8, _ path: String, _ expected: String) throws {
        let value = operation == 2 ? nil : Self.five
        #expect(
            try result(Self.document, [Self.difference(operation, path, value)])
                == .json(expected))
    }

    @Test(
        "differences that do not fit the document, or are none",
        arguments: [
            (0, "$.b"), (0, "$.list[2]"), (0, "$.a.b"), (1, "$.a"), (1, "$"), (1, "$.a[0]"),
            (1, "$[0]"), (2, "$"), (2, "$.b"), (2, "$.list[2]"), (2, "$.list[last-2]"),
            (3, "$.a"), (0, ""), (0, "a"), (0, "$.*"), (0, "$**.a"), (0, "$[*]"), (0, "$."),
            (0, "$.list["), (0, "$.list[lost]"), (0, "$.list[]"), (0, "$.list[4294967296]"),
            (0, #"$."a"#), (0, #"$."\"#), (0, #"$."\u00g0""#), (0, #"$."\ud800""#), (0, "$ "),
            (0, "$.list[last-]"), (0, "$.list[0"), (0, #"$.a"b""#),
        ] as [(UInt8, String)])
    func misfits(_ operation: UInt8, _ path: String) {
        let value = operation == 2 ? nil : Self.five
        #expect(throws: DecodingError.self) {
            try result(Self.document, [Self.difference(operation, path, value)])
        }
    }

    @Test("options that are not known, and a difference to a document that is NULL, stop")
    func options() {
        var unknown = ByteReader(Self.body(Self.document, [], options: [2]))
        #expect(throws: DecodingError.self) { try Self.decode(&unknown) }
        var body = Self.body(Self.document, [Self.difference(2, "$.a")])
        // The before image: doc is NULL.
        let start = 6 + 2 + 2 + 3
        body.replaceSubrange(
            start..<(start + 5 + 4 + Self.document.count), with: [0b110, 1, 0, 0, 0])
        var reader = ByteReader(body)
        #expect(throws: DecodingError(.invalid("JSON difference to NULL"), at: 29)) {
            try Self.decode(&reader)
        }
    }

    @Test("no difference is no change, and the document is the one before")
    func none() throws {
        #expect(try result(Self.document, []) == .json(#"{"a": 1, "list": [1, "two"]}"#))
    }

    @Test("differences that would take far more time than their bytes are worth stay differences")
    func slow() throws {
        let count = 4000
        let entries = Array(
            repeating: (type: UInt8(0x04), value: [0, 0, 0, 0] as [UInt8]), count: count)
        let array = [0x03] + JSONBytes.largeArray(entries)
        let front = Self.difference(1, "$[0]", Self.five)
        guard case .json(let text) = try result(array, Array(repeating: front, count: 100)) else {
            Issue.record("not put together")
            return
        }
        #expect(text.hasPrefix("[5, 5, 5"))
        guard
            case .jsonDifferences(let differences) = try result(
                array, Array(repeating: front, count: 5000))
        else {
            Issue.record("put together")
            return
        }
        #expect(differences.count == 5000)
    }

    @Test("documents that differences nest deeper and deeper are refused, without recursion")
    func nesting() throws {
        let deep = JSONBytes.nested(depth: 90)
        var path = "$"
        var differences: [[UInt8]] = []
        for _ in 0..<200 {
            path += String(repeating: "[0]", count: 89)
            differences.append(Self.difference(1, path + "[0]", deep))
        }
        #expect(throws: DecodingError(.invalid("depth of a JSON document"), at: 0)) {
            try result(deep, differences)
        }
    }
}
