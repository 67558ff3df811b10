import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// Two instances of `sdl run` on one stream, on real servers.
@Suite(
    .enabled(
        if: Services.canStart(.mysql) && Services.canStart(.mongo), "needs servers of its own"))
struct TwoWritersTests {
    @Test(
        "[T15 T16] two instances started at the same moment, on streams that are new and that are not: one works, one ends with 3"
    )
    func startedTogether() throws {
        let stand = try LiveStand()
        defer { stand.end() }
        let trails = try (0..<4).map { _ in
            try AuditTrail(source: stand.source, ["START": "earliest"])
        }
        for round in 0..<3 {
            try stand.insert(5)
            let target = try stand.source.executed().description
            let pairs = try trails.map { [try $0.start("run"), try $0.start("run")] }
            for (trail, pair) in zip(trails, pairs) {
                try stand.wait("one of two ends") { pair.contains { !$0.isRunning } }
                let loser = try #require(pair.first { !$0.isRunning })
                let winner = try #require(pair.first { $0 !== loser })
                let complaints = try loser.complaints
                #expect(loser.exitCode == 3, "round \(round): \(complaints)")
                #expect(complaints.contains("--standby"))
                try stand.wait("the other one works", of: winner) {
                    try trail.offset()?["gtid"]?.text == target
                }
                // Half of the rounds leave a lease whose owner is dead.
                if round == 1 {
                    winner.signal(SIGKILL)
                    #expect(try winner.wait() == -SIGKILL)
                } else {
                    try stand.stopCleanly(winner)
                }
                #expect(try trail.inserts().count == 5 * (round + 1))
                #expect(try trail.ledger().events == Int64(try trail.rowChanges().count))
            }
        }
        for trail in trails { try trail.drop() }
    }

    /// Where the first instance stands still.
    enum Place: String, CaseIterable {
        case idle = "between two batches"
        case inTransaction = "with an open transaction"
        case inCommit = "while its commit is done"
    }

    @Test(
        "[T17] an instance that is paused is replaced, wakes up and ends with 3; every change is there once",
        arguments: Place.allCases)
    func paused(place: Place) throws {
        // The locks of an open transaction last until its time is over.
        let mongo = try Services.start(
            .mongo, name: "paused-\(UInt32.random(in: 0...999_999))",
            options: ["--transaction-lifetime-limit-seconds", "4"])
        defer { stop(mongo) }
        let stand = try LiveStand(mongo: mongo)
        defer { stand.end() }
        let first = try stand.trail.start("run")
        defer { first.signal(SIGCONT) }
        try stand.insert(3)
        try stand.waitUntilStored(first)
        let processID = first.processID
        switch place {
        case .idle: first.signal(SIGSTOP)
        case .inTransaction, .inCommit:
            stand.commands.arm { moment, command in
                let isDue =
                    place == .inCommit
                    ? command.name == "commitTransaction"
                    : command.isInTransaction && command.collection == "row_changes"
                if moment == .command, isDue { kill(processID, SIGSTOP) }
                return nil
            }
        }
        try stand.insertTogether(hundreds: 3)
        try stand.insert(3)
        try stand.wait("the first is paused") { try Self.isStopped(processID) }
        stand.commands.arm(nil)

        let second = try stand.trail.start("run", "--standby")
        try second.waitFor("Starting from", within: .seconds(180))
        try stand.insert(3)
        try stand.waitUntilStored(second)
        first.signal(SIGCONT)
        let exit = try first.wait()
        let complaints = try first.complaints
        #expect(exit == 3, "\(complaints)")
        try stand.insert(3)
        try stand.waitUntilStored(second)
        try stand.stopCleanly(second)
        // The first may have staged a batch before it knew; the next start settles that.
        try stand.trail.storeAll()
        try stand.expectEverythingOnce()
    }

    private static func isStopped(_ processID: Int32) throws -> Bool {
        let state = try String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8)
        return state.split(separator: ")").last?.hasPrefix(" T") == true
    }

    @Test(
        "[T18] a lease that is deleted by hand ends the instance that had it; the next one loses and repeats nothing",
        arguments: ["the lease", "the whole document"])
    func deletedLease(what: String) throws {
        var stand = try LiveStand()
        defer { stand.end() }
        let first = try stand.trail.start("run")
        try stand.insert(3)
        try stand.waitUntilStored(first)
        let position = try #require(try stand.trail.offset()?["gtid"]?.text)
        if what == "the lease" {
            try stand.trail.unsetLease()
        } else {
            try stand.trail.deleteOffset()
        }
        try stand.insert(3)
        let exit = try first.wait()
        let complaints = try first.complaints
        #expect([1, 3].contains(exit), "\(exit): \(complaints)")
        #expect(complaints.contains("sdl: "))
        #expect(try stand.trail.inserts().count == 3)
        // Who deletes a position says by hand where to go on.
        if what != "the lease" { stand.trail.environment["START"] = position }
        let second = try stand.trail.start("run")
        try stand.waitUntilStored(second)
        try stand.stopCleanly(second)
        #expect(try stand.trail.inserts().count == 6)
    }
}

extension AuditTrail {
    private func stream() -> [UInt8] {
        BSONWriter.document { $0.append("_id", string: environment["STREAM_NAME"] ?? "") }
    }

    /// As somebody does by hand who thinks that nobody runs any more.
    func unsetLease() throws {
        let matched = try connection().update(
            "binlog_offsets", filter: stream(),
            update: BSONWriter.document { $0.append("$unset") { $0.append("lease", int32: 1) } },
            inTransaction: false)
        try #require(matched == 1)
    }

    /// As somebody does by hand who wants to begin anew.
    func deleteOffset() throws {
        try #require(try connection().deleteAll("binlog_offsets", filter: stream()) == 1)
    }
}
