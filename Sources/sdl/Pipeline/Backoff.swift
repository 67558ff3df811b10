/// How long to wait between attempts: doubling, with a cap and with jitter.
struct Backoff: Sendable {
    private let retry: Settings.Retry
    /// Failures since the last success.
    private(set) var failures = 0

    init(_ retry: Settings.Retry) {
        self.retry = retry
    }

    /// Counts a failed attempt; the time to wait, or nil when no attempt is left.
    ///
    /// - Parameter jitter: 0 to 1; the wait is between half and all of the doubled delay.
    mutating func failed(jitter: Double) -> Duration? {
        failures += 1
        if let attemptsMax = retry.attemptsMax, failures >= attemptsMax { return nil }
        var delay = retry.initialDelay
        for _ in stride(from: 1, to: failures, by: 1) where delay < retry.delayMax { delay *= 2 }
        delay = min(delay, retry.delayMax)
        return delay * (0.5 + jitter / 2)
    }

    mutating func succeeded() {
        failures = 0
    }
}

extension Duration {
    /// Whole milliseconds, for people and for waits of at most an hour.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
