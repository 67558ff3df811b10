internal import BinlogProtocol

/// Commits units one after another, each exactly once, whatever happens to the connection in between.
///
/// Used by one thread. Nothing passes a unit that is not committed.
final class Committer {
    let link: MongoLink
    let epoch: Int64
    private(set) var tip: LedgerTip {
        didSet { doubts = [] }
    }
    /// Where the units end whose commits may still come to be, since the ledger's end.
    private var doubts: [Position] = []
    private var size = UnitSize()
    /// Those since the last commit.
    private var failures = FailedAttempts()
    var environment: SinkEnvironment { link.environment }
    var settings: SinkSettings { link.environment.settings }

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

    /// Returns once the unit is committed, in several MongoDB transactions when one is too much for the server.
    ///
    /// - Throws: ``SinkError``: `fenced` when another instance took the lease, `integrity` when a stored document
    ///   differs, `offsetMismatch` when someone moved the position, `cancelled`, or what the policy says.
    func commit(_ unit: CommitUnit, merging: Bool) throws {
        var left = [unit]
        while let next = left.popLast() {
            if let limit = size.documentsMax, next.documents.count > limit,
                let halves = try next.halves()
            {
                left += [halves.second, halves.first]
                continue
            }
            do {
                try commitWhole(next, merging: merging, stagedAs: unit.stagingID)
            } catch let split as TooLarge {
                left += [split.second, split.first]
            } catch let whole as CommittedWhole {
                failures = FailedAttempts()
                while let next = left.last, next.before != whole.after { left.removeLast() }
            }
        }
    }

    /// A unit that the server does not take at once, as two.
    private struct TooLarge: Error {
        let first: CommitUnit
        let second: CommitUnit
    }

    /// A unit that was split while its commit was in doubt, and that was committed as it was.
    private struct CommittedWhole: Error {
        let after: Position
    }

    private func commitWhole(_ unit: CommitUnit, merging: Bool, stagedAs id: String?) throws {
        var merging = merging
        var losses = UnitLosses()
        while true {
            try environment.checkCancelled()
            let start = ContinuousClock.now
            // What cannot be smaller has all the time that the server gives it.
            let isBounded = unit.documents.count > 1 && !losses.isTooLarge
            do {
                if try attemptOnce(unit, merging: merging, isBounded: isBounded) {
                    size.commit(unit.documents.count, lasted: .now - start)
                    failures = FailedAttempts()
                    return
                }
                failures.add(at: .now)
                losses.add(Self.didNotHappen, lasted: .now - start)
                try settle(Self.didNotHappen, unit, losses, stagedAs: id)
            } catch let error as MongoError {
                link.abortTransaction()
                if error.outcome == .duplicateKey, !merging {
                    merging = true
                    continue
                }
                failures.add(at: .now)
                let lasted = ContinuousClock.now - start
                losses.add(error, lasted: lasted)
                if error.domain == .server || error.domain == .driver {
                    try keepLease(after: lasted)
                }
                try settle(error, unit, losses, stagedAs: id)
            } catch {
                link.abortTransaction()
                throw error
            }
        }
    }

    /// False when the transaction surely did not happen and may be run again.
    private func attemptOnce(
        _ unit: CommitUnit, merging: Bool, isBounded: Bool
    ) throws -> Bool {
        let transaction = CommitTransaction(
            settings: settings, epoch: epoch, tip: tip, unit: unit)
        let deadline = isBounded ? ContinuousClock.now + UnitLosses.attemptMax : nil
        let written = try transaction.run(
            try link.connected(), merging: merging, now: environment.now, until: deadline)
        guard let written else {
            link.abortTransaction()
            return try wasCommitted(unit)
        }
        guard try finish(unit) else { return try wasCommitted(unit) }
        link.succeeded()
        tip = written.tip
        if let merge = written.merge, merge.existing > 0 {
            environment.notice(.merged(existing: merge.existing, inserted: merge.inserted))
        }
        if let merge = written.merge, let id = merge.firstOtherImage {
            environment.foundOtherImages(merge.otherImages)
            if environment.images.isFirst() {
                environment.notice(.otherImages(documents: merge.otherImages, id: id))
            }
        }
        if !written.foundStaging, let id = unit.stagingID {
            environment.notice(.stagingMissing(id: id))
        }
        return true
    }

    /// Sends the commit until its outcome is known; false when it stays unknown.
    private func finish(_ unit: CommitUnit) throws -> Bool {
        var unanswered = FailedAttempts()
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
                doubts.append(unit.after)
                unanswered.add(at: .now)
                guard unanswered.count <= Self.commitRepeatsMax,
                    let wait = environment.policy.wait(
                        after: unanswered, jitter: .random(in: 0...1))
                else {
                    link.disconnect()
                    return false
                }
                do {
                    try link.pause(
                        wait, after: error.description, attempt: unanswered.count,
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
        let contents = try confirmLease()
        switch contents.position {
        // A transaction that is read again can come to where an earlier run was interrupted, and move nothing.
        case unit.after where contents.ledger == tip.sequence + 1:
            tip = try nextTip()
            return true
        case .some(let after) where contents.ledger == tip.sequence + 1 && doubts.contains(after):
            tip = try nextTip()
            throw CommittedWhole(after: after)
        case unit.before where (contents.ledger ?? tip.sequence) == tip.sequence:
            return false
        default:
            throw SinkError(
                .offsetMismatch,
                "the position \(settings.streamName) in \(settings.database)."
                    + "\(settings.offsetsCollection) was moved by someone else while"
                    + " \(unit.name) was being committed: start again, it goes on from there")
        }
    }

    /// The ledger's end behind one more entry, which stands with the position and may be seen later.
    private func nextTip() throws -> LedgerTip {
        let expected = tip.sequence + 1
        return try link.perform("reading the ledger") {
            let found = try LedgerCollection(settings: settings).tip($0)
            if found.sequence == expected { return found }
            // Another instance may have gone on meanwhile, and then it is never the end again.
            let contents = try OffsetDocument(settings: settings).read($0)
            guard let contents, contents.isOurs(epoch, settings) else {
                throw fenced(contents?.lease?.owner)
            }
            throw MongoError.unseen("entry \(expected)", operation: "find ledger")
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
        guard let contents, contents.isOurs(epoch, settings) else {
            throw fenced(contents?.lease?.owner)
        }
        return contents
    }

    /// Waits before the next attempt, or throws ``TooLarge`` when there shall be two smaller ones.
    private func settle(
        _ error: MongoError, _ unit: CommitUnit, _ losses: UnitLosses, stagedAs id: String?
    ) throws {
        if losses.isTooLarge, let (first, second) = try unit.halves() {
            var next = failures
            // A server that answers is asked for something else now; one that is away is not.
            if error.domain != .network && error.domain != .serverSelection {
                next.beginSmallerPiece()
            }
            if let wait = environment.policy.wait(after: next, jitter: .random(in: 0...1)) {
                let attempt = failures.count
                failures = next
                size.refuse(unit.documents.count)
                environment.notice(
                    .transactionSplit(name: unit.name, documents: unit.documents.count))
                if error.outcome == .disconnected { link.disconnect() }
                try link.pause(
                    wait, after: error.description, attempt: attempt,
                    doing: "commit of \(unit.name)")
                throw TooLarge(first: first, second: second)
            }
        }
        do throws(SinkError) {
            if losses.isHopeless { throw hopeless(error, unit, failures.count) }
            try link.settle(error, after: failures, doing: "commit of \(unit.name)")
        } catch {
            if error.code != .cancelled { note(error, stagedAs: id, failures.count) }
            throw error
        }
    }
}
