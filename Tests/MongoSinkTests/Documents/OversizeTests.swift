import BinlogProtocol
import TestSupport
import Testing

@testable import MongoSink

@Suite("[T52 F18] Changes whose document would pass 16 MB")
struct OversizeTests {
    /// INT, LONGBLOB, LONGTEXT in latin1, LONGBLOB, JSON.
    private static let map = TableMapBytes(
        columns: [(3, []), (252, [4]), (252, [4]), (252, [4]), (245, [4])],
        nullable: [0b11110],
        optional: [
            (3, [63, 8, 63]), TableMapBytes.names(["id", "body", "note", "other", "doc"]),
            (8, [0]),
        ])

    struct Row: Sendable {
        var body: [UInt8] = []
        var note: [UInt8] = []
        var other: [UInt8] = []
        var doc: [UInt8] = [4, 0]

        var image: [UInt8] {
            var writer = ByteWriter()
            writer.write([0, 5, 0, 0, 0])
            for value in [body, note, other, doc] {
                writer.write(UInt32(value.count))
                writer.write(value)
            }
            return writer.bytes
        }
    }

    static func bytes(_ mebibytes: Int, _ more: Int = 0, of byte: UInt8 = 7) -> [UInt8] {
        [UInt8](repeating: byte, count: (mebibytes << 20) + more)
    }

    /// What became of one change: its document, and the values outside of it.
    private struct Change {
        var document: BSONDocument
        var values: [String: [UInt8]]
        var unused: [String]

        /// The paths of what stands outside, with the number of bytes.
        func outside() throws -> [String] {
            var found: [String] = []
            for path in [["chg"], ["before"], ["after"]] {
                guard let fields = try document.element(path[...])?.document else { continue }
                var cursor = fields.elements()
                while let field = try cursor.next() {
                    for side in ["f", "t"] {
                        let reference = try field.document?.element(side, "$oversize")?.document
                        guard let reference else { continue }
                        let bytes = try reference.integer("bytes") ?? -1
                        found.append("\(path[0]).\(field.name).\(side) \(bytes)")
                    }
                    if let reference = try field.document?.element("$oversize")?.document {
                        found.append(
                            "\(path[0]).\(field.name) \(try reference.integer("bytes") ?? -1)")
                    }
                }
            }
            return found
        }
    }

    private static func log(_ type: UInt8, _ rows: [Row]) throws -> [[UInt8]] {
        var body = map.rows([])
        if type == 31 { body.append(0xff) }
        for row in rows { body += row.image }
        return [
            EventBuilder.gtid(try EncodedLog.uuid(), 1), EventBuilder.query("BEGIN"),
            EventBuilder.event(19, map.encoded.bytes), EventBuilder.event(type, body),
            EventBuilder.xid(7),
        ]
    }

    /// The first change of the log, its row read as a whole or in pieces.
    private static func change(
        _ log: [[UInt8]], _ options: DocumentOptions = DocumentOptions(), inPieces: Bool = false
    ) throws -> Change {
        var stream = ChangeStream(checksum: .crc32)
        var encoder = TransactionEncoder(options: options, bytesMax: .max, documentsMax: .max)
        let receiver = HashedValues()
        var values: [String: [UInt8]] = [:]
        var documents: EncodedDocuments?
        func take(_ change: BinlogProtocol.Change) throws {
            switch change {
            case .begin(let start): encoder.begin(start)
            case .rows(let rows):
                encoder.append(rows)
                let isDone = try encoder.encodeRows()
                #expect(isDone)
            case .statement(let statement): try encoder.append(statement)
            case .end: documents = try encoder.end(xid: 7)
            default: break
            }
            for value in encoder.takeMovedValues() {
                values[value.blob] = Array(value.storage[value.range])
            }
        }
        for event in log {
            if inPieces, event[4] >= 30 {
                try LargeEventBytes(
                    event, pieceBytesMax: 300_000, heldBytesMax: LargeValue.heldBytesMax
                ).read(by: &stream, receiver, take)
                continue
            }
            stream.feed(event)
            while let change = try stream.next() { try take(change) }
        }
        for value in receiver.values {
            let side = value.isAfter ? "t" : "f"
            values["\(try EncodedLog.uuid()):1/1/\(side)/\(value.column + 1)"] = value.bytes
        }
        let whole = try #require(documents)
        let document = try BSONDocument(Array(whole[0]))
        try document.validate()
        #expect(document.range.count <= BSONLimits.changeBytesMax)
        let unused = encoder.unusedBlobs
        for blob in unused { values[blob] = nil }
        return Change(document: document, values: values, unused: unused)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let type: UInt8
        let rows: @Sendable () -> [Row]
        var fullImages = false
        let outside: [String]
    }

