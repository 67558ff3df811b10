internal import Foundation

/// The bytes of one `sockaddr`.
struct SocketAddress: Sendable, Hashable {
    let family: Int32
    private let bytes: [UInt8]

    init(copying info: addrinfo) {
        family = info.ai_family
        bytes = Array(UnsafeRawBufferPointer(start: info.ai_addr, count: Int(info.ai_addrlen)))
    }

    init(unixPath path: String) throws(TransportError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let isWhole = withUnsafeMutableBytes(of: &address.sun_path) { field in
            // A path cut short, also by a NUL, would be another socket's.
            guard path.utf8.count < field.count, !path.utf8.contains(0) else { return false }
            field.copyBytes(from: path.utf8)
            return true
        }
        guard isWhole else { throw .pathTooLong }
        family = AF_UNIX
        bytes = withUnsafeBytes(of: address) { Array($0) }
    }

    func withSockAddr<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        // The copy gives the bytes the alignment of the largest kind of address.
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: bytes.prefix($0.count)) }
        return withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(bytes.count))
            }
        }
    }
}
