extension CellRange {
    /// Appends a BINARY(n): the server leaves trailing zero bytes out of the row, they are put back.
    ///
    /// Throws `.invalid` for a value that is longer than its column.
    package func appendBinary(
        byteCount: Int, in bytes: [UInt8], to output: inout [UInt8]
    ) throws(DecodingError) {
        try require(in: bytes)
        guard count <= byteCount else {
            throw DecodingError(.invalid("length of a BINARY value"), at: start)
        }
        output.append(contentsOf: bytes[range])
        output.append(contentsOf: repeatElement(0, count: byteCount - count))
    }

    /// Appends the bytes of a VARBINARY or BLOB.
    package func appendBytes(
        in bytes: [UInt8], to output: inout [UInt8]
    ) throws(DecodingError) {
        try require(in: bytes)
        output.append(contentsOf: bytes[range])
    }

    /// The spatial reference of a GEOMETRY; its well-known binary is the rest of the cell.
    ///
    ///     ┌──────────────┬───────────────────┐
    ///     │ SRID u32 LE  │ well-known binary │
    ///     └──────────────┴───────────────────┘
    package func geometry(
        in bytes: [UInt8]
    ) throws(DecodingError) -> (srid: UInt32, wellKnownBinary: CellRange) {
        try require(in: bytes)
        guard count >= 4 else {
            throw DecodingError(.truncated(needed: 4, available: count), at: start)
        }
        let srid = try CellRange(start: start, count: 4).unsignedInteger(byteCount: 4, in: bytes)
        return (
            UInt32(truncatingIfNeeded: srid), CellRange(start: start + 4, count: count - 4)
        )
    }

    /// The number of 32-bit floats of a VECTOR, whose bytes are just these floats, little-endian.
    package func vectorDimension(in bytes: [UInt8]) throws(DecodingError) -> Int {
        try require(in: bytes)
        guard count % 4 == 0 else {
            throw DecodingError(.invalid("length of a VECTOR"), at: start)
        }
        return count / 4
    }
}
