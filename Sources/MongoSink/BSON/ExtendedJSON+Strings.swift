internal import BinlogProtocol

extension ExtendedJSON {
    /// Appends bytes as a JSON string, quotes included.
    mutating func string(_ bytes: [UInt8], _ range: Range<Int>) {
        text.append(UInt8(ascii: "\""))
        if UTF8Validation.isValid(bytes.span, range) {
            escaped(bytes, range)
        } else {
            // Bytes that are no UTF-8 become U+FFFD: the output must be valid JSON.
            let repaired = Array(String(decoding: bytes[range], as: UTF8.self).utf8)
            escaped(repaired, 0..<repaired.count)
        }
        text.append(UInt8(ascii: "\""))
    }

    /// Copies runs that need no escape as a whole.
    private mutating func escaped(_ bytes: [UInt8], _ range: Range<Int>) {
        var copied = range.lowerBound
        var at = range.lowerBound
        let span = bytes.span
        while at < range.upperBound {
            if range.upperBound - at >= 8,
                !Self.mayNeedEscape(bytes.loadLittleEndian(UInt64.self, at: at))
            {
                at += 8
                continue
            }
            let byte = span[at]
            at += 1
            guard byte < 0x20 || byte == 0x22 || byte == 0x5c || byte == 0x7f else { continue }
            text.append(bytes, copied..<(at - 1))
            copied = at
            escape(byte)
        }
        text.append(bytes, copied..<range.upperBound)
    }

    /// Whether one of eight bytes is a control character, a quote or a backslash.
    @inline(__always)
    private static func mayNeedEscape(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        // A byte below `limit` borrows into its highest bit.
        func hasByte(below limit: UInt64, _ word: UInt64) -> UInt64 {
            (word &- ones &* limit) & ~word
        }
        let found =
            hasByte(below: 0x20, word) | hasByte(below: 1, word ^ ones &* 0x22)
            | hasByte(below: 1, word ^ ones &* 0x5c) | hasByte(below: 1, word ^ ones &* 0x7f)
        return found & 0x8080_8080_8080_8080 != 0
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case 0x08: raw("\\b")
        case 0x09: raw("\\t")
        case 0x0A: raw("\\n")
        case 0x0C: raw("\\f")
        case 0x0D: raw("\\r")
        default: raw(made: "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))")
        }
    }
}
