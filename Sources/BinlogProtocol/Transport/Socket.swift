internal import Foundation

/// Owns one connected, non-blocking stream socket.
package final class Socket {
    package enum Readiness: Sendable { case readable, writable }

    package let descriptor: Int32
    private let cancellation: Cancellation

    /// Takes over `descriptor` and closes it in the end.
    package init(
        adopting descriptor: Int32, cancellation: Cancellation
    ) throws(TransportError) {
        self.descriptor = descriptor
        self.cancellation = cancellation
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0,
            fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
        else {
            throw .system(call: "fcntl", errno: errno)
        }
        #if canImport(Darwin)
        var on: Int32 = 1
        setsockopt(
            descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    deinit {
        close(descriptor)
    }

    /// The number of bytes received, or nil when none are there yet.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(TransportError) -> Int? {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return count }
            if count == 0 { throw .closed(midPacket: false) }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: return nil
            default: throw .system(call: "recv", errno: errno)
            }
        }
    }

    /// The number of bytes taken over, or nil when the send buffer is full.
    func send(_ buffer: UnsafeRawBufferPointer) throws(TransportError) -> Int? {
        #if canImport(Darwin)
        let flags: Int32 = 0
        #else
        let flags = Int32(MSG_NOSIGNAL)
        #endif
        while true {
            let count = Foundation.send(descriptor, buffer.baseAddress, buffer.count, flags)
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: return nil
            default: throw .system(call: "send", errno: errno)
            }
        }
    }

    /// Waits until the socket is ready; false when the deadline passed first.
    func wait(
        for readiness: Readiness, until deadline: ContinuousClock.Instant
    ) throws(TransportError) -> Bool {
        try Socket.wait(
            on: descriptor, for: readiness, until: deadline, cancellation: cancellation)
    }

    func checkCancellation() throws(TransportError) {
        if cancellation.isCancelled { throw .cancelled }
    }

    static func wait(
        on descriptor: Int32, for readiness: Readiness, until deadline: ContinuousClock.Instant,
        cancellation: Cancellation
    ) throws(TransportError) -> Bool {
        let wanted = Int16(readiness == .readable ? POLLIN : POLLOUT)
        while true {
            if cancellation.isCancelled { throw .cancelled }
            var polled = [
                pollfd(fd: descriptor, events: wanted, revents: 0),
                pollfd(fd: cancellation.wakeDescriptor, events: Int16(POLLIN), revents: 0),
            ]
            let milliseconds = Socket.milliseconds(until: deadline)
            let count = poll(&polled, 2, milliseconds)
            if count < 0 {
                if errno == EINTR { continue }
                throw .system(call: "poll", errno: errno)
            }
            if cancellation.isCancelled { throw .cancelled }
            // POLLERR and POLLHUP count as ready: the next read or write tells the reason.
            if polled[0].revents != 0 { return true }
            if count == 0, ContinuousClock.now >= deadline { return false }
        }
    }

    /// Rounded up, so that a wait never ends before its deadline and then spins.
    private static func milliseconds(until deadline: ContinuousClock.Instant) -> Int32 {
        let left = ContinuousClock.now.duration(to: deadline).components
        if left.seconds < 0 || left.attoseconds < 0 { return 0 }
        if left.seconds >= 1_000_000 { return 1_000_000_000 }
        let part = (left.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: left.seconds * 1000 + part)
    }
}
