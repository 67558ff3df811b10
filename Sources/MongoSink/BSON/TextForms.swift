/// A moment in the proleptic Gregorian calendar, UTC.
struct CivilTime {
    let year: Int64
    let month: Int64
    let day: Int64
    let secondOfDay: Int64
    let millisecond: Int64

    /// Nil outside the years 1970 to 9999, the range in which relaxed Extended JSON prints a date as text.
    init?(millisecondsSince1970 milliseconds: Int64) {
        guard milliseconds >= 0, milliseconds < 253_402_300_800_000 else { return nil }
        let days = milliseconds / 86_400_000
        let rest = milliseconds % 86_400_000
        secondOfDay = rest / 1000
        millisecond = rest % 1000
        // Days are counted from 0000-03-01 in eras of 400 years, so that leap days end a year.
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// `2026-11-23T10:30:00.123Z`, the fraction only when it is not zero.
    var iso8601: String {
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let hour = padded(secondOfDay / 3600, 2)
        let minute = padded(secondOfDay / 60 % 60, 2)
        let second = padded(secondOfDay % 60, 2)
        let fraction = millisecond == 0 ? "" : ".\(padded(millisecond, 3))"
        return "\(date)T\(hour):\(minute):\(second)\(fraction)Z"
    }
}

enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func append(_ bytes: ArraySlice<UInt8>, to text: inout [UInt8]) {
        var rest = bytes
        while !rest.isEmpty {
            let group = rest.prefix(3)
            rest = rest.dropFirst(3)
            var bits: UInt32 = 0
            for (index, byte) in group.enumerated() { bits |= UInt32(byte) << (16 - 8 * index) }
            for index in 0..<4 {
                let digit = Int(bits >> (18 - 6 * index) & 63)
                text.append(index <= group.count ? alphabet[digit] : UInt8(ascii: "="))
            }
        }
    }
}
