import BinlogProtocol
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import sdl

/// What a killed `sdl` leaves open in MongoDB.
@Suite struct OrphanedTransactionTests {
    @Test(
        "[T6 T23] MongoDB keeps the transaction of a killed process for a while: the next start waits for it",
        .enabled(if: Services.canStart(.mongo), "needs a MongoDB server of its own"))
    func outlivesItsClient() throws {
        try withServer(.mongo, name: "orphan", options: ["--orphan-seconds", "3"]) { mongo in
            let trail = try OwnTrail(mongo: mongo)
            let table = try SourceTable(trail)
            let start = try table.executed()
            let settings = table.onlyThis.merging(["RETRY_MAX": "0", "START": start]) { $1 }
            try table.insert(3)
            let proxy = try MongoCommandProxy(to: mongo.uri)
            // By then the transaction holds the position, which has the lease too.
            let death = Locked(ContinuousClock.now)
            proxy.arm { moment, command in
                let isRows = command.name == "insert" && command.collection == "row_changes"
                guard moment == .answer && isRows && command.isInTransaction else { return nil }
                death.withLock { $0 = .now }
                return .kill
            }
            let killed = try trail.start(
                ["run", "--until", "current"], settings.merging(["MONGO_URI": proxy.uri]) { $1 })
            proxy.setVictim(killed.processID)
            #expect(try killed.wait() == -SIGKILL)
            #expect(try trail.insertCount() == 0)
            let next = try trail.run(["run", "--until", "current"], settings)
            let complaints = try next.complaints
            #expect(next.exitCode == 0, "\(complaints)")
            #expect(.now - death.withLock { $0 } >= .seconds(2), "nothing was left open")
            #expect(try trail.insertCount() == 3)
            // The batch after it may have been staged too.
            #expect(complaints.contains(/Recovering [12] pending batches/), "\(complaints)")
        }
    }
}
