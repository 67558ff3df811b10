import BinlogProtocol
import TestSupport
import Testing

@Suite("ENUM and SET")
struct EnumSetTests {
    // GM8: ENUM of 256 and 300 members has two bytes, little-endian; index 0 is the error value ''
    @Test(
        "GM8: ENUM",
        arguments: [
            (1, 3, "02", 2), (1, 3, "00", 0), (2, 257, "0101", 257), (2, 300, "0001", 256),
            (2, 300, "2c01", 300),
        ])
    func enumeration(byteCount: Int, labels: Int, bytes: String, index: Int) {
        verifyValue(hexBytes(bytes), equals: index) { (cell, all) throws(DecodingError) in
            try cell.enumIndex(byteCount: byteCount, labelCount: labels, in: all)
        }
    }

    // GM8: SET of 9, 33 and 64 members; the top bit is no sign
    @Test(
        "GM8: SET",
        arguments: [
            (1, 3, "05", 5), (2, 9, "0101", 257), (3, 18, "050000", 5),
            (4, 32, "00000080", 1 << 31),
            (8, 33, "0300000001000000", 4_294_967_299), (8, 64, "0000000000000080", 1 << 63),
            (8, 64, "ffffffffffffffff", UInt64.max),
        ] as [(Int, Int, String, UInt64)])
    func set(byteCount: Int, labels: Int, bytes: String, bits: UInt64) {
        verifyValue(hexBytes(bytes), equals: bits) { (cell, all) throws(DecodingError) in
            try cell.setBits(byteCount: byteCount, labelCount: labels, in: all)
        }
    }

    @Test("An index or bit without label is refused, and accepted when no labels are known")
    func withoutLabel() throws {
        let cell = CellRange(start: 0, count: 1)
        #expect(throws: DecodingError(.invalid("index of an ENUM value"), at: 0)) {
            try cell.enumIndex(byteCount: 1, labelCount: 3, in: [4])
        }
        #expect(throws: DecodingError(.invalid("bit of a SET value"), at: 0)) {
            try cell.setBits(byteCount: 1, labelCount: 3, in: [8])
        }
        #expect(try cell.enumIndex(byteCount: 1, labelCount: nil, in: [4]) == 4)
        #expect(try cell.setBits(byteCount: 1, labelCount: nil, in: [8]) == 8)
    }
}
