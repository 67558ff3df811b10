import BinlogProtocol
import Foundation
import MongoSink
import TestSupport
import Testing

@testable import sdl

/// Each command with servers as they should be, and a position that a server cannot serve.
@Suite struct CommandTests {
    @Test func catchingUpEndsWithTheLinesThatOperatorsLookFor() throws {
        let run = try OwnTrail().run(["run", "--until", "current"])
        #expect(run.exitCode == 0)
        for line in [
            "Connected to MongoDB", "Connected to MySQL", "Recovering 0 pending batches",
            "Starting from current position", "Flushing 0 remaining events", "Shutdown complete",
        ] {
            #expect(try run.complaints.contains(line))
        }
        #expect(try run.output.isEmpty)
    }

    @Test func aStartIsForTheFirstRunOnlyAndTheSecondSaysSo() throws {
        let trail = try OwnTrail()
        let warning = "--start is not looked at"
        let first = try trail.run(["run", "--start", "current", "--until", "current"])
        #expect(first.exitCode == 0)
        #expect(try !first.complaints.contains(warning))
        let position = try #require(try trail.position())
        let second = try trail.run(["run", "--start", "earliest", "--until", "current"])
        #expect(second.exitCode == 0)
        #expect(try second.complaints.contains(warning))
        #expect(try second.complaints.contains("\(trail.database).binlog_offsets"))
        #expect(try second.complaints.contains("Starting from GTID \(position.gtid)"))
        // The setting stays in its file for ever and is no wish of the moment.
        let third = try trail.run(["run", "--until", "current"], ["START": "earliest"])
        #expect(try !third.complaints.contains(warning))
    }

    @Test func tailPrintsADocumentALine() throws {
        let trail = try OwnTrail()
        let table = try SourceTable(trail)
        let before = try table.executed()
        try table.insert(3)
        let run = try trail.run(
            ["tail", "--start", before, "--until", "current"], table.onlyThis)
        #expect(run.exitCode == 0)
        let documents = try run.output.split(separator: "\n").map {
            try #require(
                try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        // Statements that name no table, those of other tests, are not filtered.
        let inserts = documents.filter { $0["op"] as? String == "i" }
        let keys = inserts.map { ($0["meta"] as? [String: Any])?["pk"] as? Int }
        #expect(keys == [1, 2, 3])
        #expect(try trail.isEmpty())
    }

    @Test func initCanBeRepeated() throws {
        let trail = try OwnTrail()
        for _ in 1...2 {
            let run = try trail.run(["init"])
            #expect(run.exitCode == 0)
            #expect(try run.complaints.contains("Collections and indexes are there"))
            #expect(try run.output.isEmpty)
        }
        #expect(try trail.isEmpty())
    }

    @Test func aHistoryThatTheServerNeverHad() throws {
        let trail = try OwnTrail()
        let run = try trail.run(
            ["run"], ["START": "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-23"])
        #expect(run.exitCode == 4)
        #expect(try endsInOneSentence(run))
        #expect(try trail.isEmpty())
    }

    @Test(.enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
    func whatTheServerHasPurged() throws {
        try withServer(.mysql, name: "purged") { mysql in
            let trail = try OwnTrail(mysql: mysql)
            let table = try SourceTable(trail)
            #expect(try trail.run(["run", "--until", "current"]).exitCode == 0)
            let position = try trail.position()
            try table.insert(3)
            let root = try trail.root()
            _ = try root.query("FLUSH BINARY LOGS")
            let logs = try root.query("SHOW BINARY LOGS")
            let last = try #require(logs.rows.last?.first ?? nil)
            _ = try root.query("PURGE BINARY LOGS TO '\(last)'")
            let run = try trail.run(["run"])
            #expect(run.exitCode == 4)
            #expect(try endsInOneSentence(run))
            #expect(try run.complaints.contains("has purged"))
            #expect(try trail.position()?.gtid == position?.gtid)
            #expect(try trail.isLeaseFree())
        }
    }
}
