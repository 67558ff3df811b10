/// Whether bytes are well-formed UTF-8, without making a String of them.
package enum UTF8Validation {
    /// Where the first byte above 0x7f is, or the range's end.
    static func endOfASCII(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        let raw = bytes.bytes
        var at = range.lowerBound
        while range.upperBound - at >= 8 {
            let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
            guard word & 0x8080_8080_8080_8080 == 0 else { break }
            at += 8
        }
        while at < range.upperBound, bytes[at] < 0x80 { at += 1 }
        return at
    }

    /// Whether `range` holds whole characters only: no overlong forms, no surrogates, nothing above
    /// U+10FFFF.
    package static func isValid(
        _ bytes: Span<UInt8>, _ range: Range<Int>, allowsFourBytes: Bool = true
    ) -> Bool {
        var at = endOfASCII(bytes, range)
        while at < range.upperBound {
            let first = bytes[at]
            let count: Int
            // The second byte's limits carry the rules against overlong forms and surrogates.
            var second: ClosedRange<UInt8> = 0x80...0xbf
            switch first {
            case 0xc2...0xdf: count = 2
            case 0xe0: (count, second) = (3, 0xa0...0xbf)
            case 0xed: (count, second) = (3, 0x80...0x9f)
            case 0xe1...0xef: count = 3
            case 0xf0 where allowsFourBytes: (count, second) = (4, 0x90...0xbf)
            case 0xf1...0xf3 where allowsFourBytes: count = 4
            case 0xf4 where allowsFourBytes: (count, second) = (4, 0x80...0x8f)
            default: return false
            }
            guard count <= range.upperBound - at, second.contains(bytes[at + 1]) else {
                return false
            }
            for index in 2..<count where bytes[at + index] & 0xc0 != 0x80 { return false }
            at = endOfASCII(bytes, (at + count)..<range.upperBound)
        }
        return true
    }
}
