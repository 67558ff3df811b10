import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// Transactions that stop in the middle, and those of which next to nothing is stored.
@Suite(.enabled(if: Services.canStart(.mysql), "needs a server of its own"))
struct TransactionShapeTests {
    @Test(
        "[T21] the source falls silent within a transaction for longer than FLUSH_INTERVAL, then kill -9: nothing of it is stored",
        arguments: ["1000", "50"])
    func stalledInATransaction(batchSize: String) throws {
        let stand = try LiveStand(with: ["FLUSH_INTERVAL": "200ms", "BATCH_SIZE": batchSize])
        defer { stand.end() }
        let run = try stand.trail.start("run")
        try stand.insert(2)
        try stand.waitUntilStored(run)
        let before = try stand.trail.offset()?["gtid"]
        let line = stand.link.lines.count - 1
        let seen = stand.link.lines[line].toClient.bytes
        stand.link.rules.cut = FaultRules.Cut(.stall, after: seen + 40_000, line: line)
        try stand.insertTogether(hundreds: 5, bytes: 200)
        try stand.wait("the line is silent", of: run) { stand.link.faults == 1 }
        // Of the larger batches nothing is staged; of the smaller ones parts are.
        if batchSize == "50" {
            try stand.wait("parts are staged", of: run) {
                try stand.trail.stagingStatuses()["pending"] != nil
            }
        }
        Thread.sleep(forTimeInterval: 1)
        #expect(try stand.trail.offset()?["gtid"] == before)
        #expect(try stand.trail.inserts().count == 2)
        run.signal(SIGKILL)
        #expect(try run.wait() == -SIGKILL)
        stand.link.rules.cut = nil
        let next = try stand.trail.catchUp()
        let complaints = try next.complaints
        #expect(next.exitCode == 0, "\(complaints)")
        try stand.expectEverythingOnce()
    }

    @Test(
        "[T26] a filter leaves one row of a transaction of 80 MB: the position moves, memory does not"
    )
    func nearlyAllFiltered() throws {
        let stand = try LiveStand(
            with: [
                "EXCLUDE_REGEX": #"d\.hidden"#, "MEMORY_LIMIT": "16MiB", "BATCH_BYTES": "1MiB",
            ])
        defer { stand.end() }
        try stand.root.run("CREATE TABLE d.hidden (id INT PRIMARY KEY AUTO_INCREMENT, v LONGTEXT)")
        let run = try stand.trail.start("run")
        try stand.insert(2)
        try stand.waitUntilStored(run)
        let before = try run.memoryPeak()
        try stand.root.run("BEGIN")
        let rows = Array(repeating: "(REPEAT('x', 100000))", count: 100).joined(separator: ",")
        for _ in 0..<4 { try stand.root.run("INSERT INTO d.hidden (v) VALUES \(rows)") }
        try stand.root.run("INSERT INTO d.t (v) VALUES ('seen')")
        for _ in 0..<4 { try stand.root.run("INSERT INTO d.hidden (v) VALUES \(rows)") }
        try stand.root.run("COMMIT")
        try stand.waitUntilStored(run)
        let grown = try run.memoryPeak() - before
        #expect(grown < 40 << 20 || Environment.isSanitized, "\(grown >> 20) MiB more")
        try stand.stopCleanly(run)
        try stand.expectEverythingOnce()
        let stored = try #require(
            try stand.trail.rowChanges().first {
                try $0.integer("src", "row") == 401
            })
        #expect(try stored.string("chg", "v", "t") == "seen")
    }
}
