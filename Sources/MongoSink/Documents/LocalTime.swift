internal import BinlogProtocol
package import Foundation

/// Writes instants as `2026-11-23 16:00:00.123+05:30`.
package struct LocalTime: Sendable {
    package let timeZone: TimeZone
    /// The offset of the quarter of an hour that was asked for last: zones change at none other.
    private var known: (quarter: Int64, offset: Int)?

    package init(timeZone: TimeZone) {
        self.timeZone = timeZone
    }

    private mutating func offset(at seconds: Int64) -> Int {
        let quarter = seconds / 900
        if let known, known.quarter == quarter { return known.offset }
        let offset = timeZone.secondsFromGMT(
            for: Date(timeIntervalSince1970: TimeInterval(seconds)))
        known = (quarter, offset)
        return offset
    }

    package mutating func text(milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        let offset = offset(at: seconds)
        let local = Timestamp(
            seconds: seconds + Int64(offset),
            microseconds: Int(milliseconds % 1000) * 1000)
        var text: [UInt8] = []
        local.append(fractionDigits: 3, separator: " ", suffix: nil, to: &text)
        let minutes = abs(offset) / 60
        text.append(UInt8(ascii: offset < 0 ? "-" : "+"))
        for (index, number) in [minutes / 60, minutes % 60].enumerated() {
            if index == 1 { text.append(UInt8(ascii: ":")) }
            text.append(UInt8(ascii: "0") + UInt8(number / 10))
            text.append(UInt8(ascii: "0") + UInt8(number % 10))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
