internal import Foundation

/// Reads the file of a private key, and no file that others could have read or put there.
enum PrivateKeyFile {
    private static let bytesMax = 1 << 20

    /// The bytes of the file, whose owner and mode are those of the descriptor that is read from.
    static func read(_ path: String) throws(TransportError) -> [UInt8] {
        // A pipe would block without O_NONBLOCK.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unreadable(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .tls("the key file \(path) is not a regular file")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw .tls(
                "the key file \(path) belongs to user \(status.st_uid), not to you (\(geteuid())): make a file of your own"
            )
        }
        // The system may hand a file of its own to us through a group, as containers do.
        let others: mode_t = status.st_uid == 0 ? 0o037 : 0o077
        guard status.st_mode & others == 0 else {
            throw .tls("the key file \(path) can be read by others: run chmod 600 \(path)")
        }
        return try contents(of: descriptor, path)
    }

    private static func contents(
        of descriptor: Int32, _ path: String
    ) throws(TransportError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = chunk.withUnsafeMutableBytes {
                Foundation.read(descriptor, $0.baseAddress, $0.count)
            }
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw unreadable(path)
            }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= bytesMax else {
                throw .tls("the key file \(path) is larger than \(bytesMax) bytes")
            }
        }
    }

    private static func unreadable(_ path: String) -> TransportError {
        .tls("the key file \(path) cannot be read: \(String(cString: strerror(errno)))")
    }
}
