/// A DECIMAL as an integer; the column's scale says where the point is.
package struct DecimalCoefficient: Equatable, Sendable {
    /// Never true for zero.
    package let isNegative: Bool
    package let magnitude: UInt128

    package init(isNegative: Bool, magnitude: UInt128) {
        self.isNegative = isNegative
        self.magnitude = magnitude
    }
}

extension CellRange {
    /// Appends a DECIMAL as `SELECT` prints it: every digit of the scale, no sign for zero.
    ///
    /// Throws `.invalid` for a precision and scale that no column has, or for a group of digits that
    /// is none.
    package func appendDecimal(
        precision: Int, scale: Int, in bytes: [UInt8], to output: inout [UInt8]
    ) throws(DecodingError) {
        var groups = try DecimalGroups(precision, scale, self, bytes)
        let first = output.count
        if groups.isNegative { output.append(UInt8(ascii: "-")) }
        let integerStart = output.count
        var isZero = true
        while groups.integerDigitsLeft > 0 {
            let (value, digits) = try groups.next()
            isZero = isZero && value == 0
            if output.count > integerStart {
                output.appendDigits(value, width: digits)
            } else if value > 0 {
                output.appendNumber(UInt64(value))
            }
        }
        if output.count == integerStart { output.append(UInt8(ascii: "0")) }
        if scale > 0 { output.append(UInt8(ascii: ".")) }
        while groups.fractionDigitsLeft > 0 {
            let (value, digits) = try groups.next()
            isZero = isZero && value == 0
            output.appendDigits(value, width: digits)
        }
        if isZero, groups.isNegative { output.remove(at: first) }
    }

    /// A DECIMAL as sign and integer; nil when the digits of this value are more than UInt128 can hold.
    ///
    /// Throws as ``appendDecimal(precision:scale:in:to:)`` does.
    package func decimalCoefficient(
        precision: Int, scale: Int, in bytes: [UInt8]
    ) throws(DecodingError) -> DecimalCoefficient? {
        var groups = try DecimalGroups(precision, scale, self, bytes)
        var magnitude: UInt128 = 0
        var fits = true
        while groups.integerDigitsLeft + groups.fractionDigitsLeft > 0 {
            let (value, digits) = try groups.next()
            let (shifted, isTooLarge) = magnitude.multipliedReportingOverflow(
                by: UInt128(DecimalGroups.powersOfTen[digits]))
            let (sum, isTooLargeNow) = shifted.addingReportingOverflow(UInt128(value))
            if isTooLarge || isTooLargeNow { fits = false }
            magnitude = sum
        }
        guard fits else { return nil }
        return DecimalCoefficient(
            isNegative: groups.isNegative && magnitude != 0, magnitude: magnitude)
    }
}

/// Steps through the groups of digits of one DECIMAL.
private struct DecimalGroups {
    static let powersOfTen: [UInt32] = [
        1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    ]

    let isNegative: Bool
    private(set) var integerDigitsLeft: Int
    private(set) var fractionDigitsLeft: Int
    private let bytes: [UInt8]
    private let start: Int
    private var offset: Int

    init(
        _ precision: Int, _ scale: Int, _ cell: CellRange, _ bytes: [UInt8]
    ) throws(DecodingError) {
        guard let format = DecimalFormat(precision: precision, scale: scale) else {
            throw DecodingError(.invalid("precision and scale of a DECIMAL"), at: cell.start)
        }
        try cell.require(format.byteCount, in: bytes)
        integerDigitsLeft = format.integerDigits
        fractionDigitsLeft = format.scale
        self.bytes = bytes
        start = cell.start
        offset = cell.start
        isNegative = bytes[cell.start] & 0x80 == 0
    }

    /// The value of the next group and how many digits it stands for.
    mutating func next() throws(DecodingError) -> (value: UInt32, digits: Int) {
        let digits: Int
        if integerDigitsLeft > 0 {
            // The short group of the integer part is its first, that of the fraction its last.
            let short = integerDigitsLeft % 9
            digits = short == 0 ? 9 : short
            integerDigitsLeft -= digits
        } else {
            digits = min(9, fractionDigitsLeft)
            fractionDigitsLeft -= digits
        }
        let byteCount = DecimalFormat.partialBytes(digits == 9 ? 8 : digits)
        var value: UInt32 = 0
        for index in offset..<(offset + byteCount) {
            var byte = bytes[index]
            if index == start { byte ^= 0x80 }
            value = value << 8 | UInt32(isNegative ? ~byte : byte)
        }
        guard value < DecimalGroups.powersOfTen[digits] else {
            throw DecodingError(.invalid("digits of a DECIMAL"), at: offset)
        }
        offset += byteCount
        return (value, digits)
    }
}
