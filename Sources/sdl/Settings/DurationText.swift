/// Durations as settings write them: a whole number and `ms`, `s`, `m`, `h` or `d`.
package enum DurationText {
    package static let allowed = "a whole number with ms, s, m, h or d, for instance 500ms or 7d"

    private static let milliseconds: [(unit: String, count: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// The duration that `text` means; nil when it is none or does not fit.
    package static func parse(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        guard let number = Int64(digits),
            let scale = milliseconds.first(where: { $0.unit == unit })?.count
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: scale)
        // Duration counts attoseconds in 128 bits; a hundred years is far below its end.
        guard !overflow, product <= 100 * 366 * 86_400_000 else { return nil }
        return .milliseconds(product)
    }

    /// The text that ``parse(_:)`` reads back, in the largest unit that needs no fraction.
    package static func format(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let total = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        for (unit, count) in milliseconds.reversed() where total != 0 && total % count == 0 {
            return "\(total / count)\(unit)"
        }
        return "\(total)ms"
    }
}
