internal import Foundation
internal import Synchronization

/// Follows the binary log of a server as an `AsyncSequence`.
///
///     for try await change in BinlogChanges(options, start: .current) { … }
///
/// The blocking reads run on a thread of their own, which reads the next change only when it is asked for:
/// a slow consumer slows the server down and nothing piles up. Ending the iteration or cancelling its task
/// closes the connection. It does not reconnect: catch ``BinlogError`` and iterate again from
/// the transactions that were completed.
public struct BinlogChanges: AsyncSequence, Sendable {
    /// One step of a transaction.
    public typealias Element = Change

    private let options: ConnectionOptions
    private let start: StartPosition
    private let replicaUUID: ServerUUID
    private let untilEnd: Bool
    private let lookup: TableLookup
    /// What to do with an event that cannot be decoded.
    public var onUndecodable = UndecodablePolicy.stop

    /// Describes what to follow; nothing happens before the first iteration.
    ///
    /// - Parameters:
    ///   - options: where the server is, and who asks.
    ///   - start: where to begin.
    ///   - replicaUUID: see ``BinlogStream/follow(from:replicaUUID:untilEnd:)``; random by default.
    ///   - untilEnd: finish at the end of the log.
    ///   - lookup: where names of columns come from when the log does not carry them.
    public init(
        _ options: ConnectionOptions, start: StartPosition, replicaUUID: ServerUUID = .random(),
        untilEnd: Bool = false, lookup: TableLookup = .server
    ) {
        self.options = options
        self.start = start
        self.replicaUUID = replicaUUID
        self.untilEnd = untilEnd
        self.lookup = lookup
    }

    /// Connects at the first call of `next()`.
    public func makeAsyncIterator() -> Iterator {
        Iterator(worker: Worker(options, start, replicaUUID, untilEnd, lookup, onUndecodable))
    }

    /// Asks the reading thread for one change at a time.
    public final class Iterator: AsyncIteratorProtocol {
        private let worker: Worker

        fileprivate init(worker: Worker) {
            self.worker = worker
        }

        deinit {
            worker.stop()
        }

        /// The next change; nil at the end of the log, and after an error that was thrown.
        ///
        /// - Throws: ``BinlogError``; `cancelled` when the task was cancelled.
        public func next() async throws -> Change? {
            let worker = self.worker
            await withTaskCancellationHandler {
                await withCheckedContinuation { worker.ask($0) }
            } onCancel: {
                worker.stop()
            }
            return try worker.takeAnswer().get()
        }
    }
}

extension BinlogChanges {
    /// The thread that reads, and the one request that it works on.
    fileprivate final class Worker: Sendable {
        typealias Request = CheckedContinuation<Void, Never>
        typealias Answer = Result<Change?, BinlogError>

        private struct State {
            var request: Request?
            /// Handed over here, behind a lock that the thread sanitizer sees.
            var answer = Answer.success(nil)
            var isStarted = false
            /// The consumer left.
            var isStopped = false
            /// The end of the log, or an error that is not the answer to the consumer's leaving, was handed over.
            var isOver = false
            var cancellation: Cancellation?
        }

        private let state = Locked(State())
        private let asked = DispatchSemaphore(value: 0)
        private let options: ConnectionOptions
        private let start: StartPosition
        private let replicaUUID: ServerUUID
        private let untilEnd: Bool
        private let lookup: TableLookup
        private let onUndecodable: UndecodablePolicy

        init(
            _ options: ConnectionOptions, _ start: StartPosition, _ replicaUUID: ServerUUID,
            _ untilEnd: Bool, _ lookup: TableLookup, _ onUndecodable: UndecodablePolicy
        ) {
            self.onUndecodable = onUndecodable
            self.lookup = lookup
            self.options = options
            self.start = start
            self.replicaUUID = replicaUUID
            self.untilEnd = untilEnd
        }

        func ask(_ request: Request) {
            let isAnswered = state.withLock { state in
                if state.isOver || state.isStopped {
                    state.answer = state.isOver ? .success(nil) : .failure(Self.cancelled)
                    return true
                }
                state.request = request
                if !state.isStarted {
                    state.isStarted = true
                    let thread = Thread { self.run() }
                    thread.name = "binlog"
                    thread.start()
                }
                return false
            }
            if isAnswered {
                request.resume()
            } else {
                asked.signal()
            }
        }

        private static let cancelled = BinlogError(
            .cancelled, "Following the log was cancelled.")

        /// What the request brought; after it was resumed.
        func takeAnswer() -> Answer {
            state.withLock { state in
                defer { state.answer = .success(nil) }
                return state.answer
            }
        }

        func stop() {
            let cancellation = state.withLock { state in
                state.isStopped = true
                return state.cancellation
            }
            cancellation?.cancel()
            asked.signal()
        }

        private func run() {
            var stream: BinlogStream?
            while let request = nextRequest() {
                let result = Result { () throws(BinlogError) -> Change? in
                    if let stream { return try nextChange(stream) }
                    let new = try connect()
                    stream = new
                    return try nextChange(new)
                }
                var isLast = true
                if case .success(_?) = result { isLast = false }
                state.withLock { state in
                    state.answer = result
                    // Before the answer: who asks again at once must not wait for a thread that has ended.
                    if isLast { state.isOver = !state.isStopped }
                }
                request.resume()
                if isLast { break }
            }
            do {
                try stream?.close()
            } catch {
                // Nothing is lost: the server notices later that nobody reads.
                return
            }
        }

        /// Waits for the next request; nil when the consumer left.
        private func nextRequest() -> Request? {
            while true {
                asked.wait()
                let (request, isStopped) = state.withLock { state in
                    let request = state.request
                    state.request = nil
                    return (request, state.isStopped)
                }
                if let request { return request }
                if isStopped { return nil }
            }
        }

        private func connect() throws(BinlogError) -> BinlogStream {
            let cancellation = try Cancellation()
            let isStopped = state.withLock { state in
                state.cancellation = cancellation
                return state.isStopped
            }
            if isStopped { cancellation.cancel() }
            let stream = try BinlogStream(
                options, cancellation: cancellation, lookup: lookup)
            stream.onUndecodable = onUndecodable
            try stream.follow(
                from: stream.resolve(start), replicaUUID: replicaUUID, untilEnd: untilEnd)
            return stream
        }

        private func nextChange(_ stream: BinlogStream) throws(BinlogError) -> Change? {
            while true {
                switch try stream.next(until: .now.advanced(by: .seconds(60))) {
                case .change(let change): return change
                case .idle: continue
                case .ended: return nil
                }
            }
        }
    }
}
