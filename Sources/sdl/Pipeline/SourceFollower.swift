internal import BinlogProtocol
internal import Foundation
internal import Logging
internal import MongoSink

/// Follows the source across lost connections: each new one begins after the last whole transaction.
final class SourceFollower {
    /// What the source delivered.
    enum Item {
        case change(Change)
        /// Nothing until the deadline.
        case idle
        /// The connection was lost: the open transaction comes once more from its start.
        case lost
    }

    private let options: ConnectionOptions
    private let lookup: TableLookup
    private let onUndecodable: UndecodablePolicy
    private let replicaUUID: ServerUUID
    private let log: Logger
    private let shutdown: ShutdownSignal
    private let onShutdown: @Sendable () -> Void
    private let mayConnect: () throws -> Void
    private let wake = DispatchSemaphore(value: 0)
    /// Takes the values of more than 16 MB, of this connection and of later ones.
    var largeValueReceiver: (any LargeValueReceiver)? {
        didSet { stream?.largeValueReceiver = largeValueReceiver }
    }
    private var policy: ReconnectPolicy
    private var toldIncidents: Set<BinlogPosition> = []
    private var toldIncidentsOfStream = 0
    private var stream: BinlogStream?
    private var connectedAt = ContinuousClock.now
    /// When to connect again after a lost connection.
    private var retryAt: ContinuousClock.Instant?
    /// Where to go on after a lost connection; while connected the stream knows better.
    private var resume = GTIDSet()
    private var isFollowing = false
    private var history: HistoryCheck?
    private var open: LastTransaction?
    /// The last whole transaction before the position, as far as it is known.
    private(set) var last: LastTransaction?

    /// - Parameters:
    ///   - onShutdown: called when a stop is asked for, after the connection was woken.
    ///   - mayConnect: called before each attempt to connect; what it throws ends the following.
    init(
        _ options: ConnectionOptions, lookup: TableLookup = .server,
        onUndecodable: UndecodablePolicy = .stop, replicaUUID: ServerUUID,
        retry: RetryPolicy, log: Logger,
        shutdown: ShutdownSignal, onShutdown: @escaping @Sendable () -> Void = {},
        mayConnect: @escaping () throws -> Void = {}
    ) {
        self.onShutdown = onShutdown
        self.mayConnect = mayConnect
        self.options = options
        self.lookup = lookup
        self.onUndecodable = onUndecodable
        self.replicaUUID = replicaUUID
        self.log = log
        self.shutdown = shutdown
        policy = ReconnectPolicy(retry)
    }

    /// The whole transactions that were read, together with those before the start.
    var executed: GTIDSet {
        guard isFollowing, let stream else { return resume }
        // The transaction that is asked for again may be in no log any more.
        guard let history, !history.isPassed else { return stream.executed }
        var executed = stream.executed
        executed.insert(history.last.gtid)
        return executed
    }
    /// The place in the server's log after the last event; without a file's name while there is no connection.
    var position: BinlogPosition {
        guard isFollowing, let stream else { return BinlogPosition(file: "", offset: 0) }
        return stream.position
    }
    /// The server that is followed, once it showed that its history is ours; nil before.
    var confirmedSource: BinlogStream? {
        isFollowing && history?.isPassed != false ? stream : nil
    }

