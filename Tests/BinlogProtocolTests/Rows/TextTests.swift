import BinlogProtocol
import TestSupport
import Testing

@Suite("Text and bytes")
struct TextTests {
    /// The text of a value, nil if its bytes are not valid in the character set.
    private func decode(_ bytes: [UInt8], _ charset: Charset) throws -> String? {
        var output: [UInt8] = Array("before ".utf8)
        let padded = [0xff] + bytes + [0xff]
        let isValid = try charset.appendUTF8(
            CellRange(start: 1, count: bytes.count), in: padded, to: &output)
        let text = String(decoding: output.dropFirst("before ".utf8.count), as: UTF8.self)
        #expect(isValid || text.isEmpty)
        return isValid ? text : nil
    }

    @Test(
        "UTF-8 in utf8mb4",
        arguments: [
            "", "a", "€", "𠜎🍔", "Anel Husaković - test: đžšćč", "eight by", "eight byte and é",
        ])
    func utf8(text: String) throws {
        #expect(try decode(Array(text.utf8), .utf8mb4) == text)
    }

    @Test(
        "PY6: bytes that are no UTF-8 are told apart, never replaced",
        arguments: [
            "ff", "c080", "c3", "e282", "eda080", "f4908080", "f0808080", "80",
            "6162636465666768ff",
            "f8888080", "e08080",
        ])
    func invalid(bytes: String) throws {
        #expect(try decode(hexBytes(bytes), .utf8mb4) == nil)
    }

    @Test("Agrees with the standard library on random bytes")
    func random() throws {
        var generator = SeededGenerator(seed: decoderSeed)
        let pieces: [[UInt8]] = [
            Array("é".utf8), Array("€".utf8), Array("🍔".utf8), Array("plain".utf8), [0xed, 0xa0],
            [0xf4, 0x8f, 0xbf, 0xbf], [0xe0], [0x9f],
        ]
        for _ in 0..<5000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...6, using: &generator) {
                bytes += pieces.randomElement(using: &generator) ?? []
            }
            if Bool.random(using: &generator), !bytes.isEmpty {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(
                    in: 0...255, using: &generator)
            }
            #expect(try decode(bytes, .utf8mb4) == String(validating: bytes, as: UTF8.self))
        }
    }

    @Test("utf8mb3 has no characters of four bytes")
    func utf8mb3() throws {
        #expect(try decode(Array("€é".utf8), .utf8mb3) == "€é")
        #expect(try decode(Array("🍔".utf8), .utf8mb3) == nil)
    }

    @Test("DZ17: latin1 is code page 1252, its five holes kept")
    func latin1() throws {
        let all = (UInt8.min ... .max).map { $0 }
        let text = try #require(try decode(all, .latin1))
        let scalars = text.unicodeScalars.map(\.value)
        #expect(scalars.count == 256)
        #expect(Set(scalars).count == 256)
        #expect(scalars[0x80] == 0x20ac && scalars[0x9f] == 0x178 && scalars[0xe9] == 0xe9)
        for hole in [0x81, 0x8d, 0x8f, 0x90, 0x9d] { #expect(scalars[hole] == UInt32(hole)) }
        #expect(try decode(hexBytes("93e9948085"), .latin1) == "“é”€…")
    }

    @Test("ascii has seven bits")
    func ascii() throws {
        #expect(try decode(Array("plain text, longer than eight".utf8), .ascii) != nil)
        #expect(try decode(hexBytes("61e9"), .ascii) == nil)
    }

    @Test(
        "A character set that is not decoded names its collation",
        arguments: [
            (Charset.other(collationID: 5000), "text in collation 5000")
        ])
    func unsupported(charset: Charset, what: String) {
        #expect(throws: DecodingError(.unsupported(what), at: 1)) { try decode([0x61], charset) }
    }

    @Test("A character set that nobody names is taken for UTF-8; what is none stays bytes")
    func unknown() throws {
        #expect(try decode(Array("grün 🐟".utf8), .unknown) == "grün 🐟")
        #expect(try decode(hexBytes("67e9"), .unknown) == nil)
    }

    // CREATE TABLE binary4 (b BINARY(4)); INSERT INTO binary4 VALUES (x'ff010000'), (x'00'), …
    @Test(
        "OJ8: BINARY(n) gets its zero bytes back",
        arguments: [
            ("ff01", "ff010000"), ("", "00000000"), ("01020304", "01020304"),
            ("0080ff", "0080ff00"),
        ])
    func binary(stored: String, value: String) throws {
        let bytes = hexBytes(stored)
        var output: [UInt8] = []
        try CellRange(start: 0, count: bytes.count).appendBinary(
            byteCount: 4, in: bytes, to: &output)
        #expect(output == hexBytes(value))
        #expect(throws: DecodingError(.invalid("length of a BINARY value"), at: 0)) {
            try CellRange(start: 0, count: 5).appendBinary(
                byteCount: 4, in: [1, 2, 3, 4, 5], to: &output)
        }
    }

    // INSERT INTO t VALUES (ST_GeomFromText('POINT(1 1)'))
    @Test("GEOMETRY: spatial reference and well-known binary")
    func geometry() throws {
        let bytes = hexBytes("e6100000 0101000000 000000000000f03f 000000000000f03f")
        let (srid, wellKnownBinary) = try CellRange(start: 0, count: bytes.count).geometry(
            in: bytes)
        #expect(srid == 4326)
        #expect(wellKnownBinary.range == 4..<25)
        #expect(throws: DecodingError(.truncated(needed: 4, available: 3), at: 0)) {
            try CellRange(start: 0, count: 3).geometry(in: bytes)
        }
    }

    @Test("VECTOR: whole floats only")
    func vector() throws {
        #expect(
            try CellRange(start: 0, count: 12).vectorDimension(
                in: hexBytes("cdcc8c3fcdcc0c4033335340"))
                == 3)
        #expect(throws: DecodingError(.invalid("length of a VECTOR"), at: 0)) {
            try CellRange(start: 0, count: 5).vectorDimension(in: [0, 0, 0, 0, 0])
        }
    }
}
