internal import Foundation
internal import Synchronization

/// Resolves a host name without letting a slow name server outlive the deadline.
///
/// `getaddrinfo` cannot be interrupted, so it runs in a thread of its own; when nobody waits any
/// more the thread ends by itself and its answer is dropped.
final class NameLookup: Sendable {
    private enum Answer: Sendable {
        case addresses([SocketAddress])
        case failed(String)
    }

    private let answer = Locked<Answer?>(nil)
    private let finished: WakePipe

    private init() throws(TransportError) {
        finished = try WakePipe()
    }

    /// All stream addresses of the host, in the order the system prefers; never empty.
    static func resolve(
        host: String, port: UInt16, until deadline: ContinuousClock.Instant,
        cancellation: Cancellation
    ) throws(TransportError) -> [SocketAddress] {
        if ServerAddress.isIPAddress(host) {
            return try unwrap(lookUp(host: host, port: port, flags: AI_NUMERICHOST), host: host)
        }
        let lookup = try NameLookup()
        Thread.detachNewThread {
            let answer = lookUp(host: host, port: port, flags: 0)
            lookup.answer.withLock { $0 = answer }
            lookup.finished.signal()
        }
        guard
            try Socket.wait(
                on: lookup.finished.readEnd, for: .readable, until: deadline,
                cancellation: cancellation),
            let answer = lookup.answer.withLock({ $0 })
        else {
            throw .resolve(host: host, reason: "the name server did not answer in time")
        }
        return try unwrap(answer, host: host)
    }

    private static func unwrap(
        _ answer: Answer, host: String
    ) throws(TransportError) -> [SocketAddress] {
        switch answer {
        case .addresses(let addresses): return addresses
        case .failed(let reason): throw .resolve(host: host, reason: reason)
        }
    }

    private static func lookUp(host: String, port: UInt16, flags: Int32) -> Answer {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Darwin)
        hints.ai_socktype = SOCK_STREAM
        #else
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #endif
        hints.ai_flags = flags | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else { return .failed(String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let info = next {
            addresses.append(SocketAddress(copying: info.pointee))
            next = info.pointee.ai_next
        }
        return addresses.isEmpty ? .failed("no addresses") : .addresses(addresses)
    }
}
