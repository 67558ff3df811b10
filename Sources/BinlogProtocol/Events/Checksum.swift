internal import CLibDeflate

/// How the events of a binary log are checked (`binlog_checksum`).
public enum ChecksumAlgorithm: UInt8, Sendable {
    /// No checksum follows an event.
    case none = 0
    /// A CRC-32 (the zlib polynomial), 4 bytes little-endian, follows each event.
    case crc32 = 1

    var byteCount: Int { self == .crc32 ? 4 : 0 }
}

/// The CRC-32 of a range of bytes, as zlib computes it.
package func crc32(_ bytes: [UInt8], _ range: Range<Int>, startingWith initial: UInt32 = 0)
    -> UInt32
{
    bytes.withUnsafeBytes { buffer in
        libdeflate_crc32(
            initial, UnsafeRawBufferPointer(rebasing: buffer[range]).baseAddress, range.count)
    }
}

/// The CRC-32 of a buffer, going on from that of the bytes before.
func crc32(_ bytes: UnsafeRawBufferPointer, startingWith initial: UInt32) -> UInt32 {
    libdeflate_crc32(initial, bytes.baseAddress, bytes.count)
}
