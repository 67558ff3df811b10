/// Decides what follows a failed attempt: a value without clock, state or randomness of its own.
package struct RetryPolicy: Sendable, Equatable {
    /// What to do now.
    package enum Decision: Sendable, Equatable {
        /// Run the whole transaction (or the single command) again after the wait.
        case retryTransaction(after: Duration)
        /// Send the commit again after the wait.
        case retryCommit(after: Duration)
        /// Throw the connection away, wait, connect, and run the whole transaction again.
        case reconnect(after: Duration)
        /// Give up for this reason.
        case stop(SinkError.Code)
    }

    /// Attempts at one piece of work before giving up; 0 means for ever.
    package let attemptsMax: Int
    /// The first wait.
    package let initial: Duration
    /// The longest wait.
    package let maxDelay: Duration
    /// How long one piece of work may fail, from its first failure on, before giving up; nil means for ever.
    package let timeMax: Duration?

    package init(
        attemptsMax: Int, initial: Duration, maxDelay: Duration, timeMax: Duration? = nil
    ) {
        precondition(attemptsMax >= 0 && initial > .zero && maxDelay >= initial)
        self.attemptsMax = attemptsMax
        self.initial = initial
        self.maxDelay = maxDelay
        self.timeMax = timeMax
    }

    /// The decision after these failed attempts.
    ///
    /// - Parameter jitter: from 0 to 1; the wait is between half and all of the doubled delay.
    package func decision(
        for outcome: Outcome, after failures: FailedAttempts, jitter: Double
    ) -> Decision {
        switch outcome {
        case .loginFailed, .authentication: return .stop(.authentication)
        case .notReplicaSet: return .stop(.notReplicaSet)
        case .permanent: return .stop(.permanent)
        case .duplicateKey: return .stop(.integrity)
        case .transientTransaction, .transient, .unknownCommit, .disconnected: break
        }
        guard let wait = wait(after: failures, jitter: jitter) else {
            return .stop(.retriesExhausted)
        }
        switch outcome {
        case .unknownCommit: return .retryCommit(after: wait)
        case .disconnected: return .reconnect(after: wait)
        default: return .retryTransaction(after: wait)
        }
    }

    /// How long to wait after these failed attempts, or nil when no other is allowed.
    ///
    /// The last attempt is made when the time is over, not a whole wait before.
    package func wait(after failures: FailedAttempts, jitter: Double) -> Duration? {
        if attemptsMax > 0, failures.count >= attemptsMax { return nil }
        let delay = delay(attempt: failures.count, jitter: jitter)
        guard let timeMax else { return delay }
        let left = timeMax - failures.lasted
        return left > .zero ? min(delay, left) : nil
    }

    /// `initial` doubled for each attempt after the first, at most `maxDelay`, times ½ to 1.
    package func delay(attempt: Int, jitter: Double) -> Duration {
        var delay = initial
        var left = attempt
        while left > 1, delay < maxDelay {
            delay = delay * 2
            left -= 1
        }
        let share = 0.5 + 0.5 * min(max(jitter, 0), 1)
        return min(delay, maxDelay) * share
    }
}
