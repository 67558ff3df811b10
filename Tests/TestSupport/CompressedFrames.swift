internal import BinlogProtocol

/// Frames of the compressed protocol, made without the code under test and without a compression library.
package enum CompressedFrames {
    /// How a payload is wrapped.
    package enum Form: CaseIterable, Sendable {
        case verbatim
        /// zlib's format with blocks that are stored.
        case zlib
        /// A Zstandard frame with raw blocks.
        case zstd
    }

    /// One frame; `claimed` replaces the decompressed length.
    package static func frame(
        _ content: [UInt8], sequence: UInt8, form: Form, claimed: Int? = nil
    ) -> [UInt8] {
        let payload: [UInt8]
        switch form {
        case .verbatim: payload = content
        case .zlib: payload = storedZlib(content)
        case .zstd: payload = rawZstd(content)
        }
        return frame(
            payload: payload, sequence: sequence,
            claimed: claimed ?? (form == .verbatim ? 0 : content.count))
    }

    /// One frame around a payload that is what it is.
    package static func frame(payload: [UInt8], sequence: UInt8, claimed: Int) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt64(payload.count), bytes: 3)
        writer.write(sequence)
        writer.write(UInt64(claimed), bytes: 3)
        writer.write(payload)
        return writer.bytes
    }

    /// RFC 1950 and 1951: a header, stored blocks, the checksum.
    package static func storedZlib(_ content: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write([0x78, 0x01])
        var at = 0
        repeat {
            let end = min(content.count, at + 0xffff)
            let count = UInt16(end - at)
            writer.write(UInt8(end == content.count ? 1 : 0))
            writer.write(count)
            writer.write(~count)
            writer.write(content[at..<end])
            at = end
        } while at < content.count
        var low: UInt32 = 1
        var high: UInt32 = 0
        for byte in content {
            low = (low + UInt32(byte)) % 65521
            high = (high + low) % 65521
        }
        writer.write((high << 16 | low).byteSwapped)
        return writer.bytes
    }

    /// RFC 8878: a header with the content's size, raw blocks.
    package static func rawZstd(_ content: [UInt8]) -> [UInt8] {
        var writer = zstdHeader(content.count)
        var at = 0
        repeat {
            let end = min(content.count, at + 0x1_0000)
            let isLast = end == content.count
            writer.write(UInt64((end - at) << 3 | (isLast ? 1 : 0)), bytes: 3)
            writer.write(content[at..<end])
            at = end
        } while at < content.count
        return writer.bytes
    }

    /// RFC 8878: `count` times one byte, in four bytes for each 128 KiB.
    package static func repeatedZstd(_ byte: UInt8, count: Int) -> [UInt8] {
        var writer = zstdHeader(count)
        var left = count
        repeat {
            let part = min(left, 0x2_0000)
            left -= part
            writer.write(UInt64(part << 3 | 2 | (left == 0 ? 1 : 0)), bytes: 3)
            writer.write(byte)
        } while left > 0
        return writer.bytes
    }

    private static func zstdHeader(_ count: Int) -> ByteWriter {
        var writer = ByteWriter()
        writer.write([0x28, 0xb5, 0x2f, 0xfd, 0xa0])
        writer.write(UInt32(count))
        return writer
    }
}
