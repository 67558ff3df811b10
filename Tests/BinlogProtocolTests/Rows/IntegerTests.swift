import BinlogProtocol
import TestSupport
import Testing

@Suite("Integers, YEAR and BIT")
struct IntegerTests {
    // INSERT INTO t VALUES (-128), (-1), (127) … for each integer type
    @Test(
        "Signed, little-endian",
        arguments: [
            ("80", -128), ("ff", -1), ("00", 0), ("7f", 127), ("0080", -32768), ("ff7f", 32767),
            ("000080", -8_388_608), ("ffff7f", 8_388_607), ("f8ffff", -8), ("080000", 8),
            ("00000080", -2_147_483_648), ("ffffff7f", 2_147_483_647),
            ("0000000000000080", Int64.min), ("ffffffffffffff7f", Int64.max),
        ])
    func signed(bytes: String, value: Int64) {
        let bytes = hexBytes(bytes)
        verifyValue(bytes, equals: value) { (cell, all) throws(DecodingError) in
            try cell.signedInteger(byteCount: bytes.count, in: all)
        }
    }

    @Test(
        "GM4: unsigned, never wrapped into a negative",
        arguments: [
            ("82", 130), ("ff", 255), ("ffff", 65535), ("ffffff", 16_777_215),
            ("ffffffff", 4_294_967_295), ("d3f988c0", 3_230_202_323),
            ("ffffffffffffffff", UInt64.max), ("0000000000000080", 9_223_372_036_854_775_808),
        ])
    func unsigned(bytes: String, value: UInt64) {
        let bytes = hexBytes(bytes)
        verifyValue(bytes, equals: value) { (cell, all) throws(DecodingError) in
            try cell.unsignedInteger(byteCount: bytes.count, in: all)
        }
    }

    // INSERT INTO t VALUES (0), (1901), (1970), (2018), (2155)
    @Test(
        "YEAR: byte 0 is the year 0, not 1900",
        arguments: [("00", 0), ("01", 1901), ("46", 1970), ("76", 2018), ("ff", 2155)])
    func year(bytes: String, value: Int) {
        verifyValue(hexBytes(bytes), equals: value) { (cell, all) throws(DecodingError) in
            try cell.year(in: all)
        }
    }

    // INSERT INTO t VALUES (b'1'), (b'101100111'), (18446744073709551615) …
    @Test(
        "GM4: BIT is big-endian and unsigned",
        arguments: [
            (1, "01", 1), (2, "02", 2), (6, "22", 0b100010), (8, "40", 64),
            (9, "0167", 0b1_0110_0111),
            (12, "08ad", 0b1000_1010_1101), (16, "8ab8", 0b1000_1010_1011_1000),
            (28, "07b55787", 0b0111_1011_0101_0101_0111_1000_0111),
            (64, "00000000186d9c97", 409_836_695), (64, "ffffffffffffffff", UInt64.max),
        ] as [(Int, String, UInt64)])
    func bits(count: Int, bytes: String, value: UInt64) {
        verifyValue(hexBytes(bytes), equals: value) { (cell, all) throws(DecodingError) in
            try cell.bits(count, in: all)
        }
    }

    @Test("A BIT value with more bits than its column is refused")
    func bitTooWide() {
        #expect(throws: DecodingError(.invalid("BIT value wider than its column"), at: 0)) {
            try CellRange(start: 0, count: 2).bits(9, in: [0x02, 0x00])
        }
    }
}

@Suite("FLOAT and DOUBLE")
struct FloatingPointTests {
    // INSERT INTO t VALUES (3.1415927), (0.1), (3.4028235e38) …
    @Test(
        "DZ14: a FLOAT is not widened: 0.1 stays 0.1",
        arguments: [
            ("db0f4940", 3.1415927), ("cdcccc3d", 0.1), ("ffff7f7f", 3.4028235e38),
            ("79e9f642", 123.456), ("9a9999be", -0.3), ("00000000", 0), ("0000c07f", .nan),
            ("0000804b", 16_777_216), ("01000000", 1e-45), ("000080ff", -Double.infinity),
        ])
    func float(bytes: String, value: Double) {
        verifyValue(hexBytes(bytes), equals: value.description) {
            (cell, all) throws(DecodingError) in
            try cell.floatAsDouble(in: all).description
        }
    }

    @Test("A FLOAT as Double prints with the Float's digits, for every exponent")
    func floatDigits() throws {
        var generator = SeededGenerator(seed: decoderSeed)
        for _ in 0..<20_000 {
            let pattern = UInt32.random(in: .min ... .max, using: &generator)
            let value = Float(bitPattern: pattern)
            guard value.isFinite else { continue }
            let bytes = (0..<4).map { UInt8(truncatingIfNeeded: pattern >> (8 * $0)) }
            let double = try CellRange(start: 0, count: 4).floatAsDouble(in: bytes)
            #expect(double == Double(value.description))
            #expect(Float(double) == value)
        }
    }

    @Test(
        arguments: [
            ("44174154fb210940", 3.1415926535), ("c4226554346f9d41", 123456789.09876543),
            ("c4226554346f9dc1", -123456789.09876543), ("0000000000000080", -0.0),
        ])
    func double(bytes: String, value: Double) {
        verifyValue(hexBytes(bytes), equals: value.bitPattern) {
            (cell, all) throws(DecodingError) in
            try cell.double(in: all).bitPattern
        }
    }
}
