/// An instant in UTC, as TIMESTAMP columns hold it.
public struct Timestamp: Hashable, Sendable {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    public let seconds: Int64
    /// Microseconds within the second, 0 to 999,999.
    public let microseconds: Int

    /// An instant from its parts.
    public init(seconds: Int64, microseconds: Int) {
        self.seconds = seconds
        self.microseconds = microseconds
    }

    /// Milliseconds since 1970-01-01 00:00:00 UTC; what is finer is cut off.
    package var milliseconds: Int64 { seconds * 1000 + Int64(microseconds / 1000) }

    /// Appends `2026-11-23T10:30:00.123456Z` with 0 to 6 digits of fraction.
    ///
    /// With `separator` a space and no `suffix` it is what `SELECT` prints in the time zone UTC.
    package func append(
        fractionDigits: Int, separator: Unicode.Scalar = "T", suffix: Unicode.Scalar? = "Z",
        to output: inout [UInt8]
    ) {
        precondition((0...6).contains(fractionDigits))
        let value = civil
        output.appendDate(value)
        output.append(UInt8(ascii: separator))
        output.appendTime(value, fractionDigits: fractionDigits)
        if let suffix { output.append(UInt8(ascii: suffix)) }
    }

    /// Years are counted from March, so that the leap day is the last of its year.
    private var civil: PackedTemporal {
        var value = PackedTemporal()
        let (wholeDays, ofDay) = Timestamp.floorDivide(Int(seconds), by: 86_400)
        let (era, dayOfEra) = Timestamp.floorDivide(wholeDays + 719_468, by: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        value.day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        value.month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        value.year = yearOfEra + era * 400 + (value.month <= 2 ? 1 : 0)
        value.hour = ofDay / 3600
        value.minute = ofDay / 60 % 60
        value.second = ofDay % 60
        value.microsecond = microseconds
        return value
    }

    private static func floorDivide(_ value: Int, by divisor: Int) -> (Int, Int) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
