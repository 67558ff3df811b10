extension CellRange {
    /// The number of bytes of a compressed value once it is decompressed, without doing so.
    ///
    ///     ┌────────────────────────────────────────────────┬────────────────────┬────────────┐
    ///     │ u8: method (4 bits), raw (1), length bytes (3) │ length, big-endian │ compressed │
    ///     └────────────────────────────────────────────────┴────────────────────┴────────────┘
    ///     method 0: the value follows as it is    method 8: zlib, with `raw` DEFLATE without zlib's frame
    ///
    /// A value of no bytes at all is empty. Seen on MariaDB 10.11 and 11.8 with `column_compression_zlib_wrap`
    /// ON and OFF.
    package func decompressedCount(in bytes: [UInt8]) throws(DecodingError) -> Int {
        try compressedValue(in: bytes).count
    }

    /// The bytes of a value of a column that MariaDB stores compressed.
    ///
    /// Throws `.invalid` when they are not those that the value announces; nothing larger than DEFLATE can
    /// make of the value's bytes is ever allocated.
    package func decompressed(in bytes: [UInt8]) throws(DecodingError) -> [UInt8] {
        let value = try compressedValue(in: bytes)
        guard value.isCompressed else { return Array(bytes[value.range]) }
        let output = try Deflate.decompress(
            bytes, value.range, count: value.count, isRaw: value.isRaw)
        guard let output else {
            throw DecodingError(.invalid("compressed value"), at: start)
        }
        return output
    }

    private func compressedValue(in bytes: [UInt8]) throws(DecodingError) -> CompressedValue {
        try require(in: bytes)
        guard count > 0 else {
            return CompressedValue(isCompressed: false, isRaw: false, count: 0, range: range)
        }
        let head = bytes[start]
        let lengthBytes = Int(head & 7)
        switch head >> 4 {
        case 0 where head == 0:
            return CompressedValue(
                isCompressed: false, isRaw: false, count: count - 1, range: (start + 1)..<end)
        case 8 where (1...4).contains(lengthBytes):
            let contents = start + 1 + lengthBytes
            guard contents <= end else {
                throw DecodingError(
                    .truncated(needed: 1 + lengthBytes, available: count), at: start)
            }
            let length = Int(bigEndianInteger(at: 1, byteCount: lengthBytes, in: bytes))
            guard length > 0, length <= Int(Int32.max),
                Deflate.canMake(length, of: end - contents)
            else {
                throw DecodingError(.invalid("length of a compressed value"), at: start)
            }
            return CompressedValue(
                isCompressed: true, isRaw: head & 8 != 0, count: length, range: contents..<end)
        default:
            throw DecodingError(.unsupported("compression method \(head) of a value"), at: start)
        }
    }
}

private struct CompressedValue {
    let isCompressed: Bool
    let isRaw: Bool
    let count: Int
    let range: Range<Int>
}
