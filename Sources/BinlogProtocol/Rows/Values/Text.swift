extension Charset {
    /// The text that `bytes` are in this character set; nil if they are none, or it is not decoded.
    func decode(_ bytes: [UInt8]) -> String? {
        switch self {
        case .other, .unknown: return nil
        case .utf8mb4, .utf8mb3, .latin1, .ascii, .binary:
            var text: [UInt8] = []
            return appendDecodable(bytes, 0..<bytes.count, to: &text)
                ? String(decoding: text, as: UTF8.self) : nil
        }
    }

    /// Appends a value as UTF-8; false, with nothing appended, if its bytes are not valid in this
    /// character set.
    ///
    /// Throws `.unsupported` for a character set that is not decoded or not known.
    package func appendUTF8(
        _ cell: CellRange, in bytes: [UInt8], to output: inout [UInt8]
    ) throws(DecodingError) -> Bool {
        try cell.require(in: bytes)
        switch self {
        case .other, .unknown:
            throw DecodingError(.unsupported("text in \(self)"), at: cell.start)
        case .utf8mb4, .utf8mb3, .latin1, .ascii, .binary:
            return appendDecodable(bytes, cell.range, to: &output)
        }
    }

    private func appendDecodable(
        _ bytes: [UInt8], _ range: Range<Int>, to output: inout [UInt8]
    ) -> Bool {
        let asciiEnd = UTF8Validation.endOfASCII(bytes.span, range)
        switch self {
        case .latin1:
            output.append(contentsOf: bytes[range.lowerBound..<asciiEnd])
            for at in asciiEnd..<range.upperBound { Latin1.append(bytes[at], to: &output) }
            return true
        case .ascii:
            guard asciiEnd == range.upperBound else { return false }
        case .utf8mb3, .utf8mb4, .binary, .other, .unknown:
            let rest = asciiEnd..<range.upperBound
            guard UTF8Validation.isValid(bytes.span, rest, allowsFourBytes: self != .utf8mb3) else {
                return false
            }
        }
        output.append(contentsOf: bytes[range])
        return true
    }
}
