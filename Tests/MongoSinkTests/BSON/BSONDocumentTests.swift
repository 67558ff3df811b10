import BinlogProtocol
import MongoSink
import TestSupport
import Testing

struct BSONDocumentTests {
    /// `bson.encode` of one of each type that we never write.
    static let rare = hex(
        "63000000076f6964000123456789abcdef012345671174730002000000010000000b7265005e61006978000d636f"
            + "64650004000000662829000f73636f7065001800000004000000672829000c0000001078000100000000ff6d69"
            + "6e007f6d61780000")
    static let nested = BSONWriter.document {
        $0.append("_id", string: "u:1/1")
        $0.append("meta") {
            $0.append("db", string: "shop")
            $0.append("pk", int64: 42)
        }
        $0.appendArray("list") {
            $0.append(BSONKey(index: 0), int32: 7)
            $0.append(BSONKey(index: 1)) { $0.append("x", double: 8) }
        }
        $0.append("bin", binary: [1, 2, 3])
        $0.append("at", utcDateTime: 99)
        $0.append("yes", bool: true)
        $0.appendNull("none")
    }

    @Test func pathsLeadToElements() throws {
        let document = try BSONDocument(Self.nested)
        #expect(try document.string("_id") == "u:1/1")
        #expect(try document.string("meta", "db") == "shop")
        #expect(try document.integer("meta", "pk") == 42)
        #expect(try document.integer("list", "0") == 7)
        #expect(try document.integer("list", "1", "x") == 8)
        #expect(try document.binary("bin") == [1, 2, 3])
        #expect(try document.utcDateTime("at") == 99)
        #expect(try document.element("yes")?.bool == true)
        #expect(try document.element("none")?.type == .null)
        #expect(try document.element("nothing") == nil)
        #expect(try document.element("_id", "deeper") == nil)
        #expect(try document.string("meta") == nil)
        #expect(try document.integer("_id") == nil)
        #expect(try document.document("at") == nil)
    }

    @Test(arguments: [rare, nested])
    func noDamageIsATrap(_ bytes: [UInt8]) {
        verifyDecoder(bytes, equals: true) { reader throws(BinlogProtocol.DecodingError) in
            let document = try BSONDocument(reader.readRemaining())
            try document.validate()
            var json = ExtendedJSON()
            try json.write(document)
            return true
        }
    }

    @Test func everyByteOfEveryValueIsTried() {
        var refused = 0
        for bytes in [Self.rare, Self.nested] {
            for index in bytes.indices {
                for value in [0, 1, 0x7F, 0x80, 0xFF, bytes[index] &+ 1, bytes[index] ^ 0x10] {
                    var damaged = bytes
                    damaged[index] = value
                    do throws(BinlogProtocol.DecodingError) {
                        let document = try BSONDocument(damaged)
                        try document.validate()
                        #expect(try !ExtendedJSON.line(document).isEmpty)
                    } catch {
                        refused += 1
                    }
                }
            }
        }
        #expect(refused > 0)
    }

    @Test func nestingIsLimited() throws {
        func nested(_ depth: Int) -> [UInt8] {
            var bytes: [UInt8] = [5, 0, 0, 0, 0]
            for _ in 1..<depth {
                let inner = bytes
                bytes = BSONWriter.document { $0.append("a", document: inner) }
            }
            return bytes
        }
        try BSONDocument(nested(100)).validate()
        #expect(throws: BinlogProtocol.DecodingError.self) {
            try BSONDocument(nested(101)).validate()
        }
        #expect(throws: BinlogProtocol.DecodingError.self) {
            try ExtendedJSON.line(BSONDocument(nested(5000)))
        }
    }

    @Test func anElementCanBeTakenOut() throws {
        let with = BSONWriter.document {
            $0.append("a", int32: 1)
            $0.append("chain", binary: [1, 2])
            $0.append("b", string: "x")
        }
        let without = BSONWriter.document {
            $0.append("a", int32: 1)
            $0.append("b", string: "x")
        }
        #expect(try BSONDocument(with).removing("chain") == without)
        #expect(try BSONDocument(without).removing("chain") == without)
    }

    @Test func aDocumentWithinOthersHasItsOwnBytes() throws {
        let one = BSONWriter.document { $0.append("a", int32: 1) }
        let document = try BSONDocument([9, 9] + one + [9], in: 2..<(one.count + 3))
        #expect(document.bytes == one)
        #expect(throws: BinlogProtocol.DecodingError.self) { try BSONDocument(one + [9]) }
    }
}
