import MongoSink
import Testing

/// The words come from `bson.Decimal128(text).bid`, the texts from its `str`.
struct Decimal128Tests {
    static let vectors: [(text: String, high: UInt64, low: UInt64)] = [
        ("0", 0x3040_0000_0000_0000, 0), ("-0", 0xb040_0000_0000_0000, 0),
        ("1", 0x3040_0000_0000_0000, 1), ("-1", 0xb040_0000_0000_0000, 1),
        ("0.1", 0x303e_0000_0000_0000, 1), ("0.001", 0x303a_0000_0000_0000, 1),
        ("1E+3", 0x3046_0000_0000_0000, 1), ("1E-7", 0x3032_0000_0000_0000, 1),
        ("0.000001", 0x3034_0000_0000_0000, 1), ("123.456", 0x303a_0000_0000_0000, 0x1e240),
        ("-1.50", 0xb03c_0000_0000_0000, 0x96),
        ("9999999999999999999999999999999999", 0x3041_ed09_bead_87c0, 0x378d_8e63_ffff_ffff),
        ("1E+6111", 0x5ffe_0000_0000_0000, 1), ("1E-6176", 0, 1), ("0E-6176", 0, 0),
        ("0E+3", 0x3046_0000_0000_0000, 0),
        ("12345678901234567890.12345678", 0x3030_0000_03fd_35eb, 0x6d79_7a91_be38_f34e),
        ("NaN", 0x7c00_0000_0000_0000, 0), ("Infinity", 0x7800_0000_0000_0000, 0),
        ("-Infinity", 0xf800_0000_0000_0000, 0),
    ]

    @Test(arguments: vectors)
    func printsAsTheSpecificationSays(_ text: String, _ high: UInt64, _ low: UInt64) {
        #expect(Decimal128(low: low, high: high).description == text)
    }

    @Test(arguments: vectors)
    func partsGiveTheSameWords(_ text: String, _ high: UInt64, _ low: UInt64) throws {
        let value = Decimal128(low: low, high: high)
        guard case .finite(let isNegative, let coefficient, let exponent) = value.parts else {
            #expect(text.hasSuffix("NaN") || text.hasSuffix("Infinity"))
            return
        }
        let again = try #require(
            Decimal128(isNegative: isNegative, coefficient: coefficient, exponent: exponent))
        #expect(again == value)
    }

    @Test func whatDoesNotFitIsRefused() {
        let max = Decimal128.coefficientMax
        #expect(Decimal128(isNegative: false, coefficient: max + 1, exponent: 0) == nil)
        #expect(Decimal128(isNegative: false, coefficient: .max, exponent: 0) == nil)
        #expect(Decimal128(isNegative: false, coefficient: 1, exponent: 6112) == nil)
        #expect(Decimal128(isNegative: false, coefficient: 1, exponent: -6177) == nil)
        #expect(Decimal128(isNegative: false, coefficient: 1, exponent: .max) == nil)
        #expect(Decimal128(isNegative: true, coefficient: max, exponent: -6176) != nil)
    }

    @Test func aCoefficientBeyondTheDigitsIsZero() {
        // The second form, whose coefficient begins with 0b100, and the first form above 10^34 - 1.
        #expect(Decimal128(low: 1, high: 0x6c10_0000_0000_0000).description == "0")
        #expect(Decimal128(low: .max, high: 0x3041_ffff_ffff_ffff).description == "0")
    }

    @Test func everyPatternPrints() {
        var high: UInt64 = 1
        for _ in 0..<4096 {
            high = high &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            #expect(!Decimal128(low: high &* 3, high: high).description.isEmpty)
        }
    }
}
