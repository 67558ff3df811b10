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
        for _ in 0..<4 { #expect(backoff.failed(jitter: 1) != nil) }
        #expect(backoff.failed(jitter: 1) == nil)
    }

    @Test("without a limit there is always another attempt, and the delay never overflows")
    func forEver() {
        var backoff = Backoff(
            Settings.Retry(attemptsMax: nil, initialDelay: .seconds(3600), delayMax: .seconds(3600))
        )
        for _ in 0..<10_000 { #expect(backoff.failed(jitter: 1) == .seconds(3600)) }
    }
}
