import BinlogProtocol
import TestSupport
import Testing

@testable import MongoSink

@Suite("JSON as BSON")
struct JSONDocumentWriterTests {
    private func document(_ json: [UInt8]) throws -> BSONDocument {
        var writer = BSONWriter()
        let mark = writer.beginDocument()
        try JSONDocumentWriter.append(
            BSONKey("j"), CellRange(start: 0, count: json.count), in: json, to: &writer)
        writer.end(mark)
        return try BSONDocument(writer.bytes)
    }

    /// A small object of one member with a short integer.
    private func object(key: [UInt8]) -> [UInt8] {
        let size = UInt8(4 + 4 + 3 + key.count)
        return [0x00, 1, 0, size, 0, 11, 0, UInt8(key.count), 0, 0x05, 5, 0] + key
    }

    @Test("the deepest that fits, and the first that does not and becomes text")
    func depth() throws {
        let fits = try document(JSONBytes.nested(depth: JSONDocumentWriter.depthMax))
        #expect(try fits.element("j")?.type == .array)
        let deeper = JSONDocumentWriter.depthMax + 1
        #expect(
            try document(JSONBytes.nested(depth: deeper)).string("j")
                == String(repeating: "[", count: deeper) + String(repeating: "]", count: deeper))
    }

    @Test("a member whose name holds a NUL makes it text")
    func keyWithNUL() throws {
        #expect(try document(object(key: Array("ab".utf8))).integer("j", "ab") == 5)
        #expect(try document(object(key: [0x61, 0])).string("j") == #"{"a\u0000": 5}"#)
    }

    @Test("members of the same name, which no server writes, make it text")
    func equalKeys() throws {
        // {"b": 1, "aa": 2, "ab": 3}
        let sorted: [UInt8] =
            [0x00, 3, 0, 30, 0, 25, 0, 1, 0, 26, 0, 2, 0, 28, 0, 2, 0]
            + [5, 1, 0, 5, 2, 0, 5, 3, 0] + Array("baaab".utf8)
        let members = try document(sorted)
        #expect(try members.integer("j", "aa") == 2 && members.integer("j", "ab") == 3)
        let equal = sorted.dropLast() + [0x61]
        #expect(try document(Array(equal)).string("j") == #"{"b": 1, "aa": 2, "aa": 3}"#)
    }

    @Test("DZ13: an object of 100,000 members, each reached")
    func wide() throws {
        let count = 100_000
        var keyEntries: [UInt8] = []
        var valueEntries: [UInt8] = []
        var keys: [UInt8] = []
        let contents = 8 + count * 11
        for index in 0..<count {
            let key = Array(String(100_000 + index).utf8)
            keyEntries += JSONBytes.u32(UInt32(contents + keys.count)) + [6, 0]
            valueEntries += [0x07] + JSONBytes.u32(UInt32(index))
            keys += key
        }
        let json =
            [0x01] + JSONBytes.u32(UInt32(count)) + JSONBytes.u32(UInt32(contents + keys.count))
            + keyEntries + valueEntries + keys
        let wide = try document(json)
        #expect(try wide.integer("j", "100000") == 0)
        #expect(try wide.integer("j", "199999") == 99_999)
    }

    @Test("L1: bytes of other types are as SELECT shows them, also in lines", arguments: [57, 58])
    func opaque(_ count: Int) throws {
        let bytes = [UInt8](repeating: 0, count: count)
        let line = String(repeating: "A", count: 76)
        #expect(
            try document([0x0f, 0xfc, UInt8(count)] + bytes).string("j")
                == "base64:type252:" + line + (count == 57 ? "" : "\nAA=="))
    }
}
