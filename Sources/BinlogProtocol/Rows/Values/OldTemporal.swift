/// TIME, DATETIME and TIMESTAMP as tables from before MySQL 5.6 hold them, and MariaDB's with a fraction.
///
///                 no fraction                         with 1 to 6 digits (big-endian, units of the last digit)
///     TIME        i24 LE: hhmmss in decimal           4 to 6 bytes: time + 839 hours
///     DATETIME    u64 LE: YYYYMMDDhhmmss in decimal   6 to 8 bytes: ((((y*13+m)*32+d)*24+h)*60+min)*60+s …
///     TIMESTAMP   u32 LE: seconds since 1970          4 bytes: seconds, 1 to 3 bytes: fraction
/// Seen on MariaDB 10.11 and 11.8 with `mysql56_temporal_format=OFF`.
enum OldTemporal {
    static let timeBytes: [UInt8] = [3, 4, 4, 5, 5, 5, 6]
    static let dateTimeBytes: [UInt8] = [8, 6, 6, 7, 7, 7, 8]
    static let timestampBytes: [UInt8] = [4, 5, 5, 6, 6, 7, 7]

    /// What is added to a TIME with a fraction to make it positive, in seconds.
    static let timeOffset = 839 * 3600
    static let unitsPerSecond = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]
}

extension CellRange {
    /// Appends a TIME of the old form as `SELECT` prints it.
    package func appendOldTime(
        fractionDigits: Int, in bytes: [UInt8], to output: inout [UInt8]
    ) throws(DecodingError) {
        precondition((0...6).contains(fractionDigits))
        var value = PackedTemporal()
        if fractionDigits == 0 {
            let decimal = try signedInteger(byteCount: 3, in: bytes)
            value.isNegative = decimal < 0
            value.setClock(decimal: Int(decimal.magnitude))
        } else {
            let byteCount = Int(OldTemporal.timeBytes[fractionDigits])
            try require(byteCount, in: bytes)
            let unit = OldTemporal.unitsPerSecond[fractionDigits]
            let stored = Int(bigEndianInteger(at: 0, byteCount: byteCount, in: bytes))
            let units = stored - OldTemporal.timeOffset * unit
            value.isNegative = units < 0
            let magnitude = Int(units.magnitude)
            value.microsecond = magnitude % unit * (1_000_000 / unit)
            value.setClock(seconds: magnitude / unit)
        }
        guard value.hour <= 838, value.isClockValid else {
            throw DecodingError(.invalid("TIME"), at: start)
        }
        output.appendTime(value, fractionDigits: fractionDigits)
    }

    /// Appends a DATETIME of the old form as `SELECT` prints it.
    package func appendOldDateTime(
        fractionDigits: Int, in bytes: [UInt8], to output: inout [UInt8]
    ) throws(DecodingError) {
        precondition((0...6).contains(fractionDigits))
        var value = PackedTemporal()
        if fractionDigits == 0 {
            let decimal = try unsignedInteger(byteCount: 8, in: bytes)
            guard decimal <= 9999_99_99_99_99_99 else {
                throw DecodingError(.invalid("DATETIME"), at: start)
            }
            let date = Int(decimal / 1_000_000)
            value.setClock(decimal: Int(decimal % 1_000_000))
            (value.year, value.month, value.day) = (date / 10_000, date / 100 % 100, date % 100)
        } else {
            let byteCount = Int(OldTemporal.dateTimeBytes[fractionDigits])
            try require(byteCount, in: bytes)
            let unit = UInt64(OldTemporal.unitsPerSecond[fractionDigits])
            let stored = bigEndianInteger(at: 0, byteCount: byteCount, in: bytes)
            value.microsecond = Int(stored % unit * (1_000_000 / unit))
            let seconds = stored / unit
            value.setClock(seconds: Int(seconds % 86_400))
            let days = Int(seconds / 86_400)
            (value.year, value.month, value.day) = (days / 32 / 13, days / 32 % 13, days % 32)
        }
        guard value.year <= 9999, value.month <= 12, value.day <= 31, value.hour <= 23,
            value.isClockValid
        else { throw DecodingError(.invalid("DATETIME"), at: start) }
        output.appendDateTime(value, fractionDigits: fractionDigits)
    }

    /// A TIMESTAMP of the old form; nil for the zero timestamp `0000-00-00 00:00:00`.
    package func oldTimestamp(
        fractionDigits: Int, in bytes: [UInt8]
    ) throws(DecodingError) -> Timestamp? {
        precondition((0...6).contains(fractionDigits))
        guard fractionDigits > 0 else {
            let seconds = try unsignedInteger(byteCount: 4, in: bytes)
            return seconds == 0 ? nil : Timestamp(seconds: Int64(seconds), microseconds: 0)
        }
        let byteCount = Int(OldTemporal.timestampBytes[fractionDigits])
        try require(byteCount, in: bytes)
        let seconds = bigEndianInteger(at: 0, byteCount: 4, in: bytes)
        let part = Int(bigEndianInteger(at: 4, byteCount: byteCount - 4, in: bytes))
        let unit = OldTemporal.unitsPerSecond[fractionDigits]
        guard part < unit else { throw DecodingError(.invalid("TIMESTAMP"), at: start + 4) }
        guard seconds != 0 || part != 0 else { return nil }
        return Timestamp(
            seconds: Int64(seconds), microseconds: part * (1_000_000 / unit))
    }
}

extension PackedTemporal {
    fileprivate mutating func setClock(decimal: Int) {
        (hour, minute, second) = (decimal / 10_000, decimal / 100 % 100, decimal % 100)
    }

    fileprivate mutating func setClock(seconds: Int) {
        (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}
