/// Logins that were refused one after another, and whether they are believed: a value without a clock.
///
/// libmongoc reports a server that stops in the middle of a login as a refused user. A server that is away does more than that: it
/// does not answer either, which ends the row. A refused login comes from a server that just answered.
package struct LoginRefusals: Sendable, Equatable {
    /// This many are believed while no login has ever succeeded.
    package static let firstMax = 3
    /// This many, and for the given time, are believed of a user who was right before: the password was changed.
    package static let laterMin = 5

    private var count = 0
    private var since: ContinuousClock.Instant?

    package init() {}

    /// Something else happened: the server was not found, the line broke, or a command succeeded.
    package mutating func end() {
        count = 0
        since = nil
    }

    /// Counts a refused login.
    ///
    /// - Parameters:
    ///   - wasRight: whether this user has ever logged in.
    ///   - patience: how long a user who was right before must be refused.
    /// - Returns: whether the user is wrong.
    package mutating func refuse(
        at now: ContinuousClock.Instant, wasRight: Bool, patience: Duration
    ) -> Bool {
        count += 1
        let start = since ?? now
        since = start
        return wasRight
            ? count >= Self.laterMin && now - start >= patience : count >= Self.firstMax
    }
}
