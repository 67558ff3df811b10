/// The failed attempts at one piece of work since it last succeeded: a value without a clock of its own.
package struct FailedAttempts: Sendable, Equatable {
    /// How many.
    package private(set) var count = 0
    /// From the first failure to the last.
    package private(set) var lasted: Duration = .zero
    private var first: ContinuousClock.Instant?

    package init() {}

    /// The attempts at a smaller piece count anew; the time goes on.
    package mutating func beginSmallerPiece() {
        count = 0
    }

    /// Counts a failure at this time.
    package mutating func add(at now: ContinuousClock.Instant) {
        count += 1
        lasted = now - (first ?? now)
        first = first ?? now
    }
}
