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
        let first = try lease(1)
        let second = try lease(2)
        for second in 0...8 { #expect(!see(&watch, first, after: second)) }
        #expect(see(&watch, second, after: 9))
        for now in 10...18 {
            #expect(watch.stale(at: start + .seconds(now)) == nil)
            #expect(!see(&watch, second, after: now))
        }
        #expect(watch.stale(at: start + .seconds(19)) == second)
    }

    @Test(
        "while MongoDB is away, or does not answer, its owner cannot renew it",
        arguments: [true, false])
    func outage(_ isLost: Bool) throws {
        var watch = watch()
        let held = try lease(1)
        for second in 0...4 { #expect(!see(&watch, held, after: second)) }
        #expect(!see(&watch, held, after: 5, wasAway: isLost, lasting: isLost ? 0 : 5))
        try expectDead(&watch, held, from: isLost ? 5 : 10)
    }

    /// The owner had no chance for a while, so it gets a whole lease time, and what it may wait before.
    private func expectDead(_ watch: inout LeaseWatch, _ held: Lease.Contents, from back: Int)
        throws
    {
        for now in back + 1...back + 14 {
            #expect(watch.stale(at: start + .seconds(now)) == nil)
            #expect(!see(&watch, held, after: now))
        }
        #expect(watch.stale(at: start + .seconds(back + 15)) == held)
    }

    @Test("when we stood still ourselves, its owner may have done so too")
    func frozen() throws {
        var watch = watch()
        let held = try lease(1)
        for second in 0...2 { #expect(!see(&watch, held, after: second)) }
        #expect(watch.stale(at: start + .seconds(15)) == nil)
        #expect(!see(&watch, held, after: 15))
        try expectDead(&watch, held, from: 15)
    }

    @Test("a little less than half a lease time between two looks is none of that")
    func busy() throws {
        var watch = watch()
        let held = try lease(1)
        for second in [0, 4, 8] { #expect(!see(&watch, held, after: second)) }
        #expect(watch.stale(at: start + .seconds(10)) == held)
    }
}
