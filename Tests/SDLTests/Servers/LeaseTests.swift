import Foundation
import TestSupport
import Testing

@testable import sdl

/// Two instances of `sdl run` on one stream.
@Suite struct LeaseTests {
    @Test func theSecondOneEndsOrWaitsAndTakesOver() throws {
        let trail = try OwnTrail()
        let first = try trail.start(["run"])
        try first.waitFor("Starting from")

        let second = try trail.run(["run"])
        #expect(second.exitCode == 3)
        #expect(try endsInOneSentence(second))
        #expect(try second.complaints.contains("--standby"))

        // One that waits stops as cleanly as one that works.
        let idle = try trail.start(["run", "--standby"])
        try idle.waitFor("the lease is held by")
        idle.signal(SIGTERM)
        #expect(try idle.wait() == 0)
        #expect(try idle.complaints.contains("Flushing 0 remaining events"))
        #expect(try idle.complaints.contains("Shutdown complete"))

        let heir = try trail.start(["run", "--standby"])
        try heir.waitFor("the lease is held by")
        #expect(first.isRunning)
        first.signal(SIGTERM)
        #expect(try first.wait() == 0)
        try heir.waitFor("Starting from GTID")
        heir.signal(SIGTERM)
        #expect(try heir.wait() == 0)
        #expect(try trail.isLeaseFree())
    }
}
