/// The failed attempts at one MongoDB transaction, and whether it was too large: a value without a clock of its own.
///
/// A server ends a transaction that lives longer than `transactionLifetimeLimitSeconds` (60 s), and says no more than that it
/// is gone. Repeated as it is, it would be ended again and again.
package struct UnitLosses: Sendable, Equatable {
    /// An attempt that took this long and failed for a passing reason was too much for the server.
    package static let slow: Duration = .seconds(20)
    /// An attempt that may be made smaller is given up by us after this long, before the server does so.
    package static let attemptMax: Duration = .seconds(45)
    /// So often one after another the server ends a transaction before a smaller one is tried.
    package static let endedMax = 2
    /// The same for write conflicts, which is what some servers say when their cache is full.
    package static let conflictsMax = 6
    /// So often one after another the server ends a transaction that cannot be smaller before that is an error.
    package static let hopelessMax = 8

    private var slow = 0
    private var ended = 0
    private var conflicts = 0
    private var isRefused = false

    package init() {}

    /// Counts a failed attempt.
    package mutating func add(_ error: MongoError, lasted: Duration) {
        switch error.outcome {
        case .transientTransaction, .transient, .unknownCommit, .disconnected:
            if lasted >= Self.slow { slow += 1 }
        default: break
        }
        guard error.domain == .server else {
            // A lost connection says nothing about what the server would have done.
            ended = 0
            return
        }
        switch error.code {
        case Self.transactionTooLarge, Self.transactionTooLargeForCache: isRefused = true
        case Self.noSuchTransaction, Self.exceededLifetime: ended += 1
        case Self.writeConflict, Self.temporarilyUnavailable:
            ended = 0
            conflicts += 1
        default: ended = 0
        }
    }

    /// Whether the work is to be done in smaller transactions.
    package var isTooLarge: Bool {
        isRefused || slow > 0 || ended >= Self.endedMax || conflicts >= Self.conflictsMax
    }

    /// Whether a transaction that cannot be smaller is given up.
    package var isHopeless: Bool { ended >= Self.hopelessMax }

    private static let writeConflict: Int32 = 112
    private static let temporarilyUnavailable: Int32 = 365
    private static let noSuchTransaction: Int32 = 251
    private static let exceededLifetime: Int32 = 290
    private static let transactionTooLarge: Int32 = 257
    private static let transactionTooLargeForCache: Int32 = 388
}
