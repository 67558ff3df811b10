extension CellRange {
    /// The index of an ENUM value: 1 for the first label, 0 for the error value `''`.
    ///
    /// Throws `.invalid` for an index above `labelCount`, which is nil when the labels are not known.
    package func enumIndex(
        byteCount: Int, labelCount: Int?, in bytes: [UInt8]
    ) throws(DecodingError) -> Int {
        let index = Int(
            truncatingIfNeeded: try unsignedInteger(byteCount: min(byteCount, 2), in: bytes))
        if let labelCount, index > labelCount {
            throw DecodingError(.invalid("index of an ENUM value"), at: start)
        }
        return index
    }

    /// The bits of a SET value, the lowest for the first label.
    ///
    /// Throws `.invalid` for a bit that has no label; `labelCount` is nil when they are not known.
    package func setBits(
        byteCount: Int, labelCount: Int?, in bytes: [UInt8]
    ) throws(DecodingError) -> UInt64 {
        let bits = try unsignedInteger(byteCount: byteCount, in: bytes)
        if let labelCount, labelCount < 64, bits >> UInt64(labelCount) != 0 {
            throw DecodingError(.invalid("bit of a SET value"), at: start)
        }
        return bits
    }
}
