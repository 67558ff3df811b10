import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// `sdl run` while its source falls silent, purges, restarts, or is another server all at once.
@Suite(
    .enabled(
        if: Services.canStart(.mysql) && Services.canStart(.mariadb), "needs servers of its own"))
struct SourceFaultTests {
    private static let kinds = [Services.Kind.mysql, .mariadb]

    @Test(
        "[T74] a line that is half open: three silent heartbeat periods end it, and another one brings what came meanwhile",
        arguments: kinds)
    func halfOpen(kind: Services.Kind) throws {
        let stand = try LiveStand(kind)
        defer { stand.end() }
        let sdl = try stand.trail.start("run")
        try stand.insert(3)
        try stand.waitUntilStored(sdl)
        let line = try #require(stand.link.lines.lastIndex { $0.isOpen })
        // Nobody ever tells either side that this line is dead.
        stand.link.rules.cut = FaultRules.Cut(.stall, after: 0, line: line)
        try stand.wait("the line stalls") { stand.link.faults == 1 }
        try stand.insert(3)
        try stand.waitUntilStored(sdl)
        #expect(stand.link.lines.count > line + 1)
        #expect(
            try sdl.complaints.split(separator: "\n").count { $0.contains("Trying again") } == 1)
        try stand.stopCleanly(sdl)
        try stand.expectEverythingOnce()
    }

    @Test(
        "[T66] purged while connected and behind: exit 4 with what is missing, after few attempts, nothing written",
        arguments: kinds)
    func purgedBehindUs(kind: Services.Kind) throws {
        let stand = try LiveStand(kind)
        defer { stand.end() }
        let sdl = try stand.trail.start("run")
        try stand.insert(3)
        try stand.waitUntilStored(sdl)
        let position = try #require(try stand.trail.offset()?["gtid"]?.text)
        let line = try #require(stand.link.lines.lastIndex { $0.isOpen })
        stand.link.rules.cut = FaultRules.Cut(.stall, after: 0, line: line)
        try stand.wait("the line stalls") { stand.link.faults == 1 }
        try stand.insert(200, bytes: 1000)
        // The server keeps files that somebody reads.
        stand.link.rules.refuses = true
        stand.link.closeLines()
        try stand.wait("the stream ends", of: sdl) { try stand.streams().isEmpty }
        try stand.purge()
        let lines = stand.link.lines.count
        stand.link.rules.refuses = false
        let exit = try sdl.wait()
        let complaints = try sdl.complaints
        #expect(exit == 4, "\(complaints)")
        #expect(complaints.contains("has purged"))
        let missing = try stand.source.executed().subtracting(GTIDSet(parsing: position))
        #expect(complaints.contains("\(missing)") || kind == .mariadb, "\(missing): \(complaints)")
        #expect(stand.link.lines.count - lines <= 5)
        #expect(try stand.trail.offset()?["gtid"]?.text == position)
        #expect(try stand.trail.inserts().count == 3)
        #expect(try stand.trail.ledger().events == Int64(try stand.trail.rowChanges().count))
        // Neither does another start try for long.
        let before = stand.link.lines.count
        let again = try stand.trail.start("run")
        #expect(try again.wait() == 4)
        #expect(stand.link.lines.count - before <= 5)
        #expect(try stand.trail.offset()?["gtid"]?.text == position)
    }

    @Test(
        "[T77] checksums come and go, files end, the dump thread is killed, the server is stopped and killed: it goes on",
        arguments: kinds)
    func serverChanges(kind: Services.Kind) throws {
        var stand = try LiveStand(kind)
        defer { stand.end() }
        let sdl = try stand.trail.start("run")
        for round in 0..<2 {
            for algorithm in ["NONE", "CRC32"] {
                try stand.root.run("SET GLOBAL binlog_checksum = \(algorithm)")
                try stand.insert(2)
                try stand.root.run("FLUSH BINARY LOGS")
                try stand.insertTogether(hundreds: 1)
                try stand.waitUntilStored(sdl)
                for id in try stand.streams() { try stand.root.run("KILL \(id)") }
                try stand.insert(2)
                try stand.waitUntilStored(sdl)
            }
            // Without a checksum the last file ends otherwise than the next one begins.
            try stand.root.run("SET GLOBAL binlog_checksum = NONE")
            try stand.insert(2)
            if round == 1 { try Services.kill(stand.source) }
            try Services.restart(stand.source)
            try stand.reconnect()
            try stand.insert(2)
            try stand.waitUntilStored(sdl)
        }
        try stand.stopCleanly(sdl)
        try stand.expectEverythingOnce()
        #expect(try stand.trail.compareWithUndisturbedRun())
    }

    @Test(
        "[T64 T69] the address moves to a replica with other files, event sizes and row metadata: it goes on by GTID with the same ids"
    )
    func failover() throws {
        let stand = try LiveStand()
        defer { stand.end() }
        let replica = try Services.start(
            .mysql, name: "replica-\(UInt32.random(in: 0...999_999))",
            options: [
                "--server-id=7", "--log-bin=elsewhere", "--binlog-row-event-max-size=256",
                "--binlog-row-metadata=MINIMAL", "--binlog-transaction-compression=ON",
                "--max-binlog-size=100000",
            ])
        defer { stop(replica) }
        let other = try replica.root()
        let sdl = try stand.trail.start("run")
        try stand.insert(20)
        try stand.insertTogether(hundreds: 3)
        try stand.waitUntilStored(sdl)
        try replicate(stand.source, to: other)
        // sdl is behind the old server, and the new one has more than it.
        stand.link.rules.refuses = true
        stand.link.closeLines()
        try stand.insert(5)
        try stand.insertTogether(hundreds: 2)
        try stand.root.run("UPDATE d.t SET v = 'changed' WHERE id <= 50")
        try waitForReplica(stand.source, other)
        try run(other, ["STOP REPLICA", "INSERT INTO d.t (v) VALUES ('on the new one')"])
        try stand.link.redirect(to: try replica.address)
        stand.link.rules.refuses = false
        let target = try replica.executed().description
        try stand.wait("the new server is followed", of: sdl) {
            try stand.trail.offset()?["gtid"]?.text == target
        }
        #expect(try sdl.complaints.contains("The source is another server than before"))
        try stand.stopCleanly(sdl)
        let stored = try stand.trail.inserts()
        #expect(stored.count == 20 + 300 + 5 + 200 + 1)
        let documents = try stand.trail.rowChanges()
        let ids = try documents.map { try #require(try $0.string("_id")) }
        #expect(Set(ids).count == ids.count)
        #expect(try stand.trail.ledger().events == Int64(ids.count))

        // The replica alone, from its beginning, gives the same ids.
        let whole = try AuditTrail(source: replica, ["START": "earliest"])
        try whole.storeAll()
        #expect(try Set(whole.rowChanges().compactMap { try $0.string("_id") }) == Set(ids))
        try whole.drop()
    }

    private func replicate(_ source: ServiceInstance, to replica: ServerConnection) throws {
        let address = try source.address.split(separator: ":")
        try run(
            replica,
            [
                """
                CHANGE REPLICATION SOURCE TO SOURCE_HOST = '\(address[0])', SOURCE_PORT = \(address[1]), \
                SOURCE_USER = '\(try source.rootUser)', SOURCE_PASSWORD = '\(try source.rootPassword)', \
                SOURCE_SSL = 1, SOURCE_AUTO_POSITION = 1
                """, "START REPLICA",
            ])
        try waitForReplica(source, replica)
    }

    private func waitForReplica(_ source: ServiceInstance, _ replica: ServerConnection) throws {
        let reached = try replica.query(
            "SELECT WAIT_FOR_EXECUTED_GTID_SET('\(try source.executed())', 60)")
        try #require(reached.singleValue == "0")
    }
}
