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
        guard length <= Limits.eventBytesMax, Deflate.canMake(length, of: compressed.count) else {
            throw DecodingError(.invalid("length of a compressed event"), at: start)
        }
        guard let output = try Deflate.decompress(storage, compressed, count: length) else {
            throw DecodingError(.invalid("compressed event"), at: start)
        }
        return output
    }
}
