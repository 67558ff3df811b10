internal import BinlogProtocol
internal import MongoSink

/// Whether a source has the history that our position comes from.
///
/// A source that was reset or restored, or another one behind the same address, may have counted past our position, and
/// would go on from there as if nothing were missing. So it is asked for the last transaction that we know once more.
struct HistoryCheck {
    /// Where to follow from, so that ``last`` is sent again.
    let start: GTIDSet
    let last: LastTransaction
    private var isInside = false
    /// Whether the source has shown the transaction that we know.
    private(set) var isPassed = false

    /// Nil when the source cannot show the transaction.
    ///
    /// - Parameter purged: what the source no longer has in its log.
    init?(_ last: LastTransaction, position: GTIDSet, purged: GTIDSet) {
        guard let start = position.before(last.gtid, previous: last.previous),
            purged.isSubset(of: start)
        else { return nil }
        self.last = last
        self.start = start
    }

    /// Looks at a step of a transaction.
    ///
    /// - Returns: whether it belongs to the transaction that we know, and is not to be handed on.
    /// - Throws: ``BinlogError`` with code `diverged` when the source has another transaction under that GTID, or none.
    mutating func takes(_ change: Change) throws(BinlogError) -> Bool {
        if isPassed { return false }
        switch change {
        case .begin(let start) where start.gtid == last.gtid:
            guard isSameTime(start.commitTime) else { throw diverged }
            isInside = true
            return true
        case .begin(let other) where isNextInDomain(other):
            // A domain is in its order, so that ours would have come first.
            throw missing(before: other)
        case .end where isInside:
            isInside = false
            isPassed = true
            return true
        default:
            return isInside
        }
    }

    /// A log of a server before 8.0, or one that was replicated from there, has whole seconds only.
    private func isSameTime(_ time: UInt64) -> Bool {
        let second: UInt64 = 1_000_000
        if time.isMultiple(of: second) || last.commitTime.isMultiple(of: second) {
            return time / second == last.commitTime / second
        }
        return time == last.commitTime
    }

    /// Whether a transaction of MariaDB follows on the one before ours.
    private func isNextInDomain(_ other: TransactionStart) -> Bool {
        guard let previous = last.previous else { return false }
        return other.gtid.flatMap(start.last(inDomainOf:)) == previous
    }

    private func missing(before other: TransactionStart) -> BinlogError {
        BinlogError(
            .diverged,
            "The MariaDB server's log goes on with \(other.id) where we stored \(last.gtid). \(PositionAdvice.diverged)"
        )
    }

    private var diverged: BinlogError {
        BinlogError(
            .diverged,
            "The server has another transaction \(last.gtid) than the one that we stored: their commit times differ. "
                + "\(PositionAdvice.diverged)")
    }
}
