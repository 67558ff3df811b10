import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// SIGTERM while something is going on or going wrong: exit code 0, nothing half, and the rest comes with the next start.
@Suite(.enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
struct StopUnderFaultTests {
    /// Small batches, so that one transaction has many.
    private static let settings = ["BATCH_SIZE": "50", "BATCH_BYTES": "64KiB"]

    private func expectRestOfItOnce(_ stand: LiveStand) throws {
        let rest = try stand.trail.start("run", "--until", "current")
        let exit = try rest.wait()
        let complaints = try rest.complaints
        #expect(exit == 0, "\(complaints)")
        try stand.expectEverythingOnce()
    }

    @Test("[T8] SIGTERM while a large transaction is being read and spilled")
    func whileReadingALargeTransaction() throws {
        let stand = try LiveStand(with: Self.settings)
        defer { stand.end() }
        let run = try stand.trail.start("run")
        try stand.insert(2)
        try stand.waitUntilStored(run)
        let position = try stand.trail.offset()?["gtid"]
        let line = try #require(stand.link.lines.lastIndex { $0.isOpen })
        let passed = stand.link.lines[line].toClient.bytes
        stand.link.rules.cut = FaultRules.Cut(.stall, after: passed + 300_000, line: line)
        try stand.insertTogether(hundreds: 20, bytes: 500)
        try stand.wait("the transaction is spilled", of: run) {
            try (stand.trail.stagingStatuses()["pending"] ?? 0) >= 3
        }
        try stand.stopCleanly(run)
        #expect(try stand.trail.offset()?["gtid"] == position)
        #expect(try stand.trail.inserts().count == 2)
        stand.link.rules.cut = nil
        stand.link.closeLines()
        try expectRestOfItOnce(stand)
    }

    @Test("[T8] SIGTERM while the parts of a large transaction are being applied")
    func whileApplyingALargeTransaction() throws {
        let stand = try LiveStand(with: Self.settings)
        defer { stand.end() }
        let run = try stand.trail.start("run")
        try stand.insert(2)
        try stand.waitUntilStored(run)
        // Each commit takes a while, so that the signal comes between two of them.
        stand.commands.arm { moment, command in
            if moment == .command, command.name == "commitTransaction" { usleep(300_000) }
            return nil
        }
        try stand.insertTogether(hundreds: 20)
        try stand.wait("a part is applied", of: run) {
            try stand.trail.offset()?["partial"] != nil
        }
        try stand.stopCleanly(run)
        stand.commands.arm(nil)
        try expectRestOfItOnce(stand)
    }

    @Test("[T8] SIGTERM while MongoDB fails and the next attempt is ten minutes away")
    func whileMongoDBIsTriedAgain() throws {
        let stand = try LiveStand(with: ["RETRY_INITIAL": "10m", "RETRY_MAX_DELAY": "10m"])
        defer { stand.end() }
        let run = try stand.trail.start("run")
        try stand.insert(2)
        try stand.waitUntilStored(run)
        stand.commands.arm { moment, command in
            moment == .command && command.name == "commitTransaction" ? .fail(code: 189) : nil
        }
        try stand.insert(2)
        try run.waitFor("repeated in")
        // Far below what is left until the next attempt.
        try stand.stopCleanly(run)
        // The transaction that was left open holds nobody up, not even the release of the lease.
        #expect(try stand.trail.offset()?["lease"]?["owner"] == .null)
        stand.commands.arm(nil)
        try expectRestOfItOnce(stand)
    }

    @Test("[T72] SIGTERM while the source refuses and the next attempt is ten minutes away")
    func whileTheSourceIsTriedAgain() throws {
        let stand = try LiveStand(with: ["RETRY_INITIAL": "10m", "RETRY_MAX_DELAY": "10m"])
        defer { stand.end() }
        let run = try stand.trail.start("run")
        try stand.insert(2)
        try stand.waitUntilStored(run)
        stand.link.rules.refuses = true
        stand.link.closeLines()
        try run.waitFor("Trying again")
        try stand.stopCleanly(run)
        stand.link.rules.refuses = false
        try stand.insert(2)
        try expectRestOfItOnce(stand)
    }
}
