extension CellRange {
    /// A FLOAT.
    package func float(in bytes: [UInt8]) throws(DecodingError) -> Float {
        let pattern = try unsignedInteger(byteCount: 4, in: bytes)
        return Float(bitPattern: UInt32(truncatingIfNeeded: pattern))
    }

    /// A FLOAT as the Double that prints with the same digits: 0.1, not 0.10000000149011612.
    package func floatAsDouble(in bytes: [UInt8]) throws(DecodingError) -> Double {
        let value = try float(in: bytes)
        // A whole number of up to 24 bits is the same in both, and by far the most common.
        guard value != value.rounded(.towardZero) || value.magnitude > 16_777_216 else {
            return Double(value)
        }
        return Double(value.description) ?? Double(value)
    }

    /// A DOUBLE.
    package func double(in bytes: [UInt8]) throws(DecodingError) -> Double {
        Double(bitPattern: try unsignedInteger(byteCount: 8, in: bytes))
    }
}