    /// Connects, as often as the retry settings allow.
    ///
    /// - Throws: ``BinlogError``, or what `mayConnect` throws.
    func connect() throws -> BinlogStream {
        while true {
            try mayConnect()
            do {
                return try connectOnce()
            } catch {
                try pause(try delay(after: error, executed: nil))
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
        stream.onUndecodable = onUndecodable
        stream.largeValueReceiver = largeValueReceiver
        self.stream = stream
        toldIncidentsOfStream = 0
        connectedAt = .now
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
    ///
    /// - Parameter last: the last transaction of `set`, which the server must show.
    func follow(from set: GTIDSet, last: LastTransaction? = nil) throws {
        resume = set
        self.last = last
        guard let stream else { preconditionFailure("follow(from:) before connect()") }
        do {
            try begin(stream)
        } catch {
            retryAt = .now + (try delay(after: error, executed: nil))
            while let retryAt {
                try pause(until: retryAt)
                try reconnect()
            }
        }
    }

    private func begin(_ stream: BinlogStream) throws(BinlogError) {
        history = nil
        var start = resume
        if let last {
            // What it must have includes the transaction that is asked for again.
            try stream.source.check(position: resume)
            history = HistoryCheck(
                last, position: resume, purged: stream.source.purged)
            if let history {
                start = history.start
            } else {
                log.info(
                    "It cannot be checked that the source's history is the same: its log no longer has our last transaction, or what comes before it",
                    metadata: ["gtid": "\(last.gtid)"])
            }
        }
        stream.known = resume
        try stream.follow(from: start, replicaUUID: replicaUUID)
        isFollowing = true
    }

    /// The next step, waiting for it until `deadline`; after a lost connection it connects again.
    ///
    /// - Throws: ``BinlogError``, or what `mayConnect` throws.
    func next(until deadline: ContinuousClock.Instant) throws -> Item {
        if let retryAt {
            try pause(until: min(deadline, retryAt))
            if ContinuousClock.now >= retryAt { try reconnect() }
            return .idle
        }
        guard let stream else { preconditionFailure("next(until:) before connect()") }
        do throws(BinlogError) {
            while true {
                let item = try stream.next(until: deadline)
                tellIncidents(stream.earlierIncidents)
                switch item {
                case .change(let change):
                    // What every new connection begins with is no progress: failures behind it add up.
                    if try history?.takes(change) == true { continue }
                    switch change {
                    case .end(let end) where end != .abandoned: policy.progressed()
                    // So is a part of a transaction that is read again from its start, unless it is a long one.
                    default: policy.lasted(.now - connectedAt)
                    }
                    note(change, on: stream)
                    return .change(change)
                // A stream that was not asked to stop at the end of the log never says that it ended.
                case .idle, .ended:
                    // A log that begins with its file's name is followed, also where nothing is written.
                    if !stream.position.file.isEmpty { policy.lasted(.now - connectedAt) }
                    return .idle
                }
            }
        } catch {
            if error.code == .cancelled, let cause = error.underlying, !shutdown.isRequested {
                throw cause
            }
            let read = executed
            let error = judged(error)
            resume = read
            isFollowing = false
            open = nil
            retryAt = .now + (try delay(after: error, executed: read))
            return .lost
        }
    }

    /// A purge between our look at the server and its log can have taken the transaction that was asked for once more, and
    /// nothing that we miss: another connection sees that.
    private func judged(_ error: BinlogError) -> BinlogError {
        guard case .purged(missing: nil) = error.code, let history, !history.isPassed else {
            return error
        }
        return BinlogError(.nextFileMissing, error.message, underlying: error)
            .at(file: error.file, position: error.position, gtid: error.gtid)
    }

    /// Says once that the source lost events before the position that is followed from.
    private func tellIncidents(_ places: [BinlogPosition]) {
        guard places.count > toldIncidentsOfStream else { return }
        toldIncidentsOfStream = places.count
        for place in places where toldIncidents.insert(place).inserted {
            log.warning(
                "The source lost events before the position that is followed, as its log says: that is not told in the trail again",
                metadata: ["position": "\(place)"])
        }
    }

    /// Remembers what a server must show when it is asked to go on.
    private func note(_ change: Change, on stream: BinlogStream) {
        switch change {
        case .begin(let start):
            open = start.gtid.map {
                LastTransaction(
                    gtid: $0, commitTime: start.commitTime,
                    previous: stream.executed.last(inDomainOf: $0))
            }
        case .end(let end):
            if end != .abandoned, let open { last = open }
            open = nil
        default: break
        }
    }

    /// One attempt; when it fails another is due later.
    private func reconnect() throws {
        try mayConnect()
        do throws(BinlogError) {
            try begin(try connectOnce())
            retryAt = nil
        } catch {
            retryAt = .now + (try delay(after: error, executed: nil))
        }
    }

    /// How long to wait before the next attempt.
    ///
    /// - Throws: the error when it is final or no attempt is left.
    private func delay(
        after error: BinlogError, executed: GTIDSet?
    ) throws(BinlogError) -> Duration {
        if shutdown.isRequested { throw Self.stopped }
        let delay = try policy.failed(
            error, executed: executed, now: .now, jitter: .random(in: 0...1))
        log.warning(
            "\(error) Trying again.",
            metadata: ["attempt": "\(policy.failures)", "after": "\(delay.milliseconds)ms"])
        return delay
    }

    private func pause(_ time: Duration) throws(BinlogError) {
        try pause(until: .now + time)
    }

    private func pause(until end: ContinuousClock.Instant) throws(BinlogError) {
        let milliseconds = max(0, (end - .now).milliseconds)
        if milliseconds > 0, !shutdown.isRequested {
            _ = wake.wait(timeout: .now() + .milliseconds(milliseconds))
        }
        if shutdown.isRequested { throw Self.stopped }
    }

    private static let stopped = BinlogError(.cancelled, "Stopped.")

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
