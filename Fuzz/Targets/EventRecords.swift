import BinlogProtocol
import CLibDeflate
import CZstd

/// Events in a form that survives mutation: headers, sizes, checksums and compression are made here.
///
///     { type u8, flags u8, length u24, body }…
///       flags 1: may be ignored   2: artificial   4: wrong checksum   8: wrong size
///             16: the body is records, which become a compressed TRANSACTION_PAYLOAD_EVENT
///             32: all but the first `body[0]` bytes of the body are compressed as MariaDB does it
enum EventRecords {
    struct Event {
        let bytes: [UInt8]
        /// The largest buffer that an error in this event may name an offset of; nil when that is not known here.
        let offsetMax: Int?
    }

    static func events(_ input: [UInt8], hasChecksum: Bool = true, depth: Int = 0) -> [Event] {
        var input = Input(input)
        var events: [Event] = []
        while !input.isAtEnd {
            var type = input.byte()
            let flags = input.byte()
            var body = input.bytes(input.integer(bytes: 3))
            var offsetMax: Int? = 19 + body.count + 4
            if flags & 16 != 0, depth == 0 {
                let inner = Self.events(body, hasChecksum: false, depth: 1)
                type = 40
                let inflated = inner.flatMap(\.bytes)
                body = payload(inflated)
                offsetMax = inner.reduce(max(19 + body.count + 4, inflated.count)) { known, event in
                    max(known, event.offsetMax ?? known)
                }
            } else if flags & 32 != 0, let head = body.first {
                let prefix = body.dropFirst().prefix(Int(head))
                offsetMax = max(offsetMax ?? 0, body.count)
                body = prefix + compressed(Array(body.dropFirst(1 + prefix.count)))
                offsetMax = max(offsetMax ?? 0, 19 + body.count + 4)
            } else if type == 40 || type >= 165 {
                // What these bytes become when they are unpacked is not known.
                body = Array(body.prefix(packedMax))
                offsetMax = nil
            }
            let bytes = event(type, flags, body, hasChecksum: hasChecksum)
            events.append(Event(bytes: bytes, offsetMax: offsetMax))
        }
        return events
    }

    static func record(_ type: UInt8, flags: UInt8 = 0, _ body: some Collection<UInt8>) -> [UInt8] {
        let count = body.count
        return [
            type, flags, UInt8(truncatingIfNeeded: count), UInt8(truncatingIfNeeded: count >> 8),
            UInt8(truncatingIfNeeded: count >> 16),
        ] + body
    }

    private static func event(
        _ type: UInt8, _ flags: UInt8, _ body: [UInt8], hasChecksum: Bool
    ) -> [UInt8] {
        let count = 19 + body.count + (hasChecksum ? 4 : 0)
        var writer = ByteWriter()
        writer.write(UInt32(1_700_000_000))
        writer.write(type)
        writer.write(UInt32(7))
        writer.write(UInt32(count + (flags & 8 != 0 ? 1 : 0)))
        writer.write(UInt32(0))
        writer.write(UInt16((flags & 1 != 0 ? 0x80 : 0) | (flags & 2 != 0 ? 0x20 : 0)))
        writer.write(body)
        guard hasChecksum else { return writer.bytes }
        writer.write(crc32(writer.bytes, 0..<writer.bytes.count) ^ (flags & 4 != 0 ? 1 : 0))
        return writer.bytes
    }

    static func payload(_ events: [UInt8]) -> [UInt8] {
        let packed = zstd(events)
        var writer = ByteWriter()
        writer.write([2, 1, 0])
        writer.write(UInt8(0))
        writer.write(packed)
        return writer.bytes
    }

    static func zstd(_ bytes: [UInt8]) -> [UInt8] {
        let room = ZSTD_compressBound(bytes.count)
        return [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            count = bytes.withUnsafeBytes {
                ZSTD_compress(buffer.baseAddress, room, $0.baseAddress, bytes.count, 1)
            }
        }
    }

    static func zlib(_ bytes: [UInt8]) -> [UInt8] {
        let compressor = libdeflate_alloc_compressor(1)
        defer { libdeflate_free_compressor(compressor) }
        let room = libdeflate_zlib_compress_bound(compressor, bytes.count)
        return [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            count = bytes.withUnsafeBytes {
                libdeflate_zlib_compress(
                    compressor, $0.baseAddress, bytes.count, buffer.baseAddress, room)
            }
        }
    }

    private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        let length = (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) }
        return [0x84] + length + zlib(bytes)
    }
}
