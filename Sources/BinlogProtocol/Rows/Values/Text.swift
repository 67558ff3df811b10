extension Charset {
    /// Why nothing in this character set can be read; nil for all that can.
    var refusal: String? {
        switch self {
        case .other: return "text in \(self)"
        default:
            return table?.missingConverter.map {
                "text in \(self) without the C library's converter \($0) (Debian: libc-gconv-modules-extra)"
            }
        }
    }

    /// The error of what cannot be read: another machine may have the converter, nobody a character set without a name.
    package static func error(_ refusal: String, _ charset: Charset?, at offset: Int)
        -> DecodingError
    {
        if let charset, charset.table?.missingConverter != nil {
            return DecodingError(.unable(refusal), at: offset)
        }
        return DecodingError(.unsupported(refusal), at: offset)
    }

    /// The text that `bytes` are in this character set; nil if they are none, or it cannot be read.
    func decode(_ bytes: [UInt8]) -> String? {
        guard refusal == nil else { return nil }
        var text: [UInt8] = []
        return appendDecodable(bytes, 0..<bytes.count, to: &text)
            ? String(decoding: text, as: UTF8.self) : nil
    }

    /// Appends a value as UTF-8; false, with nothing appended, if its bytes are not valid in this
    /// character set.
    ///
    /// A character set that is not known is taken for UTF-8. Throws `.unsupported` for one that has no name here, `.unable`
    /// for one that the C library here lacks.
    package func appendUTF8(
        _ cell: CellRange, in bytes: [UInt8], to output: inout [UInt8]
    ) throws(DecodingError) -> Bool {
        try cell.require(in: bytes)
        if appendDecodable(bytes, cell.range, to: &output) { return true }
        guard let refusal else { return false }
        throw Charset.error(refusal, self, at: cell.start)
    }

    /// Whether a value's bytes are its text in UTF-8 as they are.
    ///
    /// False says nothing: ``appendUTF8(_:in:to:)`` converts what can be converted.
    package func isUTF8(_ cell: CellRange, in bytes: [UInt8]) throws(DecodingError) -> Bool {
        try cell.require(in: bytes)
        return switch self {
        case .utf8mb4, .binary, .unknown: UTF8Validation.isValid(bytes.span, cell.range)
        case .utf8mb3:
            UTF8Validation.isValid(bytes.span, cell.range, allowsFourBytes: false)
        case .latin1, .ascii:
            UTF8Validation.endOfASCII(bytes.span, cell.range) == cell.end
        default: false
        }
    }

    /// Appends text as UTF-8; false, with nothing appended, if it is none or cannot be read.
    private func appendDecodable(
        _ bytes: [UInt8], _ range: Range<Int>, to output: inout [UInt8]
    ) -> Bool {
        switch self {
        case .utf8mb4, .binary, .unknown:
            guard UTF8Validation.isValid(bytes.span, range) else { return false }
            output.append(contentsOf: bytes[range])
            return true
        case .utf8mb3:
            guard UTF8Validation.isValid(bytes.span, range, allowsFourBytes: false) else {
                return false
            }
            output.append(contentsOf: bytes[range])
            return true
        case .latin1:
            let asciiEnd = UTF8Validation.endOfASCII(bytes.span, range)
            output.append(contentsOf: bytes[range.lowerBound..<asciiEnd])
            for at in asciiEnd..<range.upperBound { Latin1.append(bytes[at], to: &output) }
            return true
        case .ascii:
            guard UTF8Validation.endOfASCII(bytes.span, range) == range.upperBound else {
                return false
            }
            output.append(contentsOf: bytes[range])
            return true
        case .other: return false
        default: return appendConverted(bytes, range, to: &output)
        }
    }

    private func appendConverted(
        _ bytes: [UInt8], _ range: Range<Int>, to output: inout [UInt8]
    ) -> Bool {
        let start = output.count
        let isText: Bool
        if let wideUnicode {
            isText = wideUnicode.appendUTF8(bytes.span, range, to: &output)
        } else if let table, table.missingConverter == nil {
            let asciiEnd =
                table.isASCII ? UTF8Validation.endOfASCII(bytes.span, range) : range.lowerBound
            output.append(contentsOf: bytes[range.lowerBound..<asciiEnd])
            isText = table.appendUTF8(bytes.span, asciiEnd..<range.upperBound, to: &output)
        } else {
            isText = false
        }
        if !isText { output.removeSubrange(start...) }
        return isText
    }
}
