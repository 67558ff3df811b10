internal import BinlogProtocol

/// The thread that commits what was staged, in order, and keeps the lease alive while there is nothing to do.
final class CommitterThread {
    private let committer: Committer
    private var position: Position
    private let monitor: Monitor<Handoff>
    private var renewAt: ContinuousClock.Instant
    private var environment: SinkEnvironment { committer.link.environment }
    private var lease: Lease { Lease(settings: environment.settings) }

    private enum Turn: Sendable {
        case job(CommitterJob)
        case renew
        case end
    }

    init(
        _ environment: SinkEnvironment, epoch: Int64, tip: LedgerTip, position: Position,
        monitor: Monitor<Handoff>
    ) {
        committer = Committer(MongoLink(environment), epoch: epoch, tip: tip)
        self.position = position
        self.monitor = monitor
        renewAt = .now + environment.settings.leaseDuration / 3
    }

    /// Works until everything staged is committed and the sink finishes, or it fails.
    func run() throws {
        while true {
            let deadline = renewAt
            let turn: Turn = monitor.wait(as: .committer) { state in
                if state.failure != nil { return .ready(.end, waking: []) }
                if let job = state.committerJobs.first {
                    state.committerJobs.removeFirst()
                    // The stager may write the next batch while this one is committed.
                    return .ready(.job(job), waking: [.stager])
                }
                if state.stagerEnded { return .ready(.end, waking: []) }
                if ContinuousClock.now >= deadline { return .ready(.renew, waking: []) }
                return .wait(until: deadline)
            }
            switch turn {
            case .end: return
            case .renew: try renew()
            case .job(.batch(let batch, let id, let digest)):
                try commit(batch, stagingID: id, digest: digest)
            case .job(.large(let large, let batch, let bytes)):
                try commit(large, batch, bytes: bytes)
            }
            renewAt = .now + environment.settings.leaseDuration / 3
        }
    }

    private func commit(_ batch: Batch, stagingID: String?, digest: [UInt8]) throws {
        let after = Position(gtid: batch.next.description, partial: try partial(behind: batch.next))
        let unit = CommitUnit(
            documents: batch.documents, digest: digest, before: position, after: after,
            transactions: batch.transactions, times: batch.times, coordinates: batch.coordinates,
            stagingID: stagingID)
        try committer.commit(unit, merging: false)
        position = after
        finished(
            unit, batch, heldBytes: batch.documents.byteCount, heldEvents: batch.documents.count)
    }

    private func commit(_ large: LargeTransaction, _ batch: Batch, bytes: Int) throws {
        let merging = position.partial != nil
        position = try committer.apply(large, from: position, merging: merging) { unit in
            let events = Int64(unit.documents.count)
            let bytes = Int64(unit.documents.byteCount)
            monitor.withLock { state in
                state.progress.events += events
                state.progress.bytes += bytes
                state.progress.commits += 1
                return ((), [])
            }
        }
        monitor.withLock { state in
            state.progress.committed = batch.next
            state.progress.transactions += batch.transactions
            state.progress.lastEventTime = batch.times?.upperBound ?? state.progress.lastEventTime
            state.progress.stagingPending -= 1
            return ((), [.control, .stager])
        }
    }

    private func finished(_ unit: CommitUnit, _ batch: Batch, heldBytes: Int, heldEvents: Int) {
        monitor.withLock { state in
            state.progress.committed = batch.next
            state.progress.events += Int64(heldEvents)
            state.progress.bytes += Int64(heldBytes)
            state.progress.transactions += batch.transactions
            state.progress.commits += 1
            state.progress.lastEventTime = batch.times?.upperBound ?? state.progress.lastEventTime
            state.progress.heldBytes -= heldBytes
            state.progress.heldEvents -= heldEvents
            state.progress.stagingPending -= 1
            return ((), [.reader, .control, .stager])
        }
    }

    /// The large transaction that an earlier run began to store, until its GTID joins the set.
    private func partial(behind next: GTIDSet) throws -> StoredOffset.Partial? {
        guard let partial = position.partial else { return nil }
        return try GTIDSet(parsing: partial.gtid).isSubset(of: next) ? nil : partial
    }

    private func renew() throws {
        let renewed = try committer.link.perform("renewal of the lease") {
            try lease.renew($0, epoch: committer.epoch, now: environment.now)
        }
        guard renewed else { throw committer.fenced(nil) }
    }

    /// Gives the lease back; the next instance waits one lease time when that fails.
    func release() {
        do {
            try lease.release(committer.link, epoch: committer.epoch, now: environment.now)
        } catch {
            environment.notice(
                .cleanUpFailed(operation: "release of the lease", reason: "\(error)"))
        }
    }
}
