import MongoSink
import Testing

struct RetryPolicyTests {
    private func failures(_ count: Int, lasting time: Duration = .zero) -> FailedAttempts {
        let start = ContinuousClock.now
        var failures = FailedAttempts()
        for number in 1...count { failures.add(at: number < count ? start : start + time) }
        return failures
    }

    private let policy = RetryPolicy(
        attemptsMax: 5, initial: .milliseconds(100), maxDelay: .seconds(10))

    @Test(
        arguments: [
            (.transientTransaction, .retryTransaction(after: .milliseconds(100))),
            (.transient, .retryTransaction(after: .milliseconds(100))),
            (.unknownCommit, .retryCommit(after: .milliseconds(100))),
            (.disconnected, .reconnect(after: .milliseconds(100))),
            (.authentication, .stop(.authentication)), (.loginFailed, .stop(.authentication)),
            (.notReplicaSet, .stop(.notReplicaSet)),
            (.permanent, .stop(.permanent)), (.duplicateKey, .stop(.integrity)),
        ] as [(Outcome, RetryPolicy.Decision)])
    func eachOutcomeHasItsDecision(_ outcome: Outcome, _ decision: RetryPolicy.Decision) {
        #expect(policy.decision(for: outcome, after: failures(1), jitter: 1) == decision)
    }

    @Test(
        arguments: [.transientTransaction, .transient, .unknownCommit, .disconnected] as [Outcome])
    func theLastAttemptStops(_ outcome: Outcome) {
        #expect(
            policy.decision(for: outcome, after: failures(4), jitter: 0) != .stop(.retriesExhausted)
        )
        #expect(
            policy.decision(for: outcome, after: failures(5), jitter: 0) == .stop(.retriesExhausted)
        )
    }

    @Test(
        arguments: [.transientTransaction, .transient, .unknownCommit, .disconnected] as [Outcome])
    func theTimeEndsToo(_ outcome: Outcome) {
        let policy = RetryPolicy(
            attemptsMax: 0, initial: .seconds(1), maxDelay: .seconds(10), timeMax: .seconds(120))
        func decision(_ count: Int, _ time: Duration) -> RetryPolicy.Decision {
            policy.decision(for: outcome, after: failures(count, lasting: time), jitter: 1)
        }
        #expect(decision(2, .milliseconds(119_999)) != .stop(.retriesExhausted))
        #expect(decision(2, .seconds(120)) == .stop(.retriesExhausted))
        // A single failure lasted no time, however long the attempt was.
        #expect(decision(1, .seconds(500)) != .stop(.retriesExhausted))
        // The last wait ends with the time.
        #expect(policy.wait(after: failures(9, lasting: .seconds(117)), jitter: 1) == .seconds(3))
        #expect(policy.wait(after: failures(9, lasting: .seconds(100)), jitter: 1) == .seconds(10))
    }

    @Test func timeIsCountedFromTheFirstFailure() {
        let start = ContinuousClock.now
        var failures = FailedAttempts()
        #expect((failures.count, failures.lasted) == (0, .zero))
        failures.add(at: start)
        #expect((failures.count, failures.lasted) == (1, .zero))
        failures.add(at: start + .seconds(2))
        failures.add(at: start + .seconds(7))
        #expect((failures.count, failures.lasted) == (3, .seconds(7)))
        failures.beginSmallerPiece()
        failures.add(at: start + .seconds(9))
        #expect((failures.count, failures.lasted) == (1, .seconds(9)))
    }

    @Test func zeroIsForEver() {
        let endless = RetryPolicy(
            attemptsMax: 0, initial: .milliseconds(100), maxDelay: .seconds(10))
        #expect(
            endless.decision(
                for: .disconnected, after: failures(10_000, lasting: .seconds(1 << 40)), jitter: 1)
                == .reconnect(after: .seconds(10)))
        #expect(endless.delay(attempt: .max, jitter: 1) == .seconds(10))
    }

    @Test(arguments: [
        (1, 100), (2, 200), (3, 400), (4, 800), (5, 1600), (6, 3200), (7, 6400), (8, 10_000),
        (9, 10_000),
    ])
    func waitsDoubleUpToTheirLimit(_ attempt: Int, _ milliseconds: Int) {
        let whole = policy.delay(attempt: attempt, jitter: 1)
        #expect(whole == .milliseconds(milliseconds))
        #expect(policy.delay(attempt: attempt, jitter: 0) == whole / 2)
        #expect(policy.delay(attempt: attempt, jitter: 0.5) == whole * 0.75)
    }

    @Test func jitterOutOfItsRangeIsLimited() {
        #expect(policy.delay(attempt: 1, jitter: -3) == .milliseconds(50))
        #expect(policy.delay(attempt: 1, jitter: 3) == .milliseconds(100))
    }
}

struct OutcomeTests {
    private func outcome(
        _ domain: MongoError.Domain, _ code: Int32, _ labels: Set<String> = []
    ) -> Outcome {
        MongoError(domain: domain, code: code, labels: labels, message: "", operation: "").outcome
    }

    @Test func labelsDecideFirst() {
        #expect(outcome(.server, 121, ["TransientTransactionError"]) == .transientTransaction)
        #expect(outcome(.network, 0, ["UnknownTransactionCommitResult"]) == .unknownCommit)
        #expect(outcome(.network, 0, ["TransientTransactionError"]) == .transientTransaction)
        #expect(outcome(.server, 11000, ["Other"]) == .duplicateKey)
        #expect(outcome(.server, 64, ["RetryableWriteError"]) == .disconnected)
        #expect(outcome(.writeConcern, 64, ["RetryableWriteError"]) == .disconnected)
    }

    @Test(
        arguments: [
            (112, .transient), (251, .transient), (50, .transient), (14031, .transient),
            (189, .disconnected), (10107, .disconnected), (11600, .disconnected),
            (91, .disconnected),
            (11000, .duplicateKey), (13, .authentication), (18, .authentication),
            (365, .transient), (43, .transient), (175, .transient), (94, .transient),
            // Without transactions is what it means only as the answer to a transaction's first command.
            (20, .permanent),
            (121, .permanent), (2, .permanent), (10334, .permanent), (999_999, .permanent),
            (0, .permanent), (-1, .permanent),
        ] as [(Int32, Outcome)])
    func aServersCodeDecides(_ code: Int32, _ expected: Outcome) {
        #expect(outcome(.server, code) == expected)
    }

    @Test func theDriverAndTheNetworkHaveTheirOwnCodes() {
        #expect(outcome(.network, 4) == .disconnected)
        #expect(outcome(.serverSelection, 13053) == .disconnected)
        #expect(outcome(.authentication, 11) == .loginFailed)
        #expect(outcome(.sessions, 30) == .notReplicaSet)
        #expect(outcome(.wireVersion, 15) == .notReplicaSet)
        #expect(outcome(.driver, 11) == .permanent)
        // A write that was applied and could not be confirmed may be repeated.
        #expect(outcome(.writeConcern, 64) == .transient)
        #expect(outcome(.writeConcern, 189) == .disconnected)
    }
}
