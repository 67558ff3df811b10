import BinlogProtocol
import MongoSink
import Testing

/// The bytes come from pymongo's `bson`, a writer that shares nothing with ours.
struct BSONWriterTests {
    struct Row: Sendable, CustomTestStringConvertible {
        /// As in `bson.encode(<python>).hex()`.
        let python: String
        let hex: String
        let fill: @Sendable (inout BSONWriter) -> Void
        var testDescription: String { python }
    }

    static let rows: [Row] = [
        Row(python: "{}", hex: "0500000000") { _ in },
        Row(python: "{'a': -2}", hex: "0c000000106100feffffff00") { $0.append("a", int32: -2) },
        Row(python: "{'a': Int64(-2)}", hex: "10000000126100feffffffffffffff00") {
            $0.append("a", int64: -2)
        },
        Row(
            python:
                "{'a': Int64(-9223372036854775808), 'b': Int64(9223372036854775807), 'c': -2147483648}",
            hex: "220000001261000000000000000080126200ffffffffffffff7f1063000000008000"
        ) {
            $0.append("a", int64: .min)
            $0.append("b", int64: .max)
            $0.append("c", int32: .min)
        },
        Row(python: "{'a': 1.5}", hex: "10000000016100000000000000f83f00") {
            $0.append("a", double: 1.5)
        },
        Row(python: "{'a': 'h\\u00e9\\0x'}", hex: "120000000261000600000068c3a900780000") {
            $0.append("a", string: "hé\0x")
        },
        Row(python: "{'a': 'h\\u00e9\\0x'}", hex: "120000000261000600000068c3a900780000") {
            $0.append("a", utf8: Array("hé\0x".utf8))
        },
        Row(python: "{'a': 'h\\u00e9\\0x'}", hex: "120000000261000600000068c3a900780000") {
            let mark = $0.beginString("a")
            $0.appendRaw("hé".utf8)
            $0.appendRaw([0, 0x78])
            $0.endString(mark)
        },
        Row(python: "{'a': ''}", hex: "0d000000026100010000000000") { $0.append("a", string: "") },
        Row(python: "{'a': Binary(b'\\x00\\xff')}", hex: "0f000000056100020000000000ff00") {
            $0.append("a", binary: [0, 0xFF])
        },
        Row(
            python: "{'a': Binary(b'\\x01\\x02\\x03\\x04', 9)}",
            hex: "1100000005610004000000090102030400"
        ) {
            $0.beginText()
            $0.text.append(contentsOf: [1, 2, 3, 4])
            $0.endTextAsBinary("a", subtype: .vector)
        },
        Row(python: "{'t': True, 'f': False}", hex: "0d000000087400010866000000") {
            $0.append("t", bool: true)
            $0.append("f", bool: false)
        },
        Row(python: "{'a': None}", hex: "080000000a610000") { $0.appendNull("a") },
        Row(
            python: "{'a': datetime.datetime(1969, 12, 31, 23, 59, 59, 999000)}",
            hex: "10000000096100ffffffffffffffff00"
        ) { $0.append("a", utcDateTime: -1) },
        Row(
            python: "{'a': {'b': {}}, 'c': [1, [], 'x']}",
            hex: "350000000361000d0000000362000500000000000463001d00000010300001000000043100"
                + "05000000000232000200000078000000"
        ) {
            $0.append("a") { $0.append("b", document: [5, 0, 0, 0, 0]) }
            $0.appendArray("c") {
                $0.append(BSONKey(index: 0), int32: 1)
                $0.appendArray(BSONKey(index: 1)) { _ in }
                $0.append(BSONKey(index: 2), string: "x")
            }
        },
        Row(
            python: "{'a': list(range(12))}",
            hex: "630000000461005b000000103000000000001031000100000010320002000000103300030000"
                + "0010340004000000103500050000001036000600000010370007000000103800080000001039"
                + "0009000000103130000a000000103131000b0000000000"
        ) {
            $0.appendArray("a") {
                for index in 0..<12 { $0.append(BSONKey(index: index), int32: Int32(index)) }
            }
        },
        Row(
            python: "{'a': Decimal128('-12.50')}",
            hex: "18000000136100e2040000000000000000000000003cb000"
        ) { append(&$0, isNegative: true, 1250, -2) },
        Row(
            python: "{'a': Decimal128('9999999999999999999999999999999999E+6111')}",
            hex: "18000000136100ffffffff638e8d37c087adbe09edff5f00"
        ) { append(&$0, isNegative: false, Decimal128.coefficientMax, 6111) },
        Row(
            python: "{'a': Decimal128('18446744073709551615')}",
            hex: "18000000136100ffffffffffffffff000000000000403000"
        ) { append(&$0, isNegative: false, UInt128(UInt64.max), 0) },
    ]

    private static func append(
        _ writer: inout BSONWriter, isNegative: Bool, _ coefficient: UInt128, _ exponent: Int
    ) {
        guard
            let value = Decimal128(
                isNegative: isNegative, coefficient: coefficient, exponent: exponent)
        else { return }
        writer.append("a", decimal128: value)
    }

