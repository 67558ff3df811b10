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

    @Test("L1: bytes of other types are as SELECT shows them, also in lines", arguments: [57, 58])
    func opaque(_ count: Int) throws {
        let bytes = [UInt8](repeating: 0, count: count)
        let line = String(repeating: "A", count: 76)
        #expect(
            try document([0x0f, 0xfc, UInt8(count)] + bytes).string("j")
                == "base64:type252:" + line + (count == 57 ? "" : "\nAA=="))
    }
}
