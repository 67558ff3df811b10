/// A decimal number of up to 34 digits as BSON holds it: IEEE 754-2008 decimal128, binary integers.
///
///     bit 127  sign
///     bits 126…113  exponent + 6176   (finite numbers that we write: bits 126…125 are never 11)
///     bits 112…0    coefficient, at most 10^34 − 1
/// https://github.com/mongodb/specifications/blob/master/source/bson-decimal128/decimal128.md
package struct Decimal128: Sendable, Hashable {
    /// Bits 63…0.
    package let low: UInt64
    /// Bits 127…64.
    package let high: UInt64

    package init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    package static let digitsMax = 34
    package static let coefficientMax: UInt128 = 9_999_999_999_999_999_999_999_999_999_999_999
    package static let exponentRange = -6176...6111
    private static let exponentBias = 6176

    /// Makes ±coefficient × 10^exponent; nil when it has more than 34 digits or the exponent is out of range.
    package init?(isNegative: Bool, coefficient: UInt128, exponent: Int) {
        guard coefficient <= Self.coefficientMax, Self.exponentRange.contains(exponent) else {
            return nil
        }
        let biased = UInt64(exponent + Self.exponentBias)
        self.low = UInt64(truncatingIfNeeded: coefficient)
        self.high =
            (isNegative ? 1 << 63 : 0) | (biased << 49)
            | UInt64(truncatingIfNeeded: coefficient >> 64)
    }
}

extension Decimal128 {
    /// What the 128 bits say.
    package enum Parts: Sendable, Equatable {
        case finite(isNegative: Bool, coefficient: UInt128, exponent: Int)
        case infinity(isNegative: Bool)
        case notANumber
    }

    /// The number taken apart; a coefficient over 34 digits counts as zero, as the format says.
    package var parts: Parts {
        let isNegative = high >> 63 == 1
        let combination = (high >> 58) & 0x1F
        if combination == 0x1F { return .notANumber }
        if combination == 0x1E { return .infinity(isNegative: isNegative) }
        if combination >> 3 == 3 {
            // The second form: its coefficient has an implied 0b100 in front, beyond 34 digits.
            let exponent = Int((high >> 47) & 0x3FFF) - Self.exponentBias
            return .finite(isNegative: isNegative, coefficient: 0, exponent: exponent)
        }
        let exponent = Int((high >> 49) & 0x3FFF) - Self.exponentBias
        let coefficient = UInt128(high & 0x1_FFFF_FFFF_FFFF) << 64 | UInt128(low)
        return .finite(
            isNegative: isNegative,
            coefficient: coefficient <= Self.coefficientMax ? coefficient : 0, exponent: exponent)
    }
}

extension Decimal128: CustomStringConvertible {
    /// The text that the decimal128 specification prescribes, scientific where it says so.
    package var description: String {
        switch parts {
        case .notANumber: return "NaN"
        case .infinity(let isNegative): return isNegative ? "-Infinity" : "Infinity"
        case .finite(let isNegative, let coefficient, let exponent):
            let digits = String(coefficient)
            let sign = isNegative ? "-" : ""
            let adjusted = exponent + digits.count - 1
            if exponent > 0 || adjusted < -6 {
                let fraction = digits.dropFirst()
                let point = fraction.isEmpty ? "" : "."
                return "\(sign)\(digits.prefix(1))\(point)\(fraction)E"
                    + (adjusted < 0 ? "\(adjusted)" : "+\(adjusted)")
            }
            if exponent == 0 { return sign + digits }
            let scale = -exponent
            if digits.count > scale {
                return "\(sign)\(digits.dropLast(scale)).\(digits.suffix(scale))"
            }
            let zeros = String(repeating: "0", count: scale - digits.count)
            return "\(sign)0.\(zeros)\(digits)"
        }
    }
}
