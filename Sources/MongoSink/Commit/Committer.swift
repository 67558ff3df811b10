internal import BinlogProtocol

/// Commits units one after another, each exactly once, whatever happens to the connection in between.
///
/// Used by one thread. Nothing passes a unit that is not committed.
final class Committer {
    let link: MongoLink
    let epoch: Int64
    private(set) var tip: LedgerTip
    private var environment: SinkEnvironment { link.environment }
    private var settings: SinkSettings { link.environment.settings }

    /// A commit whose outcome stays unknown this often is settled by reading the position.
    private static let commitRepeatsMax = 3

    /// What is known of a commit whose answers said nothing, and of which nothing is to be seen.
    private static let didNotHappen = MongoError(
        domain: .server, code: 0, labels: [MongoError.unknownCommitResult],
        message: "the transaction did not happen", operation: "commitTransaction")

    init(_ link: MongoLink, epoch: Int64, tip: LedgerTip) {
        self.link = link
        self.epoch = epoch
        self.tip = tip
    }

    /// Returns once the unit is committed.
    ///
    /// - Throws: ``SinkError``: `fenced` when another instance took the lease, `integrity` when a stored document
    ///   differs, `offsetMismatch` when someone moved the position, `cancelled`, or what the policy says.
    func commit(_ unit: CommitUnit, merging: Bool) throws {
        var merging = merging
        var attempt = 0
        while true {
            try environment.checkCancelled()
            do {
                if try attemptOnce(unit, merging: merging) { return }
                attempt += 1
                try settle(Self.didNotHappen, unit, attempt)
            } catch let error as MongoError {
                link.abortTransaction()
                if error.outcome == .duplicateKey, !merging {
                    merging = true
                    continue
                }
                attempt += 1
                try settle(error, unit, attempt)
            } catch {
                link.abortTransaction()
                throw error
            }
        }
    }

    /// False when the transaction surely did not happen and may be run again.
    private func attemptOnce(_ unit: CommitUnit, merging: Bool) throws -> Bool {
        let transaction = CommitTransaction(
            settings: settings, epoch: epoch, tip: tip, unit: unit)
        let written = try transaction.run(
            try link.connected(), merging: merging, now: environment.now)
        guard let written else {
            link.abortTransaction()
            return try wasCommitted(unit)
        }
        guard try finish(unit) else { return try wasCommitted(unit) }
        tip = written.tip
        if let merge = written.merge, merge.existing > 0 {
            environment.notice(.merged(existing: merge.existing, inserted: merge.inserted))
        }
        if !written.foundStaging, let id = unit.stagingID {
            environment.notice(.stagingMissing(id: id))
        }
        return true
    }

    /// Sends the commit until its outcome is known; false when it stays unknown.
    private func finish(_ unit: CommitUnit) throws -> Bool {
        var attempt = 0
        while true {
            do {
                try link.connected().commitTransaction()
                return true
            } catch let error as MongoError {
                switch error.outcome {
                case .unknownCommit, .disconnected: break
                default:
                    // A session that began to commit can no longer abort; its end aborts the transaction.
                    link.disconnect()
                    throw error
                }
                attempt += 1
                guard attempt <= Self.commitRepeatsMax else {
                    link.disconnect()
                    return false
                }
                let wait = environment.policy.delay(attempt: attempt, jitter: .random(in: 0...1))
                do {
                    try link.pause(
                        wait, after: error.description, attempt: attempt,
                        doing: "confirmation of the commit of \(unit.name)")
                } catch {
                    // Left open, it would lock the position against the next instance and our own release of the lease.
                    link.disconnect()
                    throw error
                }
            }
        }
    }

    /// Reads the position to decide whether a unit was committed.
    private func wasCommitted(_ unit: CommitUnit) throws -> Bool {
        switch try confirmLease().position {
        case unit.after:
            tip = try link.perform("reading the ledger") {
                try LedgerCollection(settings: settings).tip($0)
            }
            return true
        case unit.before:
            return false
        default:
            throw SinkError(
                .offsetMismatch,
                "the position \(settings.streamName) in \(settings.database)."
                    + "\(settings.offsetsCollection) was moved by someone else while"
                    + " \(unit.name) was being committed: start again, it goes on from there")
        }
    }

    /// Reads the position, and whether it is still ours to move.
    ///
    /// - Throws: ``SinkError`` with code `fenced` when another instance took the lease.
    @discardableResult
    func confirmLease() throws -> OffsetDocument.Contents {
        let contents = try link.perform("reading the position") {
            try OffsetDocument(settings: settings).read($0)
        }
        guard let contents, contents.lease?.epoch == epoch else {
            throw fenced(contents?.lease?.owner)
        }
        return contents
    }

    func fenced(_ owner: String?) -> SinkError {
        SinkError(
            .fenced,
            "\(owner ?? "someone") took the lease of \(settings.streamName) from this instance (epoch"
                + " \(epoch)), which stops: run one instance, or a second one with --standby")
    }

    private func settle(_ error: MongoError, _ unit: CommitUnit, _ attempt: Int) throws {
        do {
            try link.settle(error, attempt: attempt, doing: "commit of \(unit.name)")
        } catch {
            if error.code != .cancelled { note(error, unit, attempt) }
            throw error
        }
    }

    /// Leaves the reason in staging for `sdl staging list`; the sink ends whether or not that works.
    private func note(_ error: SinkError, _ unit: CommitUnit, _ attempts: Int) {
        guard let id = unit.stagingID else { return }
        do {
            try StagingCollection(settings: settings).noteFailure(
                id, attempts: attempts, reason: error.description, try link.connected())
        } catch {
            environment.notice(
                .cleanUpFailed(operation: "the note on \(id)", reason: "\(error)"))
        }
    }
}
