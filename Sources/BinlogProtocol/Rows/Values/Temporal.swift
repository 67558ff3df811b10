extension CellRange {
    /// Appends a DATE as `SELECT` prints it, zero and partial dates too.
    ///
    ///     u24 LE:  year (15) │ month (4) │ day (5)
    package func appendDate(
        in bytes: [UInt8], to output: inout [UInt8]
    ) throws(DecodingError) {
        let packed = try unsignedInteger(byteCount: 3, in: bytes)
        let year = packed >> 9
        let month = packed >> 5 & 0xf
        guard year <= 9999, month <= 12 else {
            throw DecodingError(.invalid("DATE"), at: start)
        }
        output.appendDate(
            year: Int(truncatingIfNeeded: year), month: Int(truncatingIfNeeded: month),
            day: Int(truncatingIfNeeded: packed & 0x1f))
    }

    /// Appends a DATETIME as `SELECT` prints it, with all digits of its fraction.
    ///
    ///     u40 BE, first bit inverted:  year * 13 + month (17) │ day (5) │ hour (5) │ minute (6) │ second (6)
    ///     then the fraction
    package func appendDateTime(
        fractionDigits: Int, in bytes: [UInt8], to output: inout [UInt8]
    ) throws(DecodingError) {
        let microsecond = try fraction(after: 5, digits: fractionDigits, in: bytes)
        let seconds =
            Int64(bigEndianInteger(at: 0, byteCount: 5, in: bytes)) - 0x80_0000_0000
        let packed = seconds << 24 + Int64(microsecond)
        output.appendDateTime(
            try PackedTemporal(dateTime: packed, at: start), fractionDigits: fractionDigits)
    }

    /// Appends a TIME as `SELECT` prints it, with all digits of its fraction.
    ///
    ///     u24 BE, 0x800000 added:  sign │ hour (10) │ minute (6) │ second (6), then the fraction
    ///
    /// Whole value and fraction are one number in two's complement: with a negative value the
    /// fraction borrows from the seconds.
    package func appendTime(
        fractionDigits: Int, in bytes: [UInt8], to output: inout [UInt8]
    ) throws(DecodingError) {
        let fractionBytes = try requireFraction(after: 3, digits: fractionDigits, in: bytes)
        let whole = Int64(bigEndianInteger(at: 0, byteCount: 3, in: bytes)) - 0x80_0000
        let part = Int64(bigEndianInteger(at: 3, byteCount: fractionBytes, in: bytes))
        let isBorrowed = whole < 0 && part != 0
        let packed: Int64
        if fractionBytes == 3 {
            packed = whole << 24 + part
        } else {
            let unit = Int64(CellRange.microsecondsPerUnit[fractionBytes])
            let carried = isBorrowed ? part - 1 << Int64(8 * fractionBytes) : part
            packed = (isBorrowed ? whole + 1 : whole) << 24 + carried * unit
        }
        let value = try PackedTemporal(time: packed, at: start)
        guard value.microsecond % CellRange.microsecondsPerDigit[fractionDigits] == 0 else {
            throw DecodingError(.invalid("fraction of a TIME"), at: start)
        }
        output.appendTime(value, fractionDigits: fractionDigits)
    }

    /// A TIMESTAMP; nil for the zero timestamp `0000-00-00 00:00:00`.
    ///
    ///     u32 BE: seconds since 1970 in UTC, then the fraction
    package func timestamp(
        fractionDigits: Int, in bytes: [UInt8]
    ) throws(DecodingError) -> Timestamp? {
        let microsecond = try fraction(after: 4, digits: fractionDigits, in: bytes)
        let seconds = bigEndianInteger(at: 0, byteCount: 4, in: bytes)
        guard seconds != 0 || microsecond != 0 else { return nil }
        return Timestamp(seconds: Int64(seconds), microseconds: microsecond)
    }
}

extension CellRange {
    /// What one unit of the stored fraction is, by the number of its bytes.
    private static let microsecondsPerUnit = [0, 10_000, 100, 1]
    /// What one unit of the last digit is, by the number of digits.
    private static let microsecondsPerDigit = [1_000_000, 100_000, 10_000, 1000, 100, 10, 1]

    /// The number of bytes of the fraction: one for every two digits.
    private func requireFraction(
        after whole: Int, digits: Int, in bytes: [UInt8]
    ) throws(DecodingError) -> Int {
        precondition((0...6).contains(digits))
        let byteCount = (digits + 1) / 2
        try require(whole + byteCount, in: bytes)
        return byteCount
    }

    /// The microseconds that follow the first `whole` bytes.
    ///
    /// An odd number of digits is stored with one more, a zero.
    private func fraction(
        after whole: Int, digits: Int, in bytes: [UInt8]
    ) throws(DecodingError) -> Int {
        let byteCount = try requireFraction(after: whole, digits: digits, in: bytes)
        let part = Int(bigEndianInteger(at: whole, byteCount: byteCount, in: bytes))
        let microsecond = part * CellRange.microsecondsPerUnit[byteCount]
        guard microsecond <= 999_999,
            microsecond % CellRange.microsecondsPerDigit[digits] == 0
        else {
            throw DecodingError(.invalid("fraction of a second"), at: start + whole)
        }
        return microsecond
    }
}
