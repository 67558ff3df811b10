internal import CLibDeflate
internal import CZstd

/// Compresses and decompresses what is inside of one frame of the compressed protocol; no frame needs another.
final class FrameCodec {
    private enum Method {
        case zlib(compressor: OpaquePointer, decompressor: OpaquePointer)
        case zstd(compressor: OpaquePointer, decompressor: OpaquePointer)
    }

    /// The level of both methods: commands are short, so that more would be wasted on them.
    static let zlibLevel: Int32 = 6
    /// As ``zlibLevel``; servers compress with the level that the client names.
    static let zstdLevel: Int32 = 3

    private let method: Method

    /// Nil when there is no memory, or nothing to compress with.
    init?(_ compression: Compression) {
        switch compression {
        case .none: return nil
        case .zlib:
            guard let decompressor = libdeflate_alloc_decompressor() else { return nil }
            guard let compressor = libdeflate_alloc_compressor(FrameCodec.zlibLevel) else {
                libdeflate_free_decompressor(decompressor)
                return nil
            }
            method = .zlib(compressor: compressor, decompressor: decompressor)
        case .zstd:
            guard let decompressor = ZSTD_createDCtx() else { return nil }
            guard let compressor = ZSTD_createCCtx() else {
                ZSTD_freeDCtx(decompressor)
                return nil
            }
            method = .zstd(compressor: compressor, decompressor: decompressor)
        }
    }

    deinit {
        switch method {
        case .zlib(let compressor, let decompressor):
            libdeflate_free_compressor(compressor)
            libdeflate_free_decompressor(decompressor)
        case .zstd(let compressor, let decompressor):
            ZSTD_freeCCtx(compressor)
            ZSTD_freeDCtx(decompressor)
        }
    }

    /// Whether `input`, all of it, decompressed to exactly the bytes of `output`.
    func decompress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        switch method {
        case .zlib(_, let decompressor):
            var used = 0
            // Without a place for the number of bytes made, fewer than there is room for are an error too.
            let result = libdeflate_zlib_decompress_ex(
                decompressor, input.baseAddress, input.count, output.baseAddress, output.count,
                &used, nil)
            return result == LIBDEFLATE_SUCCESS && used == input.count
        case .zstd(_, let decompressor):
            let made = ZSTD_decompressDCtx(
                decompressor, output.baseAddress, output.count, input.baseAddress, input.count)
            return ZSTD_isError(made) == 0 && made == output.count
        }
    }

    /// The compressed bytes; nil when they would not be fewer than those of `input`.
    func compress(_ input: ArraySlice<UInt8>) -> [UInt8]? {
        let roomBytes = input.count - 1
        guard roomBytes > 0 else { return nil }
        var made = 0
        let output = [UInt8](unsafeUninitializedCapacity: roomBytes) { room, count in
            input.withUnsafeBytes { bytes in
                switch method {
                case .zlib(let compressor, _):
                    made = libdeflate_zlib_compress(
                        compressor, bytes.baseAddress, bytes.count, room.baseAddress, room.count)
                case .zstd(let compressor, _):
                    made = ZSTD_compressCCtx(
                        compressor, room.baseAddress, room.count, bytes.baseAddress, bytes.count,
                        FrameCodec.zstdLevel)
                    if ZSTD_isError(made) != 0 { made = 0 }
                }
            }
            count = made
        }
        return made > 0 ? output : nil
    }
}
