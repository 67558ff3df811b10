extension [UInt8] {
    /// Appends a decimal number.
    package mutating func appendNumber(_ value: UInt64) {
        guard value < 100_000_000 else {
            appendNumber(value / 100_000_000)
            appendDigits(UInt32(truncatingIfNeeded: value % 100_000_000), width: 8)
            return
        }
        var width = 1
        var limit: UInt64 = 10
        while value >= limit { (width, limit) = (width + 1, limit * 10) }
        appendDigits(UInt32(truncatingIfNeeded: value), width: width)
    }

    /// Appends a decimal number with its sign.
    package mutating func appendNumber(_ value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendNumber(value.magnitude)
    }

    /// Appends the last `width` decimal digits (at most 9), zeros in front.
    mutating func appendDigits(_ value: UInt32, width: Int) {
        precondition((0...9).contains(width))
        var packed: UInt64 = 0
        var rest = value
        for _ in 0..<Swift.min(width, 8) {
            packed = packed << 8 | UInt64(UInt8(ascii: "0")) + UInt64(rest % 10)
            rest /= 10
        }
        if width == 9 { append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)) }
        append(packed: packed, count: Swift.min(width, 8))
    }

    /// Appends the lowest `count` bytes, lowest first: one append for a whole group of characters.
    mutating func append(packed: UInt64, count: Int) {
        Swift.withUnsafeBytes(of: packed.littleEndian) { raw in
            append(contentsOf: UnsafeRawBufferPointer(rebasing: raw.prefix(count)))
        }
    }
}

/// Two digits of `value`, which is below 100, as packed characters: the tens lowest.
func twoDigits(_ value: Int) -> UInt64 {
    let digits =
        UInt64(truncatingIfNeeded: value / 10) | UInt64(truncatingIfNeeded: value % 10) << 8
    return 0x3030 + digits
}
