internal import BinlogProtocol
internal import Foundation
internal import Synchronization

/// Stores transactions of a MySQL or MariaDB server in MongoDB, each exactly once.
///
/// The calls before ``start()`` block the caller; afterwards one thread submits transactions while two threads
/// of the sink stage and commit them:
///
///     prepare → acquireLease → recover → (storeStart) → start → submit … → finish
///
/// Every batch is first written to staging; then one MongoDB transaction stores its documents, its ledger entry and the
/// position behind it.
public final class MongoSink: Sendable {
    let environment: SinkEnvironment
    private let stage = Locked(Stage.new)
    let monitor: Monitor<Handoff>
    let listener: NoticeListener
    /// Keeps the lease from ``acquireLease()`` until the threads do.
    private let keeper = Locked<LeaseKeeper?>(nil)

    /// How far the sink came, and what the next call continues.
    enum Stage: Sendable {
        case new
        case leased(epoch: Int64)
        case ready(Start)
        case started(epoch: Int64)
        case finished
    }

    /// What the threads begin with.
    struct Start: Sendable {
        var epoch: Int64
        var tip: LedgerTip
        var position: Position
        var executed: GTIDSet
    }

    /// Makes a sink that has not connected.
    ///
    /// - Parameter notice: called from any thread with what an operator wants to know, until ``finish()`` returns.
    /// - Throws: ``SinkError`` with code `configuration` naming the first setting that cannot be used.
    public init(
        settings: SinkSettings, notice: @escaping @Sendable (SinkNotice) -> Void
    ) throws(SinkError) {
        try settings.validate()
        _ = try ConnectionString(settings.uri)
        var settings = settings
        settings.leaseToken = UUID().uuidString
        let monitor = Monitor(Handoff(executed: GTIDSet(), text: ""))
        self.monitor = monitor
        let listener = NoticeListener(notice)
        self.listener = listener
        environment = SinkEnvironment(
            settings: settings, notice: { listener.tell($0) }, cancellation: SinkCancellation(),
            retried: {
                monitor.withLock { state in
                    state.progress.retries += 1
                    return ((), [])
                }
            },
            foundOtherImages: { count in
                monitor.withLock { state in
                    state.progress.otherImages += Int64(count)
                    return ((), [])
                }
            })
    }

    /// Where the sink stands.
    public var progress: SinkProgress {
        monitor.withLock { ($0.progress, []) }
    }

    /// The failure that ended the sink's threads, as the next call would throw it; nil while there is none.
    public var failure: SinkError? {
        monitor.withLock { ($0.failure, []) }
    }

    deinit {
        keepLease(nil)
    }

    // MARK: Streaming

    /// Starts the two threads; transactions may be submitted from now on.
    ///
    /// - Throws: ``SinkError`` with code `permanent` when no position is stored yet.
    public func start() throws(SinkError) {
        let start = try stage.withLock { stage throws(SinkError) in
            guard case .ready(let start) = stage else {
                throw SinkError(.permanent, "the sink cannot start before its position is stored")
            }
            stage = .started(epoch: start.epoch)
            return start
        }
        monitor.withLock { state in
            var fresh = Handoff(executed: start.executed, text: start.position.gtid)
            fresh.progress.retries = state.progress.retries
            fresh.progress.otherImages = state.progress.otherImages
            fresh.runningThreads = 2
            fresh.failure = state.failure
            fresh.isInterrupted = state.isInterrupted
            state = fresh
            return ((), [])
        }
        keepLease(nil)
        spawn("sdl-stager") { [environment, monitor] in
            let stager = Stager(
                environment, epoch: start.epoch, sequence: start.tip.sequence + 1,
                monitor: monitor)
            Self.run(monitor) { try stager.run() }
            monitor.withLock { state in
                state.stagerEnded = true
                state.runningThreads -= 1
                return ((), .all)
            }
        }
        spawn("sdl-committer") { [environment, monitor] in
            let thread = CommitterThread(
                environment, epoch: start.epoch, tip: start.tip, position: start.position,
                monitor: monitor)
            Self.run(monitor) { try thread.run() }
            if monitor.withLock({ ($0.failure?.code, []) }) != .fenced { thread.release() }
            monitor.withLock { state in
                state.runningThreads -= 1
                return ((), .all)
            }
        }
    }

    /// Keeps the lease with this epoch, and no longer any other; nil ends it.
    func keepLease(_ epoch: Int64?) {
        let next = epoch.map { LeaseKeeper(environment, epoch: $0) }
        let before = keeper.withLock { keeper in
            defer { keeper = next }
            return keeper
        }
        before?.end()
        guard let next else { return }
        spawn("sdl-lease") { [monitor] in
            Self.run(monitor) { try next.run() }
        }
    }

    func spawn(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = name
        thread.stackSize = 4 << 20
        thread.start()
    }

    private static func run(_ monitor: Monitor<Handoff>, _ body: () throws -> Void) {
        do {
            try body()
        } catch {
            let failure = SinkError(wrapping: error)
            monitor.withLock { state in
                state.failure = state.failure ?? failure
                return ((), .all)
            }
        }
    }

    // MARK: Stages

    func currentStage() -> Stage { stage.withLock { $0 } }

    /// Goes to the next stage; returns the one before.
    @discardableResult
    func enter(_ next: Stage) -> Stage {
        stage.withLock { stage in
            let before = stage
            stage = next
            return before
        }
    }
}
