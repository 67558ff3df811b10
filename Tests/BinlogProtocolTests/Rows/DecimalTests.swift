import BinlogProtocol
import TestSupport
import Testing

@Suite("DECIMAL")
struct DecimalTests {
    struct Case: CustomTestStringConvertible {
        let precision: Int
        let scale: Int
        let bytes: String
        let text: String

        init(_ precision: Int, _ scale: Int, _ bytes: String, _ text: String) {
            (self.precision, self.scale, self.bytes, self.text) = (precision, scale, bytes, text)
        }

        var testDescription: String { "DECIMAL(\(precision),\(scale)) \(text)" }
    }

    static let nineNines = "3b9ac9ff"

    // CREATE TABLE t (d DECIMAL(p,s)); INSERT INTO t VALUES (text)
    static let cases = [
        Case(14, 4, "810dfb38d204d2", "1234567890.1234"),
        Case(14, 4, "7ef204c72dfb2d", "-1234567890.1234"),
        Case(2, 1, "8001", "0.1"), Case(2, 1, "7ffe", "-0.1"), Case(1, 1, "85", "0.5"),
        Case(3, 2, "8005", "0.05"), Case(10, 2, "8000000000", "0.00"),
        Case(10, 2, "7ffffff5c8", "-10.55"), Case(10, 9, "8000000001", "0.000000001"),
        Case(10, 9, "7ffffffffe", "-0.000000001"), Case(18, 9, "80000000075bcd15", "0.123456789"),
        Case(20, 2, "80000000 00000001 0a", "1.10"),
        Case(
            65, 0, "e3" + String(repeating: nineNines, count: 7), String(repeating: "9", count: 65)),
        Case(30, 30, "bb9ac9ff3b9ac9ff3b9ac9ff03e7", "0." + String(repeating: "9", count: 30)),
        Case(9, 0, "80000001", "1"), Case(9, 9, "80000001", "0.000000001"),
        // ZJ7: DECIMAL(30,20) 0.00000000000000000001
        Case(30, 20, "80 00000000 00000000 00000000 01", "0.00000000000000000001"),
        Case(4, 2, "e363", "99.99"), Case(4, 2, "1c9c", "-99.99"),
    ]

    @Test("ZJ7: as SELECT prints it", arguments: cases)
    func printed(_ decimal: Case) {
        verifyValue(hexBytes(decimal.bytes), equals: decimal.text) {
            (cell, all) throws(DecodingError) in
            try text { (output: inout [UInt8]) throws(DecodingError) in
                try cell.appendDecimal(
                    precision: decimal.precision, scale: decimal.scale, in: all, to: &output)
            }
        }
    }

    @Test("As sign and integer", arguments: cases.filter { $0.precision <= 38 })
    func coefficient(_ decimal: Case) throws {
        let digits = try #require(UInt128(decimal.text.filter(\.isNumber)))
        let expected = DecimalCoefficient(
            isNegative: decimal.text.hasPrefix("-"), magnitude: digits)
        verifyValue(hexBytes(decimal.bytes), equals: expected) {
            (cell, all) throws(DecodingError) in
            try cell.decimalCoefficient(
                precision: decimal.precision, scale: decimal.scale, in: all)
        }
    }

    @Test("The largest that the integer form holds, and one that it does not")
    func coefficientLimits() throws {
        let bytes = hexBytes("e3" + String(repeating: Self.nineNines, count: 4))
        let cell = CellRange(start: 0, count: bytes.count)
        #expect(
            try cell.decimalCoefficient(precision: 38, scale: 0, in: bytes)?.magnitude
                == UInt128("99999999999999999999999999999999999999"))
        let large = hexBytes("83e7" + String(repeating: Self.nineNines, count: 4))
        let largeCell = CellRange(start: 0, count: large.count)
        #expect(try largeCell.decimalCoefficient(precision: 39, scale: 0, in: large) == nil)
    }

    @Test("A small number of a wide precision has an integer form")
    func smallCoefficientOfWidePrecision() throws {
        let bytes = hexBytes("8000" + String(repeating: "00000000", count: 3) + "00000007")
        let cell = CellRange(start: 0, count: bytes.count)
        #expect(
            try cell.decimalCoefficient(precision: 39, scale: 2, in: bytes)
                == DecimalCoefficient(isNegative: false, magnitude: 7))
    }

    @Test("A negative zero prints and counts as zero")
    func negativeZero() throws {
        let bytes = hexBytes("7fff")
        let cell = CellRange(start: 0, count: 2)
        let printed = try text { (output: inout [UInt8]) throws(DecodingError) in
            try cell.appendDecimal(precision: 3, scale: 2, in: bytes, to: &output)
        }
        #expect(printed == "0.00")
        #expect(
            try cell.decimalCoefficient(precision: 3, scale: 2, in: bytes)
                == DecimalCoefficient(isNegative: false, magnitude: 0))
    }

    @Test(
        "Digits that are none are refused",
        arguments: [(2, 0, "e4"), (9, 0, "bb9aca00"), (10, 1, "bb9ac9ff0a"), (4, 2, "8064")])
    func badDigits(precision: Int, scale: Int, bytes: String) {
        let bytes = hexBytes(bytes)
        let error = #expect(throws: DecodingError.self) {
            try CellRange(start: 0, count: bytes.count).decimalCoefficient(
                precision: precision, scale: scale, in: bytes)
        }
        #expect(error?.code == .invalid("digits of a DECIMAL"))
    }

    @Test(
        "A precision or scale that no column has", arguments: [(0, 0), (66, 0), (40, 31), (3, 4)])
    func badFormat(precision: Int, scale: Int) {
        #expect(throws: DecodingError(.invalid("precision and scale of a DECIMAL"), at: 0)) {
            var output: [UInt8] = []
            try CellRange(start: 0, count: 1).appendDecimal(
                precision: precision, scale: scale, in: [0x80], to: &output)
        }
    }
}
