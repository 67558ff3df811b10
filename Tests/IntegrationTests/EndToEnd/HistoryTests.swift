import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// Where `sdl run` goes on: after lost connections, purges, filtered transactions and a failover.
@Suite(.serialized, .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
struct HistoryTests {
    private func withSource(
        _ name: String, options: [String] = [],
        _ body: (ServiceInstance, ServerConnection) throws -> Void
    ) throws {
        let source = try Services.start(.mysql, name: name, options: options)
        defer { stop(source) }
        let root = try source.root()
        try body(source, root)
    }

    private func createTables(_ root: ServerConnection) throws {
        try run(
            root,
            [
                "CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY, v INT)",
                "CREATE TABLE d.hidden (id INT PRIMARY KEY AUTO_INCREMENT)",
            ])
    }

    /// Deletes all log files but a new one.
    private func purge(_ root: ServerConnection) throws {
        try run(root, ["FLUSH BINARY LOGS"])
        let newest = try #require(try root.query("SHOW BINARY LOGS").rows.last?.first ?? nil)
        // A file that a stream still reads is left out with a warning.
        try wait("all files but one are gone") {
            try run(root, ["PURGE BINARY LOGS TO '\(newest)'"])
            return try root.query("SHOW BINARY LOGS").rows.count == 1
        }
    }

    private func streams(_ root: ServerConnection) throws -> [String] {
        try root.query(
            "SELECT id FROM performance_schema.processlist WHERE command LIKE 'Binlog Dump%'"
        ).rows.compactMap { $0.first ?? nil }
    }

    /// Waits until `condition` holds.
    private func wait(_ what: Comment, _ condition: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try !condition() {
            try #require(ContinuousClock.now < deadline, what)
            usleep(20_000)
        }
    }

    @Test(
        "[OJ2 ZJ2 ZJ5] twenty lost connections: every change once, one connection, no descriptor left over"
    )
    func lostConnections() throws {
        try withSource("lost") { source, root in
            try createTables(root)
            let trail = try AuditTrail(
                source: source, ["START": "current", "RETRY_INITIAL": "10ms"])
            let sdl = try trail.start("run")
            func descriptors() throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/\(sdl.processID)/fd")
                    .count
            }
            var before = 0
            for number in 0..<20 {
                try wait("one stream") { try streams(root).count == 1 }
                if number == 1 {
                    // Both connections that store changes are there with the first one.
                    try wait("a change is stored") { try trail.inserts().count == 1 }
                    before = try descriptors()
                }
                try run(root, ["INSERT INTO d.t VALUES (\(number), 0)"])
                let lost = try streams(root)
                for id in lost { try run(root, ["KILL \(id)"]) }
                // Else the next round would take the rest of this one for its own.
                try wait("the stream is gone") { try Set(streams(root)).isDisjoint(with: lost) }
            }
            for number in 20..<120 { try run(root, ["INSERT INTO d.t VALUES (\(number), 1)"]) }
            try wait("all changes") { try trail.inserts().count == 120 }
            #expect(try trail.rowChanges().count == 120)
            #expect(try streams(root).count == 1)
            #expect(try descriptors() <= before)
            sdl.signal(SIGTERM)
            #expect(try sdl.wait() == 0)
            try wait("no stream") { try streams(root).isEmpty }
            try trail.drop()
        }
    }

    @Test(
        "[DZ2 MX1 MX3 DT2] a purged start, filtered transactions, and purges while running and stopped"
    )
    func purges() throws {
        try withSource("purges") { source, root in
            try createTables(root)
            try run(root, ["INSERT INTO d.t VALUES (1, 1)"])
            try purge(root)
            let trail = try AuditTrail(
                source: source, ["START": "current", "EXCLUDE_REGEX": #"d\.hidden"#])
            // The first position holds what was purged, so that a restart finds nothing missing.
            for _ in 0..<2 {
                try trail.storeAll()
                #expect(try trail.offset()?["gtid"]?.text == source.executed().description)
            }
            let sdl = try trail.start("run")
            try sdl.waitFor("Starting from")
            for _ in 0..<1000 { try run(root, ["INSERT INTO d.hidden VALUES ()"]) }
            try wait("the position moves past what is filtered") {
                try trail.offset()?["gtid"]?.text == source.executed().description
            }
            try purge(root)
            try run(root, ["INSERT INTO d.t VALUES (2, 2)"])
            try wait("the change behind") { try trail.inserts().count == 1 }
            sdl.signal(SIGTERM)
            #expect(try sdl.wait() == 0)
            let stored = try GTIDSet(parsing: try #require(try trail.offset()?["gtid"]?.text))
            #expect(stored == (try source.executed()))
            #expect(!"\(stored)".dropFirst(36).dropFirst().contains(":"), "\(stored) has no hole")

            try run(root, ["INSERT INTO d.t VALUES (3, 3)"])
            try purge(root)
            for _ in 0..<2 {
                let run = try trail.catchUp()
                #expect(run.exitCode == 4)
                #expect(try run.complaints.contains("has purged"))
                #expect(try trail.offset()?["gtid"]?.text == "\(stored)")
            }
            try trail.drop()
        }
    }

    @Test("CH1: binlog_checksum changes while the log is followed")
    func checksums() throws {
        try withSource("checksums") { source, root in
            try createTables(root)
            let trail = try AuditTrail(source: source, ["START": "earliest"])
            let sdl = try trail.start("run")
            try sdl.waitFor("Starting from")
            for (number, algorithm) in ["NONE", "CRC32", "NONE"].enumerated() {
                try run(
                    root,
                    [
                        "SET GLOBAL binlog_checksum = \(algorithm)",
                        "INSERT INTO d.t VALUES (\(number), 0)",
                    ])
                try wait("a change with \(algorithm)") {
                    try trail.inserts().count == number + 1
                }
            }
            sdl.signal(SIGTERM)
            #expect(try sdl.wait() == 0)
            // From a file without checksums, and from before to after.
            let whole = try AuditTrail(source: source, ["START": "earliest"])
            try whole.storeAll()
            #expect(
                try Set(whole.rowChanges().map(\.bytes)) == Set(trail.rowChanges().map(\.bytes)))
            try whole.drop()
            try trail.drop()
        }
    }

    @Test(
        "[GM10 DZ9] failover to a replica by GTID: nothing lost, nothing twice; the old server lags behind"
    )
    func failover() throws {
        try withSource("first") { first, root in
            // Its files have other names and places.
            try withSource("second", options: ["--server-id=2", "--log-bin=other"]) {
                second, other in
                try createTables(root)
                var trail = try AuditTrail(source: first, ["START": "earliest"])
                try run(root, ["INSERT INTO d.t VALUES (1, 1)", "ALTER TABLE d.t ADD w INT FIRST"])
                try trail.storeAll()
                // What was written while sdl was away, on the old server and then on the new one.
                try run(root, ["INSERT INTO d.t VALUES (2, 2, 2)"])
                let address = try first.address.split(separator: ":")
                try run(
                    other,
                    [
                        """
                        CHANGE REPLICATION SOURCE TO SOURCE_HOST = '\(address[0])', SOURCE_PORT = \(address[1]), \
                        SOURCE_USER = '\(try first.rootUser)', SOURCE_PASSWORD = '\(try first.rootPassword)', \
                        SOURCE_SSL = 1, SOURCE_AUTO_POSITION = 1
                        """, "START REPLICA",
                    ])
                let reached = try other.query(
                    "SELECT WAIT_FOR_EXECUTED_GTID_SET('\(try first.executed())', 60)")
                try #require(reached.singleValue == "0")
                try run(other, ["STOP REPLICA", "INSERT INTO d.t VALUES (3, 3, 3)"])
                trail.environment["MYSQL_ADDR"] = try second.address
                try trail.storeAll()
                let stored = try trail.inserts()
                #expect(stored.keys.sorted() == [1, 2, 3])
                let ids = stored.values.compactMap { $0["src"]?["gtid"]?.text?.prefix(36) }
                #expect(Set(ids).count == 2)
                #expect(stored[2]?["src"]?["serverId"]?.number == 1)
                #expect(stored[2]?["src"]?["binlog"]?["file"]?.text?.hasPrefix("other") == true)
                #expect(stored[3]?["src"]?["serverId"]?.number == 2)
                #expect(try trail.offset()?["gtid"]?.text == second.executed().description)
                #expect(try trail.ledger().events == Int64(try trail.rowChanges().count))
                trail.environment["MYSQL_ADDR"] = try first.address
                let back = try trail.catchUp()
                #expect(back.exitCode == 4)
                #expect(try back.complaints.contains("The MySQL server never executed"))
                try trail.drop()
            }
        }
    }
}
