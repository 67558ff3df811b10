import Testing

@testable import MongoSink

@Suite("When a lease of another instance is given up for dead")
struct LeaseWatchTests {
    private let start = ContinuousClock.now

    private func lease(_ expiresAt: Int64) throws -> Lease.Contents {
        let document = BSONWriter.document {
            $0.append("lease") {
                $0.append("owner", string: "far/1")
                $0.append("epoch", int64: 1)
                $0.append("expiresAt", utcDateTime: expiresAt)
            }
        }
        return try #require(try Lease.Contents(BSONDocument(document)))
    }

    private func watch() -> LeaseWatch {
        LeaseWatch(duration: .seconds(10), retryDelayMax: .seconds(5))
    }

    private func see(
        _ watch: inout LeaseWatch, _ lease: Lease.Contents, after seconds: Int,
        wasAway: Bool = false, lasting: Int = 0
    ) -> Bool {
        watch.see(
            lease, wasAway: wasAway, from: start + .seconds(seconds),
            to: start + .seconds(seconds + lasting))
    }

    @Test func afterAWholeLeaseTimeWithoutAChange() throws {
        var watch = watch()
        let held = try lease(1)
        #expect(watch.stale(at: start) == nil)
        for second in 0..<10 {
            #expect(!see(&watch, held, after: second))
            #expect(watch.stale(at: start + .seconds(second)) == nil)
        }
        #expect(watch.stale(at: start + .seconds(10)) == held)
    }

    @Test func aRenewedOneIsWatchedAnew() throws {
        var watch = watch()
        #expect(!see(&watch, try lease(1), after: 0))
        #expect(see(&watch, try lease(2), after: 9))
        #expect(watch.stale(at: start + .seconds(18)) == nil)
        #expect(watch.stale(at: start + .seconds(19)) == (try lease(2)))
    }

    @Test(
        "while MongoDB is away, or does not answer, its owner cannot renew it",
        arguments: [true, false])
    func outage(_ isLost: Bool) throws {
        var watch = watch()
        let held = try lease(1)
        #expect(!see(&watch, held, after: 0))
        #expect(!see(&watch, held, after: 5, wasAway: isLost, lasting: isLost ? 0 : 10))
        let back = isLost ? 5 : 15
        #expect(watch.stale(at: start + .seconds(back + 14)) == nil)
        #expect(watch.stale(at: start + .seconds(back + 15)) == held)
    }
}
