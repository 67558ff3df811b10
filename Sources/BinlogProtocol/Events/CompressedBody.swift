internal import CLibDeflate

extension ByteReader {
    /// Reads to the end what MariaDB compressed (`log_bin_compress=ON`): a statement's text, or the rows of an event.
    ///
    ///     ┌───────────────────────────────────────────────────────┬────────────────────┬───────────┐
    ///     │ u8: 1 (1 bit), method (3), unused (1), length bytes (3)│ length, big-endian │ compressed│
    ///     └───────────────────────────────────────────────────────┴────────────────────┴───────────┘
    ///     method 0: zlib
    ///
    /// Throws `.invalid` when the bytes are not those that the head announces; nothing larger than DEFLATE can make of
    /// them is ever allocated. `sql/log_event.cc` of MariaDB.
    mutating func readCompressed() throws(DecodingError) -> [UInt8] {
        let start = offset
        let head: UInt8 = try read()
        let lengthBytes = Int(head & 7)
        guard head & 0xf0 == 0x80, (1...4).contains(lengthBytes) else {
            throw DecodingError(.unsupported("compression method \(head) of an event"), at: start)
        }
        var length = 0
        for _ in 0..<lengthBytes { length = length << 8 | Int(try read(UInt8.self)) }
        let compressed = try readRange(remaining)
        // DEFLATE makes at most 258 bytes of two bits.
        guard length <= Limits.eventBytesMax, length / 1032 <= compressed.count else {
            throw DecodingError(.invalid("length of a compressed event"), at: start)
        }
        guard let decompressor = libdeflate_alloc_decompressor() else {
            throw DecodingError(.unsupported("decompression without memory"), at: start)
        }
        defer { libdeflate_free_decompressor(decompressor) }
        var result = LIBDEFLATE_BAD_DATA
        let output = [UInt8](unsafeUninitializedCapacity: length) { buffer, initialized in
            storage.withUnsafeBytes { input in
                // No room for more than was announced, and no less accepted: the last argument is nil.
                result = libdeflate_zlib_decompress(
                    decompressor, input.baseAddress?.advanced(by: compressed.lowerBound),
                    compressed.count, buffer.baseAddress, length, nil)
            }
            initialized = result == LIBDEFLATE_SUCCESS ? length : 0
        }
        guard result == LIBDEFLATE_SUCCESS else {
            throw DecodingError(.invalid("compressed event"), at: start)
        }
        return output
    }
}