    static let cases: [Case] = [
        Case(
            testDescription: "one that no document could hold", type: 30,
            rows: { [Row(body: bytes(17))] }, outside: ["chg.body.t 17825792"]),
        Case(
            testDescription: "one that just fits", type: 30,
            rows: { [Row(body: bytes(15, 1 << 19))] }, outside: []),
        Case(
            testDescription: "the largest only", type: 30,
            rows: { [Row(body: bytes(8), other: bytes(9))] }, outside: ["chg.other.t 9437184"]),
        Case(
            testDescription: "text that grows in UTF-8", type: 30,
            rows: { [Row(body: bytes(1), note: bytes(9, of: 0xe9))] },
            outside: ["chg.note.t 9437184"]),
        Case(
            testDescription: "an update: the old value first where both are equally large",
            type: 31, rows: { [Row(body: bytes(12)), Row(body: bytes(12, of: 8))] },
            outside: ["chg.body.f 12582912"]),
        Case(
            testDescription: "an update of another column", type: 31,
            rows: { [Row(body: bytes(17), other: [1]), Row(body: bytes(17), other: [2])] },
            outside: []),
        Case(
            testDescription: "an update of one of two", type: 31,
            rows: {
                [
                    Row(body: bytes(17), other: bytes(18)),
                    Row(body: bytes(17), other: bytes(18, of: 9)),
                ]
            }, outside: ["chg.other.f 18874368", "chg.other.t 18874368"]),
        Case(
            testDescription: "full images", type: 31,
            rows: { [Row(body: bytes(9), other: [1]), Row(body: bytes(9), other: [2])] },
            fullImages: true, outside: ["before.body 9437184"]),
        Case(
            testDescription: "full images of what no document could hold", type: 31,
            rows: { [Row(body: bytes(17), other: [1]), Row(body: bytes(17), other: [2])] },
            fullImages: true, outside: ["before.body 17825792", "after.body 17825792"]),
        Case(
            testDescription: "a delete", type: 32, rows: { [Row(body: bytes(17))] },
            outside: ["chg.body.f 17825792"]),
    ]

    @Test("Which values stand outside; the same from a row in pieces", arguments: cases)
    func values(example: Case) throws {
        let rows = example.rows()
        let log = try Self.log(example.type, rows)
        let options = DocumentOptions(fullImages: example.fullImages)
        let whole = try Self.change(log, options)
        #expect(try whole.outside() == example.outside)
        for (blob, bytes) in whole.values {
            let parts = blob.split(separator: "/")
            let row = try #require(parts[2] == "t" ? rows.last : rows.first)
            let column = try #require(Int(parts[3]))
            #expect(bytes == [row.body, row.note, row.other][column - 2])
        }
        #expect(whole.values.count == example.outside.count)
        let pieces = try Self.change(log, options, inPieces: true)
        #expect(pieces.document.bytes == whole.document.bytes)
        #expect(pieces.values == whole.values)
        #expect(whole.unused.isEmpty)
    }

    @Test("A column that did not change leaves nothing behind")
    func unchanged() throws {
        let log = try Self.log(
            31, [Row(body: Self.bytes(17), other: [1]), Row(body: Self.bytes(17), other: [2])])
        let change = try Self.change(log, inPieces: true)
        let prefix = "\(try EncodedLog.uuid()):1/1"
        #expect(change.unused == ["\(prefix)/f/2", "\(prefix)/t/2"])
        #expect(change.values.isEmpty)
    }

    @Test("The reference says what the value is")
    func reference() throws {
        var row = Row(note: Self.bytes(17, of: 0xe9))
        // A JSON string: its type, its length in groups of seven bits, its bytes.
        row.doc = [12, 0x80, 0x80, 0xc0, 0x08] + Self.bytes(17, of: 0x41)
        let change = try Self.change(try Self.log(30, [row]))
        let line = try ExtendedJSON.line(change.document)
        let blob = "\(try EncodedLog.uuid()):1/1/t"
        let note = SHA256.digest(row.note[...]).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        #expect(
            line.contains(
                #""note":{"t":{"$oversize":{"bytes":17825792,"sha256":"\#(note)","type":"text","charset":"latin1","blob":"\#(blob)/3","chunks":17}}}"#
            ))
        #expect(line.contains(#""type":"json","blob":"\#(blob)/5","chunks":18}}}"#))
        let json = try #require(change.values["\(blob)/5"])
        #expect(json.count == 17 << 20 + 2)
        #expect(json.first == UInt8(ascii: "\""))
    }

    @Test("The text of a statement")
    func statement() throws {
        let sql =
            Array("INSERT INTO t VALUES ('".utf8) + Self.bytes(17, of: 0x61) + Array("')".utf8)
        let log = [
            EventBuilder.gtid(try EncodedLog.uuid(), 1), EventBuilder.query("BEGIN"),
            EventBuilder.query(sql), EventBuilder.xid(7),
        ]
        let change = try Self.change(log)
        #expect(try change.document.integer("sql", "$oversize", "bytes") == Int64(sql.count))
        let blob = "\(try EncodedLog.uuid()):1/1/sql"
        #expect(change.values == [blob: sql])
    }

    @Test("What does not fit without its large values either is an error")
    func tooMuch() throws {
        let log = try EncodedLog.rowWithoutRoom()
        #expect(throws: BinlogProtocol.DecodingError.self) {
            try Self.change(log, DocumentOptions(fullImages: true))
        }
    }
}

/// Keeps large values, and gives their SHA-256 as `sdl run` does.
private final class HashedValues: LargeValueReceiver {
    private let collected = CollectedValues()
    var values: [CollectedValues.Value] { collected.values }

    func begin(table: TableMap, row: Int, isAfter: Bool, column: Int, byteCount: Int) throws {
        try collected.begin(
            table: table, row: row, isAfter: isAfter, column: column, byteCount: byteCount)
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws { try collected.append(bytes) }

    func end() throws -> [UInt8] { SHA256.digest(try collected.end()[...]) }
}
