/// A date or time as MySQL packs it, taken apart and checked.
///
///     date and time:  year * 13 + month (17) │ day (5) │ hour (5) │ minute (6) │ second (6) │ µs (24)
///     time:           sign                             hour (10) │ minute (6) │ second (6) │ µs (24)
struct PackedTemporal: Equatable, Sendable {
    var isNegative = false
    var year = 0
    var month = 0
    var day = 0
    var hour = 0
    var minute = 0
    var second = 0
    var microsecond = 0

    init() {}

    /// A DATETIME from its 64 bits; zero months and days are kept as they are.
    init(dateTime packed: Int64, at offset: Int) throws(DecodingError) {
        guard packed >= 0 else { throw DecodingError(.invalid("DATETIME"), at: offset) }
        microsecond = Int(packed & 0xff_ffff)
        let seconds = packed >> 24
        second = Int(seconds & 0x3f)
        minute = Int(seconds >> 6 & 0x3f)
        hour = Int(seconds >> 12 & 0x1f)
        day = Int(seconds >> 17 & 0x1f)
        let months = Int(seconds >> 22)
        year = months / 13
        month = months % 13
        guard year <= 9999, hour <= 23, isClockValid else {
            throw DecodingError(.invalid("DATETIME"), at: offset)
        }
    }

    /// A TIME from its 64 bits: −838:59:59 to 838:59:59.
    init(time packed: Int64, at offset: Int) throws(DecodingError) {
        isNegative = packed < 0
        let magnitude = packed.magnitude
        microsecond = Int(magnitude & 0xff_ffff)
        let seconds = magnitude >> 24
        second = Int(seconds & 0x3f)
        minute = Int(seconds >> 6 & 0x3f)
        guard seconds >> 12 <= 838, isClockValid else {
            throw DecodingError(.invalid("TIME"), at: offset)
        }
        hour = Int(seconds >> 12)
    }

    var isClockValid: Bool { minute <= 59 && second <= 59 && microsecond <= 999_999 }
}

extension [UInt8] {
    private static let dash = UInt64(UInt8(ascii: "-"))
    private static let colon = UInt64(UInt8(ascii: ":"))

    mutating func appendDate(year: Int, month: Int, day: Int) {
        let yearAndMonth =
            twoDigits(year / 100) | twoDigits(year % 100) << 16 | Self.dash << 32
            | twoDigits(month) << 40 | Self.dash << 56
        append(packed: yearAndMonth, count: 8)
        append(packed: twoDigits(day), count: 2)
    }

    mutating func appendDate(_ value: PackedTemporal) {
        appendDate(year: value.year, month: value.month, day: value.day)
    }

    /// Appends `[-]HH:MM:SS[.ffffff]`, with a third digit of hours if there is one.
    mutating func appendTime(_ value: PackedTemporal, fractionDigits: Int) {
        if value.isNegative { append(UInt8(ascii: "-")) }
        if value.hour > 99 { append(UInt8(ascii: "0") + UInt8(value.hour / 100)) }
        let clock =
            twoDigits(value.hour % 100) | Self.colon << 16 | twoDigits(value.minute) << 24
            | Self.colon << 40 | twoDigits(value.second) << 48
        append(packed: clock, count: 8)
        appendFraction(value.microsecond, digits: fractionDigits)
    }

    mutating func appendDateTime(_ value: PackedTemporal, fractionDigits: Int) {
        appendDate(value)
        append(UInt8(ascii: " "))
        appendTime(value, fractionDigits: fractionDigits)
    }

    /// Appends the point and the first `digits` of six digits of fraction; nothing for 0.
    mutating func appendFraction(_ microsecond: Int, digits: Int) {
        guard digits > 0 else { return }
        let fraction =
            twoDigits(microsecond / 10_000) | twoDigits(microsecond / 100 % 100) << 16
            | twoDigits(microsecond % 100) << 32
        append(packed: UInt64(UInt8(ascii: ".")) | fraction << 8, count: digits + 1)
    }
}
