internal import Foundation

extension Socket {
    /// Connects to the first of the address's resolutions that answers.
    ///
    /// - Throws: the error of the last resolution tried.
    package static func connect(
        to address: ServerAddress, until deadline: ContinuousClock.Instant,
        cancellation: Cancellation
    ) throws(TransportError) -> Socket {
        if cancellation.isCancelled { throw .cancelled }
        let candidates: [SocketAddress]
        switch address {
        case .unix(let path): candidates = [try SocketAddress(unixPath: path)]
        case .tcp(let host, let port):
            candidates = try NameLookup.resolve(
                host: host, port: port, until: deadline, cancellation: cancellation)
        }
        var lastError = TransportError.timedOut
        for (index, candidate) in candidates.enumerated() {
            // A silent first address must leave time for the ones after it.
            let now = ContinuousClock.now
            let share = now.duration(to: deadline) / (candidates.count - index)
            do {
                return try connect(
                    to: candidate, until: now.advanced(by: share), cancellation: cancellation)
            } catch {
                if error == .cancelled { throw error }
                lastError = error
            }
        }
        throw lastError
    }

    private static func connect(
        to address: SocketAddress, until deadline: ContinuousClock.Instant,
        cancellation: Cancellation
    ) throws(TransportError) -> Socket {
        #if canImport(Darwin)
        let type = SOCK_STREAM
        #else
        let type = Int32(SOCK_STREAM.rawValue)
        #endif
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw .system(call: "socket", errno: errno) }
        let connected = try Socket(adopting: descriptor, cancellation: cancellation)
        let status = address.withSockAddr { pointer, length in
            Foundation.connect(descriptor, pointer, length)
        }
        if status != 0 {
            // After EINTR the connection goes on being made, as after EINPROGRESS.
            let number = errno
            guard number == EINPROGRESS || number == EINTR else {
                throw .system(call: "connect", errno: number)
            }
            guard try connected.wait(for: .writable, until: deadline) else { throw .timedOut }
            var failure: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &length) == 0 else {
                throw .system(call: "getsockopt", errno: errno)
            }
            guard failure == 0 else { throw .system(call: "connect", errno: failure) }
        }
        if address.family != AF_UNIX {
            try connected.set(SOL_SOCKET, SO_KEEPALIVE)
            try connected.set(Int32(IPPROTO_TCP), TCP_NODELAY)
        }
        return connected
    }

    private func set(_ level: Int32, _ option: Int32) throws(TransportError) {
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard setsockopt(descriptor, level, option, &on, size) == 0 else {
            throw .system(call: "setsockopt", errno: errno)
        }
    }
}
