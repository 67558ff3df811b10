import BinlogProtocol
import TestSupport
import Testing

/// Values of MariaDB's COMPRESSED columns; the bytes are those of 10.11 and 11.8.
@Suite("Compressed values")
struct CompressedValueTests {
    private func verify(_ bytes: [UInt8], _ value: [UInt8], validPrefixes: Set<Int>) {
        verifyValue(bytes, equals: value, validPrefixes: validPrefixes) {
            (cell, all) throws(DecodingError) in
            // Nothing says where a value that is stored as it is must end: the cell does.
            let isStored = bytes.first.map { $0 == 0 } ?? true
            guard !isStored || cell.count <= bytes.count else {
                throw DecodingError(.trailingBytes(count: 1), at: cell.end)
            }
            let value = try cell.decompressed(in: all)
            guard try cell.decompressedCount(in: all) == value.count else {
                throw DecodingError(.invalid("count"), at: 0)
            }
            return value
        }
    }

    @Test("An empty value, and one that is stored as it is")
    func stored() {
        verify([], [], validPrefixes: [])
        verify([0, 0x61, 0x62, 0x63], Array("abc".utf8), validPrefixes: [0, 1, 2, 3])
    }

    // INSERT INTO c VALUES (repeat('a', 100), repeat('ab', 500), …) with column_compression_zlib_wrap OFF and ON
    @Test(
        "DEFLATE with and without zlib's frame, lengths of one and two bytes",
        arguments: [
            ("89644b4ca43d0000", "a", 100), ("8a03e84b4c4a1c85a370140e730800", "ab", 500),
            ("81c8789c4b4c4a1c161000e98f4c2d", "ab", 100),
        ])
    func compressed(bytes: String, piece: String, count: Int) {
        verify(
            hexBytes(bytes), Array(String(repeating: piece, count: count).utf8), validPrefixes: [0])
    }

    @Test(
        "Hostile values: nothing large is made of a few bytes",
        arguments: [
            ("80", .unsupported("compression method 128 of a value")),
            ("85", .unsupported("compression method 133 of a value")),
            ("10ff", .unsupported("compression method 16 of a value")),
            ("01ff", .unsupported("compression method 1 of a value")),
            ("84ffffff", .truncated(needed: 5, available: 4)),
            ("84ffffffff00", .invalid("length of a compressed value")),
            ("8a100000", .invalid("length of a compressed value")),
            ("890000", .invalid("length of a compressed value")),
            ("89654b4ca43d0000", .invalid("compressed value")),
            ("89634b4ca43d0000", .invalid("compressed value")),
            ("81644b4ca43d0000", .invalid("compressed value")),
        ] as [(String, DecodingError.Code)])
    func hostile(bytes: String, code: DecodingError.Code) {
        let value = hexBytes(bytes)
        let error = #expect(throws: DecodingError.self) {
            try CellRange(start: 0, count: value.count).decompressed(in: value)
        }
        #expect(error?.code == code)
    }
}
