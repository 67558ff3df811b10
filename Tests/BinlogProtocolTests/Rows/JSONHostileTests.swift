import BinlogProtocol
import TestSupport
import Testing

@Suite("JSON documents that no server writes")
struct JSONHostileTests {
    private func code(_ bytes: [UInt8]) -> DecodingError.Code? {
        var output: [UInt8] = []
        let error = #expect(throws: DecodingError.self) {
            try JSONText.append(CellRange(start: 0, count: bytes.count), in: bytes, to: &output)
        }
        #expect(output.isEmpty)
        return error?.code
    }

    @Test(
        "Refused, with the reason",
        arguments: [
            ("0d", "type of a JSON value"), ("ff00", "type of a JSON value"),
            ("0403", "JSON literal"),
            ("0b000000000000f07f", "JSON number"), ("0b000000000000f8ff", "JSON number"),
            ("0c01ff", "text in a JSON document"), ("0c8080808080", "length in a JSON document"),
            ("0cffffffffff", "length in a JSON document"),
            // an array whose entry points at the array itself, and into its entries
            ("02 0100 0700 02 0000", "offset in a JSON document"),
            ("02 0100 0700 02 0600", "offset in a JSON document"),
            ("02 0100 0700 02 ffff", "offset in a JSON document"),
            ("00 0100 0b00 0000 0000 05 0100", "offset in a JSON document"),
            ("00 0100 0c00 0b00 0100 05 0100 ff", "text in a JSON document"),
            ("0ff6 04 4203 8163", "precision and scale of a DECIMAL"),
            ("0ff6 04 0302 e463", "digits of a DECIMAL"),
            ("0f0c 08 ffffffffffffffff", "DATETIME"), ("0f0b 08 0000003c00000000", "TIME"),
        ])
    func invalid(bytes: String, reason: String) {
        #expect(code(hexBytes(bytes)) == .invalid(reason))
    }

    @Test(
        "Cut short",
        arguments: [
            ("0f0a0400000000", 8, 4), ("0ff60101", 2, 1), ("0ffc02ca", 2, 1), ("0f", 1, 0),
            ("0c", 1, 0), ("0c0561", 5, 1), ("05ff", 2, 1), ("00", 2, 0), ("02 0100", 2, 0),
            ("02 0000 ffff", 65535, 4), ("03 ffffffff 08000000", 21_474_836_475, 0),
            ("00 ffff 0400", 458_745, 0), ("02 0100 0700 0c 0700", 1, 0),
            ("00 0100 0b00 0b00 0500 05 0100", 5, 0),
        ])
    func truncated(bytes: String, needed: Int, available: Int) {
        #expect(code(hexBytes(bytes)) == .truncated(needed: needed, available: available))
    }

    @Test("Depth: 100 levels pass, 101 do not, and neither ends the process")
    func depth() throws {
        let deepest = JSONBytes.nested(depth: 100)
        let printed = try text { (output: inout [UInt8]) throws(DecodingError) in
            try JSONText.append(CellRange(start: 0, count: deepest.count), in: deepest, to: &output)
        }
        #expect(printed == String(repeating: "[", count: 100) + String(repeating: "]", count: 100))
        #expect(code(JSONBytes.nested(depth: 101)) == .invalid("depth of a JSON document"))
        #expect(code(JSONBytes.nested(depth: 5000)) == .invalid("depth of a JSON document"))
    }

    @Test("Values that overlap cost no more than the document's length")
    func overlap() {
        // Each level holds a thousand entries that all name the level below it: 1000^4 values.
        var body = JSONBytes.largeArray([])
        for _ in 0..<4 {
            let entry: (UInt8, [UInt8]) = (0x03, JSONBytes.u32(8 + 1000 * 5))
            body = JSONBytes.largeArray(Array(repeating: entry, count: 1000), contents: body)
        }
        #expect(code([0x03] + body) == .invalid("JSON document: its values overlap"))
        let string: (UInt8, [UInt8]) = (0x0c, JSONBytes.u32(8 + 1000 * 5))
        let text = JSONBytes.largeArray(
            Array(repeating: string, count: 1000),
            contents: [0xff, 0x7f] + Array(repeating: 0x61, count: 16383))
        #expect(code([0x03] + text) == .invalid("JSON document: its values overlap"))
    }

    @Test("Bytes after the document")
    func trailing() {
        #expect(code(hexBytes("0200000400 00")) == .trailingBytes(count: 1))
        #expect(code(hexBytes("0401 00")) == .trailingBytes(count: 1))
    }
}
