extension CellRange {
    /// A little-endian integer with sign, of 1, 2, 3, 4 or 8 bytes.
    package func signedInteger(
        byteCount: Int, in bytes: [UInt8]
    ) throws(DecodingError) -> Int64 {
        let raw = try unsignedInteger(byteCount: byteCount, in: bytes)
        let unusedBits = UInt64(64 - 8 * byteCount)
        return Int64(bitPattern: raw << unusedBits) >> Int64(unusedBits)
    }

    /// A little-endian integer without sign, of 1 to 8 bytes; also the bits of a SET.
    package func unsignedInteger(
        byteCount: Int, in bytes: [UInt8]
    ) throws(DecodingError) -> UInt64 {
        precondition((1...8).contains(byteCount))
        try require(byteCount, in: bytes)
        let raw = bytes.span.bytes
        switch byteCount {
        case 8:
            return UInt64(
                littleEndian: unsafe raw.unsafeLoadUnaligned(
                    fromByteOffset: start, as: UInt64.self))
        case 4:
            return UInt64(
                UInt32(
                    littleEndian: unsafe raw.unsafeLoadUnaligned(
                        fromByteOffset: start, as: UInt32.self)))
        default:
            var value: UInt64 = 0
            for index in 0..<byteCount {
                value |= UInt64(bytes[start + index]) << UInt64(8 * index)
            }
            return value
        }
    }

    /// A big-endian integer without sign, of 1 to 8 bytes.
    func bigEndianInteger(
        at offset: Int, byteCount: Int, in bytes: [UInt8]
    ) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<byteCount {
            value = value << 8 | UInt64(bytes[start + offset + index])
        }
        return value
    }

    /// A YEAR: 0, or 1901 to 2155.
    package func year(in bytes: [UInt8]) throws(DecodingError) -> Int {
        let value = try unsignedInteger(byteCount: 1, in: bytes)
        return value == 0 ? 0 : 1900 + Int(truncatingIfNeeded: value)
    }

    /// The bits of a BIT column of `bitCount` bits (1 to 64), as a number.
    package func bits(_ bitCount: Int, in bytes: [UInt8]) throws(DecodingError) -> UInt64 {
        precondition((1...64).contains(bitCount))
        let byteCount = (bitCount + 7) / 8
        try require(byteCount, in: bytes)
        let value = bigEndianInteger(at: 0, byteCount: byteCount, in: bytes)
        guard bitCount == 64 || value >> UInt64(bitCount) == 0 else {
            throw DecodingError(.invalid("BIT value wider than its column"), at: start)
        }
        return value
    }
}
