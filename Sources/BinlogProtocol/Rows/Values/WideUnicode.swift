/// Unicode in units of two or four bytes, as ucs2, utf16, utf16le and utf32 are.
struct WideUnicode {
    let unitBytes: Int
    let isLittleEndian: Bool
    /// Whether two units make the characters above U+FFFF.
    let hasSurrogates: Bool

    /// Appends `range` as UTF-8; false when some of it is no character: then what was appended must go.
    func appendUTF8(_ bytes: Span<UInt8>, _ range: Range<Int>, to output: inout [UInt8]) -> Bool {
        guard range.count % unitBytes == 0 else { return false }
        var at = range.lowerBound
        while at < range.upperBound {
            var scalar = unit(bytes, at)
            at += unitBytes
            if hasSurrogates, 0xd800...0xdbff ~= scalar, at < range.upperBound {
                let low = unit(bytes, at)
                guard 0xdc00...0xdfff ~= low else { return false }
                scalar = 0x1_0000 + (scalar & 0x3ff) << 10 + low & 0x3ff
                at += unitBytes
            }
            guard Unicode.Scalar(scalar) != nil else { return false }
            output.appendUTF8(scalar)
        }
        return true
    }

    private func unit(_ bytes: Span<UInt8>, _ at: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in 0..<unitBytes {
            value =
                value << 8 | UInt32(bytes[isLittleEndian ? at + unitBytes - 1 - index : at + index])
        }
        return value
    }
}

extension Charset {
    /// How a character set of whole units is read; nil for all others.
    var wideUnicode: WideUnicode? {
        switch self {
        case .ucs2: WideUnicode(unitBytes: 2, isLittleEndian: false, hasSurrogates: false)
        case .utf16: WideUnicode(unitBytes: 2, isLittleEndian: false, hasSurrogates: true)
        case .utf16le: WideUnicode(unitBytes: 2, isLittleEndian: true, hasSurrogates: true)
        case .utf32: WideUnicode(unitBytes: 4, isLittleEndian: false, hasSurrogates: false)
        default: nil
        }
    }
}
