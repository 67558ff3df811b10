import MongoSink
import Testing

@testable import sdl

@Suite("Back-off of the source")
struct BackoffTests {
    @Test("delays double up to the longest, jitter halves them at most, attempts are counted")
    func delays() {
        var backoff = Backoff(
            Settings.Retry(
                attemptsMax: 5, initialDelay: .milliseconds(100), delayMax: .milliseconds(300)))
        #expect(backoff.failed(jitter: 1) == .milliseconds(100))
        #expect(backoff.failed(jitter: 1) == .milliseconds(200))
        #expect(backoff.failed(jitter: 0) == .milliseconds(150))
        #expect(backoff.failed(jitter: 1) == .milliseconds(300))
        backoff.succeeded()
        #expect(backoff.failed(jitter: 1) == .milliseconds(100))
        for _ in 0..<3 { #expect(backoff.failed(jitter: 1) != nil) }
        #expect(backoff.failed(jitter: 1) == nil)
    }

    @Test("RETRY_MAX counts attempts in all, as it does for MongoDB", arguments: [1, 2, 7])
    func attempts(attemptsMax: Int) {
        let delay = Duration.milliseconds(1)
        var backoff = Backoff(
            Settings.Retry(attemptsMax: attemptsMax, initialDelay: delay, delayMax: delay))
        let policy = RetryPolicy(attemptsMax: attemptsMax, initial: delay, maxDelay: delay)
        for attempt in 1...attemptsMax {
            let isLast = attempt == attemptsMax
            #expect((backoff.failed(jitter: 0) == nil) == isLast)
            let decision = policy.decision(for: .transient, attempt: attempt, jitter: 0)
            #expect((decision == .stop(.retriesExhausted)) == isLast)
        }
    }

    @Test("without a limit there is always another attempt, and the delay never overflows")
    func forEver() {
        var backoff = Backoff(
            Settings.Retry(attemptsMax: nil, initialDelay: .seconds(3600), delayMax: .seconds(3600))
        )
        for _ in 0..<10_000 { #expect(backoff.failed(jitter: 1) == .seconds(3600)) }
    }
}
