internal import CLibDeflate

/// Decompresses what MariaDB compressed in one piece with DEFLATE (RFC 1951), mostly in zlib's frame (RFC 1950).
enum Deflate {
    /// DEFLATE makes at most 258 bytes of two bits.
    static let ratioMax = 1032

    /// Whether `compressed` bytes can be as many as `count` once they are decompressed: to be asked before room is made.
    static func canMake(_ count: Int, of compressed: Int) -> Bool {
        count / ratioMax <= compressed
    }

    /// The bytes that `range` of `storage` holds; nil unless all of it decompresses to exactly `count` bytes.
    ///
    /// - Parameter isRaw: DEFLATE without zlib's frame.
    static func decompress(
        _ storage: [UInt8], _ range: Range<Int>, count: Int, isRaw: Bool = false
    ) throws(DecodingError) -> [UInt8]? {
        guard let decompressor = libdeflate_alloc_decompressor() else {
            throw DecodingError(
                .unable("decompression without memory"), at: range.lowerBound)
        }
        defer { libdeflate_free_decompressor(decompressor) }
        let decompress =
            isRaw ? libdeflate_deflate_decompress_ex : libdeflate_zlib_decompress_ex
        var isWhole = false
        let output = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            storage.withUnsafeBytes { input in
                var used = 0
                // Without a place for the number of bytes made, fewer than there is room for are an error too.
                let result = decompress(
                    decompressor, input.baseAddress?.advanced(by: range.lowerBound), range.count,
                    buffer.baseAddress, count, &used, nil)
                isWhole = result == LIBDEFLATE_SUCCESS && used == range.count
            }
            initialized = isWhole ? count : 0
        }
        return isWhole ? output : nil
    }
}
