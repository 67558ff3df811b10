import BinlogProtocol
import MongoSink
import Testing

@testable import sdl

/// After which failures of the source a new connection is tried, and for how long.
@Suite struct ReconnectPolicyTests {
    private static let retry = RetryPolicy(
        attemptsMax: 0, initial: .milliseconds(100), maxDelay: .seconds(10))
    private let start = ContinuousClock.now

    private func error(_ code: BinlogError.Code) -> BinlogError { BinlogError(code, "It failed.") }

    @Test(
        "final failures end at once",
        arguments: [
            .authentication, .privilege, .configuration, .wrongFlavor, .diverged, .tls,
            .undecodable, .purged(missing: nil), .serverError(1236),
        ] as [BinlogError.Code])
    func finalFailures(code: BinlogError.Code) {
        var policy = ReconnectPolicy(Self.retry)
        #expect(throws: BinlogError.self) {
            try policy.failed(error(code), executed: GTIDSet(), now: start, jitter: 0)
        }
    }

    @Test("[T82] a damaged event is read once more, and not twice")
    func damage() throws {
        var policy = ReconnectPolicy(Self.retry)
        let first = try GTIDSet(parsing: "0-1-5")
        let second = try GTIDSet(parsing: "0-1-6")
        _ = try policy.failed(error(.corrupt), executed: first, now: start, jitter: 0)
        // Elsewhere it is another damage.
        _ = try policy.failed(error(.corrupt), executed: second, now: start, jitter: 0)
        let last = #expect(throws: BinlogError.self) {
            try policy.failed(error(.corrupt), executed: second, now: start, jitter: 0)
        }
        #expect(last?.code == .corrupt)
        // What cannot be understood while connecting is not a server that we know.
        #expect(throws: BinlogError.self) {
            try policy.failed(error(.corrupt), executed: nil, now: start, jitter: 0)
        }
    }

    @Test("[T19] two clients of one name do not throw each other out for ever")
    func duplicates() throws {
        var policy = ReconnectPolicy(Self.retry)
        var now = start
        var waits: [Duration] = []
        let last = #expect(throws: BinlogError.self) {
            while true {
                // The source sends something each time before it ends the stream.
                policy.progressed()
                let wait = try policy.failed(
                    error(.duplicateReplica), executed: GTIDSet(), now: now, jitter: 0)
                waits.append(wait)
                now += wait
            }
        }
        #expect(last?.code == .duplicateReplica)
        #expect(waits == [.seconds(1), .seconds(2), .seconds(4), .seconds(8)])
        // Much later it is another incident.
        _ = try policy.failed(
            error(.duplicateReplica), executed: GTIDSet(), now: start + .seconds(61), jitter: 0)
    }

    @Test("a log file that the server does not find again and again has been purged")
    func missingFile() throws {
        var policy = ReconnectPolicy(Self.retry)
        for _ in 0..<4 {
            _ = try policy.failed(
                error(.nextFileMissing), executed: GTIDSet(), now: start, jitter: 0)
        }
        policy.progressed()
        for _ in 0..<4 {
            _ = try policy.failed(
                error(.nextFileMissing), executed: GTIDSet(), now: start, jitter: 0)
        }
        let last = #expect(throws: BinlogError.self) {
            try policy.failed(
                error(.nextFileMissing), executed: GTIDSet(), now: start, jitter: 0)
        }
        #expect(last?.code == .purged(missing: nil))
    }

    @Test(
        "[T45] a source that stays away ends it after RETRY_MAX attempts in all, or when RETRY_MAX_TIME is over",
        arguments: [(3, nil, 2), (0, 1, 11), (11, 1, 10)] as [(Int, Int?, Int)])
    func limits(attemptsMax: Int, secondsMax: Int?, waits expected: Int) throws {
        var policy = ReconnectPolicy(
            RetryPolicy(
                attemptsMax: attemptsMax, initial: .milliseconds(100), maxDelay: .milliseconds(100),
                timeMax: secondsMax.map { .seconds($0) }))
        for _ in 1...2 {
            var now = start
            var waits: [Duration] = []
            let last = #expect(throws: BinlogError.self) {
                while waits.count < 100 {
                    let wait = try policy.failed(
                        error(.connectionLost), executed: nil, now: now, jitter: 0.9)
                    waits.append(wait)
                    now += wait
                }
            }
            #expect(last?.code == .connectionLost)
            #expect(waits.count == expected)
            if let secondsMax, expected == 11 { #expect(now - start == .seconds(secondsMax)) }
            // What comes after a step forward is another failure.
            policy.progressed()
        }
    }

    @Test("connections that always break soon are waited for longer and longer")
    func shortConnections() throws {
        var policy = ReconnectPolicy(Self.retry)
        var waits: [Duration] = []
        for _ in 0..<4 {
            policy.lasted(.seconds(2))
            waits.append(
                try policy.failed(
                    error(.connectionLost), executed: GTIDSet(), now: start, jitter: 1))
        }
        #expect(
            waits == [
                .milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800),
            ])
        policy.lasted(.seconds(10))
        #expect(
            try policy.failed(error(.connectionLost), executed: nil, now: start, jitter: 1)
                == .milliseconds(100))
    }
}
