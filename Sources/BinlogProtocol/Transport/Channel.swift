internal import Foundation

/// The byte stream to a server: a socket, and TLS over it once that was switched on.
package final class Channel {
    /// What a call achieved, or what it needs before it can go on.
    package enum Progress: Sendable, Equatable {
        case bytes(Int)
        case wait(Socket.Readiness)
    }

    private let socket: Socket
    private var tls: TLSSession?

    package init(_ socket: Socket) {
        self.socket = socket
    }

    /// The TLS version in use, nil in clear text.
    package var tlsVersion: String? { tls?.version }

    package func startTLS(
        _ options: TLSOptions, host: String?, until deadline: ContinuousClock.Instant
    ) throws(TransportError) {
        let session = try TLSSession(options: options, host: host, socket: socket)
        try session.handshake(until: deadline)
        tls = session
    }

    /// Reads what is there without waiting; the caller waits as told and asks again.
    package func read(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(TransportError) -> Progress {
        // A stream that never pauses never waits, so cancelling is noticed here.
        try socket.checkCancellation()
        if let tls { return try tls.read(into: buffer) }
        guard let count = try socket.receive(into: buffer) else { return .wait(.readable) }
        return .bytes(count)
    }

    func write(
        _ bytes: UnsafeRawBufferPointer, until deadline: ContinuousClock.Instant
    ) throws(TransportError) {
        var rest = bytes
        while !rest.isEmpty {
            try socket.checkCancellation()
            let progress: Progress
            if let tls {
                progress = try tls.write(rest)
            } else if let count = try socket.send(rest) {
                progress = .bytes(count)
            } else {
                progress = .wait(.writable)
            }
            switch progress {
            case .bytes(let count): rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            case .wait(let readiness):
                guard try socket.wait(for: readiness, until: deadline) else { throw .timedOut }
            }
        }
    }

    package func wait(
        for readiness: Socket.Readiness, until deadline: ContinuousClock.Instant
    ) throws(TransportError) -> Bool {
        try socket.wait(for: readiness, until: deadline)
    }
}
