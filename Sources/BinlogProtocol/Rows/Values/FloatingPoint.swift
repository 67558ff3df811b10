extension CellRange {
    /// A FLOAT.
    package func float(in bytes: [UInt8]) throws(DecodingError) -> Float {
        let pattern = try unsignedInteger(byteCount: 4, in: bytes)
        return Float(bitPattern: UInt32(truncatingIfNeeded: pattern))
    }

    /// A FLOAT as the Double that prints with the same digits: 0.1, not 0.10000000149011612.
    package func floatAsDouble(in bytes: [UInt8]) throws(DecodingError) -> Double {
        let value = try float(in: bytes)
        // A whole number of up to 24 bits is the same in both, and by far the most common.
        guard value != value.rounded(.towardZero) || value.magnitude > 16_777_216 else {
            return Double(value)
        }
        let text = value.description
        return Double(exactDigits: text) ?? Double(text) ?? Double(value)
    }

    /// A DOUBLE.
    package func double(in bytes: [UInt8]) throws(DecodingError) -> Double {
        Double(bitPattern: try unsignedInteger(byteCount: 8, in: bytes))
    }
}

extension Double {
    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    /// The double nearest to a number such as `-12.75` or `1.5e-07`; nil when that takes more than one operation.
    ///
    /// Digits below 2^53 and powers of ten up to 10^22 are exact doubles, so their product or quotient is
    /// rounded once, as the C library's `strtod` would.
    init?(exactDigits text: String) {
        var digits: UInt64 = 0
        var exponent = 0
        var written = 0
        var isNegative = false
        var isExponentNegative = false
        var (isFraction, isExponent) = (false, false)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9") where isExponent:
                written = written * 10 + Int(byte & 0xf)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard digits < 1 << 49 else { return nil }
                digits = digits * 10 + UInt64(byte & 0xf)
                if isFraction { exponent -= 1 }
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"): isExponent = true
            case UInt8(ascii: "-"):
                if isExponent { isExponentNegative = true } else { isNegative = true }
            case UInt8(ascii: "+"): break
            default: return nil
            }
        }
        exponent += isExponentNegative ? -written : written
        guard digits < 1 << 53, exponent.magnitude < Self.powersOfTen.count else { return nil }
        let power = Self.powersOfTen[Int(exponent.magnitude)]
        let value = exponent < 0 ? Double(digits) / power : Double(digits) * power
        self = isNegative ? -value : value
    }
}