    @Test(arguments: rows)
    func writesWhatAnotherWriterWrites(_ row: Row) throws {
        let bytes = BSONWriter.document(row.fill)
        #expect(bytes == hex(row.hex))
        try BSONDocument(bytes).validate()
    }

    @Test func documentsStandOneAfterAnother() throws {
        var writer = BSONWriter(capacity: 10)
        var ends: [Int] = []
        for number in 0..<3 as Range<Int32> {
            let mark = writer.beginDocument()
            writer.append("n", int32: number)
            writer.end(mark)
            ends.append(writer.count)
        }
        let sequence = try DocumentSequence(bytes: writer.bytes, ends: ends)
        #expect(sequence.count == 3)
        for index in 0..<3 {
            #expect(try sequence.document(index).integer("n") == Int64(index))
        }
    }

    @Test func whatWasWrittenCanBeTakenBack() {
        var writer = BSONWriter()
        let mark = writer.beginDocument()
        writer.append("a", int32: 1)
        let here = writer.count
        writer.append("long", string: String(repeating: "x", count: 1000))
        writer.truncate(to: here)
        writer.append("b", int32: 2)
        writer.end(mark)
        let expected = BSONWriter.document {
            $0.append("a", int32: 1)
            $0.append("b", int32: 2)
        }
        #expect(writer.bytes == expected)
    }

    @Test(arguments: [
        ("price", "price"), ("a.b", "a\u{FF0E}b"), ("$set", "\u{FF04}set"), ("a$b", "a$b"),
        (".$", "\u{FF0E}$"), ("$", "\u{FF04}"), ("a\0b", "a\u{2400}b"), ("", ""),
        ("ö$.", "ö$\u{FF0E}"),
    ])
    func columnNamesBecomeKeys(_ column: String, _ key: String) {
        #expect(BSONKey(columnName: column).bytes == Array(key.utf8) + [0])
        #expect(BSONKey(columnName: Array(column.utf8)).name == key)
    }

    /// Up to 14 bytes stand in two words, longer ones in an array.
    @Test(arguments: 0...40)
    func keysOfEveryLengthAreWritten(_ length: Int) {
        let name = String("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".prefix(length))
        let key = BSONKey(name)
        #expect(key.name == name)
        #expect(
            key == BSONKey(jsonKey: CellRange(start: 1, count: length), in: Array("x\(name)y".utf8))
        )
        let size = UInt8(4 + 1 + length + 1 + 4 + 1)
        #expect(
            BSONWriter.document { $0.append(key, int32: 0x04030201) }
                == [size, 0, 0, 0, 0x10] + Array(name.utf8) + [0, 1, 2, 3, 4, 0])
    }

    @Test func whatIsTakenIsNotWrittenOver() {
        var writer = BSONWriter(capacity: 3)
        let first = BSONWriter.document { $0.append("a", int32: 1) }
        writer.appendRaw(first)
        let taken = writer.take()
        #expect(writer.count == 0)
        writer.appendRaw(Array(repeating: UInt8(0xff), count: 100))
        #expect(taken == first)
        #expect(writer.bytes(from: 98) == [0xff, 0xff])
        writer.removeAll()
        writer.appendRaw(Array(repeating: UInt8(7), count: 9 << 20))
        #expect(writer.take() == Array(repeating: 7, count: 9 << 20))
        #expect(writer.bytes == [])
    }

    @Test func numbersAreWrittenInFull() {
        var numbers: [Int64] = [.min, .max, 0, -1, 12_345_678_900_000_001]
        for power in 1...18 {
            let ten = (0..<power).reduce(Int64(1)) { product, _ in product * 10 }
            numbers += [ten - 1, ten, ten + 1, -ten]
        }
        for number in numbers {
            var writer = BSONWriter()
            writer.appendRawNumber(number)
            var text: [UInt8] = []
            text.appendNumber(number)
            #expect(writer.bytes == Array("\(number)".utf8))
            #expect(text == Array("\(number)".utf8))
        }
    }

    @Test func indexesBeyondTheReadyOnesAreKeysToo() {
        #expect(BSONKey(index: 1023).name == "1023")
        #expect(BSONKey(index: 1024).name == "1024")
        #expect(BSONKey(index: 4_000_000).name == "4000000")
    }

    @Test func endsThatAreNotThoseOfDocumentsAreRefused() {
        let document = BSONWriter.document { $0.append("a", int32: 1) }
        for ends in [[5], [12, 13], [12, 24], [0], [-1], [12, 12], [13]] {
            #expect(throws: (any Error).self) {
                try DocumentSequence(bytes: document + [0], ends: ends)
            }
        }
    }

    @Test func aSequenceSplitsBetweenDocuments() throws {
        var sequence = DocumentSequence()
        for size in [10, 100, 500, 20, 20] {
            sequence.append(
                BSONWriter.document { $0.append("a", string: String(repeating: "x", count: size)) })
        }
        let parts = sequence.split(bytesMax: 200)
        #expect(parts.map(\.count) == [2, 1, 2])
        #expect(parts.map(\.byteCount).reduce(0, +) == sequence.byteCount)
        #expect(parts.flatMap { Array($0.bytes) } == sequence.bytes)
        #expect(sequence.split(bytesMax: 1 << 20) == [sequence])
    }
}
