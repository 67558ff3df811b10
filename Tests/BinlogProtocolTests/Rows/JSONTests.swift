import BinlogProtocol
import TestSupport
import Testing

@Suite("JSON documents")
struct JSONTests {
    private func verify(_ bytes: [UInt8], _ printed: String, at location: SourceLocation) {
        // A document without any bytes is JSON null, so cutting everything away is no error.
        verifyValue(bytes, equals: printed, validPrefixes: [0], sourceLocation: location) {
            (cell, all) throws(DecodingError) in
            try text { (output: inout [UInt8]) throws(DecodingError) in
                try JSONText.append(cell, in: all, to: &output)
            }
        }
    }

    // SELECT CAST(j AS CHAR)
    @Test(
        "Scalars",
        arguments: [
            ("0400", "null"), ("0401", "true"), ("0402", "false"), ("05ffff", "-1"),
            ("050300", "3"),
            ("05ff7f", "32767"), ("06ffff", "65535"), ("0700800000", "32768"),
            ("07ff7fffff", "-32769"), ("08ffffffff", "4294967295"),
            ("090000008000000000", "2147483648"), ("09ffffff7fffffffff", "-2147483649"),
            ("0affffffffffffffff", "18446744073709551615"), ("0b000000000000f03f", "1.0"),
            ("0b1f85eb51b81e0940", "3.14"), ("0b0000000000000080", "-0.0"),
            ("0b0000000000000000", "0.0"), ("0b0080e03779c34143", "1e16"),
            ("0b0000000000000043", "562949953421312.0"),
            ("0b000000000000f043", "1.8446744073709552e19"),
            ("0b0100000000000000", "5e-324"), ("0bffffffffffffef7f", "1.7976931348623157e308"),
            ("0c0178", "\"x\""), ("0c00", "\"\""), ("0c020162", "\"\\u0001b\""),
        ])
    func scalars(bytes: String, printed: String) {
        verify(hexBytes(bytes), printed, at: #_sourceLocation)
    }

    // OJ9: empty keys; scalars as documents
    @Test(
        "OJ9: containers",
        arguments: [
            ("0000000400", "{}"), ("0200000400", "[]"),
            ("0001000e000b0001000c0c00610162", #"{"a": "b"}"#),
            ("0001000b000b0000000501 00", #"{"": 1}"#),
            ("02 0300 0d00 040100 040200 05feff", "[true, false, -2]"),
            ("02 0100 0b00 02 0700 0000 0400", "[[]]"),
            ("03 02000000 12000000 07ffffffff 0800000080", "[-1, 2147483648]"),
        ])
    func containers(bytes: String, printed: String) {
        verify(hexBytes(bytes), printed, at: #_sourceLocation)
    }

    // SELECT CAST(JSON_ARRAY(CAST('2015-01-15 23:24:25' AS DATETIME)) AS CHAR) …
    @Test(
        "Values of other types",
        arguments: [
            ("0ff6080d04875bcd1504d2", "123456789.1234"), ("0ff60403028163", "1.99"),
            ("0ff6070a097ffffffffe", "-0.000000001"), ("0ff6040201 7ffe", "-0.1"),
            ("0f0a080000000000000000", "\"0000-00-00\""),
            ("0f0b080000000000000000", "\"00:00:00.000000\""),
            ("0f0c080000000000000000", "\"0000-00-00 00:00:00.000000\""),
            ("0f0b08 8ef80b ae57 010000", "\"21:30:46.784526\""),
            ("0f1002cafe", "\"base64:type16:yv4=\""), ("0f0f03666f6f", "\"base64:type15:Zm9v\""),
            ("0ffc04cafebabe", "\"base64:type252:yv66vg==\""),
            ("0f0d0432303139", "\"base64:type13:MjAxOQ==\""),
            ("0ffe0a61626300000000000000", "\"base64:type254:YWJjAAAAAAAAAA==\""),
        ])
    func opaque(bytes: String, printed: String) {
        verify(hexBytes(bytes), printed, at: #_sourceLocation)
    }

    // ALTER TABLE t ADD COLUMN j JSON NOT NULL
    @Test("PY5: a document of no bytes is JSON null")
    func empty() throws {
        let printed = try text { (output: inout [UInt8]) throws(DecodingError) in
            try JSONText.append(CellRange(start: 1, count: 0), in: [0xff, 0xff], to: &output)
        }
        #expect(printed == "null")
    }

    @Test("TYPE-CASES 0.10: holes of an update in place are stepped over")
    func holes() {
        // ["abcd", 1] after JSON_SET(j, '$[0]', 'x'): three bytes are left unused before the end.
        verify(
            hexBytes("02 0200 0f00 0c0a00 050100 01 78 000000"), #"["x", 1]"#, at: #_sourceLocation)
    }

    @Test("Lengths of one, two and three bytes", arguments: [127, 128, 16383, 16384, 70000])
    func lengths(count: Int) throws {
        var length: [UInt8] = []
        var rest = count
        repeat {
            length.append(UInt8(rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        let bytes = [0x0c] + length + Array(repeating: UInt8(ascii: "q"), count: count)
        let printed = try text { (output: inout [UInt8]) throws(DecodingError) in
            try JSONText.append(CellRange(start: 0, count: bytes.count), in: bytes, to: &output)
        }
        #expect(printed == "\"" + String(repeating: "q", count: count) + "\"")
    }

    @Test("DZ13: a document of 64 MiB in 100,000 strings takes time in proportion")
    func longStrings() throws {
        let count = 100_000
        let string: [UInt8] = [0xa0, 0x05] + [UInt8](repeating: 0x61, count: 672)
        var entries: [UInt8] = []
        entries.reserveCapacity(count * 5)
        for index in 0..<count {
            entries.append(0x0c)
            entries += JSONBytes.u32(UInt32(8 + count * 5 + index * string.count))
        }
        var bytes: [UInt8] = [0x03] + JSONBytes.u32(UInt32(count))
        bytes += JSONBytes.u32(UInt32(8 + count * (5 + string.count)))
        bytes += entries
        for _ in 0..<count { bytes += string }
        var seen = CountingVisitor()
        try JSONBinary.walk(
            CellRange(start: 0, count: bytes.count), in: bytes, visitor: &seen)
        #expect(bytes.count > 64 << 20)
        #expect(seen.strings == count && seen.bytes == count * 672)
    }

    @Test("DZ13: 200,000 values in a large array take time in proportion")
    func large() throws {
        let values = (0..<200_000).map { Int32($0) - 100_000 }
        let bytes =
            [0x03]
            + JSONBytes.largeArray(values.map { (0x07, JSONBytes.u32(UInt32(bitPattern: $0))) })
        let start = ContinuousClock.now
        let printed = try text { (output: inout [UInt8]) throws(DecodingError) in
            try JSONText.append(CellRange(start: 0, count: bytes.count), in: bytes, to: &output)
        }
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(printed == "[" + values.map(\.description).joined(separator: ", ") + "]")
    }
}

/// Counts the strings of a document of one array.
private struct CountingVisitor: JSONBinaryVisitor {
    var strings = 0
    var bytes = 0

    mutating func beginArray(count: Int) {}
    mutating func endArray() {}
    mutating func beginObject(count: Int) { Issue.record("an object") }
    mutating func endObject() {}
    mutating func key(_ cell: CellRange, in bytes: [UInt8]) {}
    mutating func null() { Issue.record("a null") }
    mutating func bool(_ value: Bool) { Issue.record("a literal") }
    mutating func integer(_ value: Int64) { Issue.record("a number") }
    mutating func unsignedInteger(_ value: UInt64) { Issue.record("a number") }
    mutating func double(_ value: Double) { Issue.record("a number") }
    mutating func string(_ cell: CellRange, in bytes: [UInt8]) {
        strings += 1
        self.bytes += cell.count
    }
    mutating func decimal(_ cell: CellRange, precision: Int, scale: Int, in bytes: [UInt8]) {
        Issue.record("a decimal")
    }
    mutating func temporal(_ text: [UInt8]) { Issue.record("a date") }
    mutating func opaque(type: UInt8, _ cell: CellRange, in bytes: [UInt8]) {
        Issue.record("bytes")
    }
}
