package import BinlogProtocol
internal import Foundation
internal import Synchronization

/// One end of a TCP connection on loopback, used by one thread; any thread may wake that one.
final class LoopbackLine: Sendable {
    let descriptor: Int32
    private let isOpen = Locked(true)

    /// - Parameter descriptor: a connected socket, which is closed with this object at the latest.
    init(adopting descriptor: Int32) {
        self.descriptor = descriptor
        var on: Int32 = 1
        // What is sent in pieces shall travel in pieces.
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        // A process that a test starts would keep the connection.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    static func connect(to address: ServerAddress) throws -> LoopbackLine {
        LoopbackLine(adopting: try Loopback.connect(to: address))
    }

    deinit { close() }

    /// Ends what waits for this line; its own thread closes it then.
    func wake() {
        isOpen.withLock { if $0 { _ = shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }

    /// - Parameter reset: whether the other side is told that the connection broke, not that it ended.
    func close(reset: Bool = false) {
        isOpen.withLock { isOpen in
            guard isOpen else { return }
            isOpen = false
            if reset {
                var now = linger(l_onoff: 1, l_linger: 0)
                setsockopt(
                    descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
            } else {
                // A duplicate elsewhere must not keep the connection.
                _ = shutdown(descriptor, Int32(SHUT_RDWR))
            }
            Foundation.close(descriptor)
        }
    }

    // MARK: Blocking calls

    /// Exactly `count` bytes; nil when the other side left before the first.
    func receive(_ count: Int) throws -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        var buffer = [UInt8](repeating: 0, count: min(count, 65536))
        while bytes.count < count {
            let got = recv(descriptor, &buffer, min(buffer.count, count - bytes.count), 0)
            if got <= 0, bytes.isEmpty { return nil }
            guard got > 0 else { throw LineEnded() }
            bytes += buffer[..<got]
        }
        return bytes
    }

    func send(_ bytes: [UInt8]) throws {
        var done = 0
        while done < bytes.count {
            let sent = Self.send(descriptor, bytes[done...], flags: 0)
            guard sent > 0 else { throw LineEnded() }
            done += sent
        }
    }

    /// `send(2)` that raises no signal.
    static func send(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>, flags: Int32) -> Int {
        #if canImport(Darwin)
        let quiet = flags
        #else
        let quiet = flags | Int32(MSG_NOSIGNAL)
        #endif
        return bytes.withUnsafeBytes {
            Foundation.send(descriptor, $0.baseAddress, $0.count, quiet)
        }
    }
}

/// Connections to servers that tests started.
package enum Loopback {
    /// A connected and blocking descriptor, which is the caller's.
    package static func connect(to address: ServerAddress) throws -> Int32 {
        let socket = try Socket.connect(
            to: address, until: .now.advanced(by: .seconds(10)), cancellation: try Cancellation())
        let own = withExtendedLifetime(socket) { fcntl(socket.descriptor, F_DUPFD_CLOEXEC, 0) }
        guard own >= 0 else { throw FakeServer.Failure(description: "no descriptor is left") }
        let flags = fcntl(own, F_GETFL)
        _ = fcntl(own, F_SETFL, flags & ~O_NONBLOCK)
        return own
    }
}

/// The other side of a line left in the middle of something.
struct LineEnded: Error {}
