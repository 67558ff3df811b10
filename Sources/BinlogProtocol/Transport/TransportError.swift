internal import Foundation

/// What can go wrong below the protocol; ``ServerConnection`` turns it into a ``BinlogError``.
package enum TransportError: Error, Equatable, Sendable {
    /// The host name could not be resolved.
    case resolve(host: String, reason: String)
    /// The system has no room for the path of this Unix socket.
    case pathTooLong
    /// A system call failed.
    case system(call: String, errno: Int32)
    /// The peer closed the connection, in the middle of a packet or between two.
    case closed(midPacket: Bool)
    /// The deadline passed.
    case timedOut
    /// `cancel()` was called.
    case cancelled
    /// Not one byte came during this time of waiting, although heartbeats were asked for.
    case silent(Duration)
    /// OpenSSL's reason.
    case tls(String)
    /// Bytes came in clear text after the point where TLS begins.
    case plainTextBeforeTLS
    /// Bytes came in the old form after the point where frames begin.
    case bytesBeforeCompression
    /// The payload of a frame is not what was announced; it ends after `before` bytes received.
    case compressedFrame(decompressedBytes: Int, before: UInt64)
    /// A compression library got no memory.
    case noMemory
    /// A packet's number is not the one after its predecessor's.
    case sequence(expected: UInt8, found: UInt8)
    /// A packet claims or reaches more bytes than the limit.
    case packetTooLarge(limit: Int)
    /// A packet without any byte where a status byte must be.
    case emptyPacket
}

extension TransportError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .resolve(let host, let reason): "the host name \(host) cannot be resolved: \(reason)"
        case .pathTooLong: "the path of the Unix socket is too long"
        case .system(let call, let number): "\(call): \(String(cString: strerror(number)))"
        case .closed(midPacket: true): "the server closed the connection in the middle of a packet"
        case .closed(midPacket: false): "the server closed the connection"
        case .timedOut: "no answer within the time allowed"
        case .cancelled: "cancelled"
        case .silent(let time): "the server sent nothing for \(time.components.seconds) s"
        case .tls(let reason): reason
        case .plainTextBeforeTLS: "bytes in clear text arrived where TLS must begin"
        case .bytesBeforeCompression:
            "uncompressed bytes arrived where the compressed protocol must begin"
        case .compressedFrame(let count, let offset):
            "the compressed frame that ends at byte \(offset) of the connection does not decompress to "
                + "\(count) bytes"
        case .noMemory: "there is no memory for decompression"
        case .sequence(let expected, let found):
            "packet number \(found) arrived where \(expected) was due"
        case .packetTooLarge(let limit): "a packet is larger than \(limit) bytes"
        case .emptyPacket: "an empty packet arrived"
        }
    }
}
