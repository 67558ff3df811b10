internal import BinlogProtocol
internal import Foundation
internal import Logging

/// Follows the source across lost connections: each new one begins after the last whole transaction.
final class SourceFollower {
    /// What the source delivered.
    enum Item {
        case change(Change)
        /// Nothing until the deadline.
        case idle
        /// The connection was lost and made again: the open transaction comes once more from its start.
        case restarted
    }

    private let options: ConnectionOptions
    private let lookup: TableLookup
    private let replicaUUID: ServerUUID
    private let log: Logger
    private let shutdown: ShutdownSignal
    private let onShutdown: @Sendable () -> Void
    private let wake = DispatchSemaphore(value: 0)
    private var backoff: Backoff
    private var stream: BinlogStream?
    /// Where to go on after a lost connection; while connected the stream knows better.
    private var resume = GTIDSet()
    private var isFollowing = false

    /// - Parameter onShutdown: called when a stop is asked for, after the connection was woken.
    init(
        _ options: ConnectionOptions, lookup: TableLookup = .server, replicaUUID: ServerUUID,
        retry: Settings.Retry, log: Logger,
        shutdown: ShutdownSignal, onShutdown: @escaping @Sendable () -> Void = {}
    ) {
        self.onShutdown = onShutdown
        self.options = options
        self.lookup = lookup
        self.replicaUUID = replicaUUID
        self.log = log
        self.shutdown = shutdown
        backoff = Backoff(retry)
    }

    /// The whole transactions that were read, together with those before the start.
    var executed: GTIDSet {
        guard isFollowing, let stream else { return resume }
        return stream.executed
    }
    /// The place in the server's log after the last event.
    var position: BinlogPosition { stream?.position ?? BinlogPosition(file: "", offset: 0) }

    /// Connects, as often as the retry settings allow.
    func connect() throws(BinlogError) -> BinlogStream {
        while true {
            do {
                return try connectOnce()
            } catch {
                try wait(after: error)
            }
        }
    }

    private func connectOnce() throws(BinlogError) -> BinlogStream {
        let cancellation = try Cancellation()
        shutdown.onRequest { [wake, onShutdown] in
            cancellation.cancel()
            wake.signal()
            onShutdown()
        }
        let stream = try BinlogStream(options, cancellation: cancellation, lookup: lookup)
        self.stream = stream
        log.info(
            LogMessage.connectedToMySQL,
            metadata: [
                "address": "\(options.address)", "version": "\(stream.serverVersion)",
                "uuid": "\(stream.serverUUID.map { "\($0)" } ?? "none")",
                "serverId": "\(stream.serverID)",
                "tls": "\(stream.tlsVersion ?? "off")",
            ])
        return stream
    }

    /// Asks the connected server for every transaction outside `set`; connects again after a transient error.
    func follow(from set: GTIDSet) throws(BinlogError) {
        resume = set
        guard let stream else { preconditionFailure("follow(from:) before connect()") }
        do {
            try begin(stream)
        } catch {
            try wait(after: error)
            try reconnect()
        }
    }

    private func begin(_ stream: BinlogStream) throws(BinlogError) {
        try stream.follow(from: resume, replicaUUID: replicaUUID)
        isFollowing = true
    }

    /// The next step, waiting for it until `deadline`; reconnects after a transient error.
    func next(until deadline: ContinuousClock.Instant) throws(BinlogError) -> Item {
        guard let stream else { preconditionFailure("next(until:) before connect()") }
        do throws(BinlogError) {
            switch try stream.next(until: deadline) {
            case .change(let change):
                backoff.succeeded()
                return .change(change)
            // A stream that was not asked to stop at the end of the log never says that it ended.
            case .idle, .ended:
                // A log that begins with its file's name is an attempt that succeeded, also where nothing is written.
                if !stream.position.file.isEmpty { backoff.succeeded() }
                return .idle
            }
        } catch {
            resume = stream.executed
            isFollowing = false
            try wait(after: error)
            try reconnect()
            return .restarted
        }
    }

    private func reconnect() throws(BinlogError) {
        while true {
            do {
                try begin(try connectOnce())
                return
            } catch {
                try wait(after: error)
            }
        }
    }

    /// Waits before the next attempt; throws the error when it is not transient or no attempt is left.
    private func wait(after error: BinlogError) throws(BinlogError) {
        if shutdown.isRequested { throw BinlogError(.cancelled, "Stopped.") }
        guard error.isTransient, let delay = backoff.failed(jitter: .random(in: 0...1)) else {
            throw error
        }
        let milliseconds = delay.milliseconds
        log.warning(
            "\(error) Trying again.",
            metadata: ["attempt": "\(backoff.failures)", "after": "\(milliseconds)ms"])
        _ = wake.wait(timeout: .now() + .milliseconds(milliseconds))
        if shutdown.isRequested { throw BinlogError(.cancelled, "Stopped.") }
    }

    /// Ends the connection, so that no dump thread stays on the server.
    func close() {
        do {
            try stream?.close()
        } catch {
            log.debug("Closing the connection to MySQL: \(error)")
        }
        stream = nil
    }
}
