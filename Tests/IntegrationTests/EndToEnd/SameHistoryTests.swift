import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// Servers whose GTIDs contain our position and whose transactions are not the ones that we stored.
@Suite(.serialized)
struct SameHistoryTests {
    private func insert(_ count: Int, from first: Int, _ root: ServerConnection) throws {
        for key in first..<(first + count) {
            _ = try root.query("INSERT INTO d.t VALUES (\(key), 'x')")
        }
    }

    private func createTable(_ root: ServerConnection) throws {
        for statement in ["CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT)"] {
            _ = try root.query(statement)
        }
    }

    /// `sdl` says that the history is another, with exit code 4, and has stored nothing of it.
    private func isRefused(_ trail: AuditTrail) throws {
        let position = try trail.offset()
        let count = try trail.rowChanges().count
        let run = try trail.catchUp()
        let complaints = try run.complaints
        #expect(run.exitCode == 4, "\(complaints)")
        #expect(complaints.contains("has another transaction"), "\(complaints)")
        #expect(complaints.split(separator: "\n").count < 30, "\(complaints)")
        #expect(try trail.rowChanges().count == count)
        for field in ["gtid", "events", "server", "last"] {
            #expect(try trail.offset()?[field] == position?[field])
        }
    }

    @Test(
        "[T68 DT12] a MySQL source that was reset, or restored, and counted past our position",
        .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
    func reset() throws {
        let source = try Services.start(.mysql, name: "reset")
        defer { stop(source) }
        let root = try source.root()
        try createTable(root)
        let trail = try AuditTrail(source: source, ["START": "earliest"])
        try insert(5, from: 1, root)
        try trail.storeAll()
        try insert(5, from: 6, root)
        // A start that has a position to check goes on as ever.
        try trail.storeAll()
        #expect(try trail.inserts().count == 10)
        // The same statements once more: only the times tell.
        for statement in ["DROP DATABASE d", "RESET BINARY LOGS AND GTIDS"] {
            _ = try root.query(statement)
        }
        try createTable(root)
        try insert(10, from: 1, root)
        // As many as before: there seems to be nothing left to read.
        #expect(try trail.offset()?["gtid"]?.text == source.executed().description)
        try isRefused(trail)
        try insert(30, from: 11, root)
        try isRefused(trail)
        // Nor is the last one in the log any more: it cannot be checked, and is not said to be wrong.
        _ = try root.query("FLUSH BINARY LOGS")
        let newest = try #require(try root.query("SHOW BINARY LOGS").rows.last?.first ?? nil)
        _ = try root.query("PURGE BINARY LOGS TO '\(newest)'")
        #expect(try trail.catchUp().exitCode == 4)
        try trail.drop()
    }

    @Test(
        "[T67 T68] a MariaDB source that was reset, and another server with the same domain",
        .enabled(if: Services.canStart(.mariadb), "needs a MariaDB server of its own"),
        arguments: [Services.Kind.mariadb, .mariadb118])
    func domain(kind: Services.Kind) throws {
        let source = try MariaDBSource(kind)
        defer { source.stop() }
        try createTable(source.root)
        let trail = try source.trail(start: "earliest")
        try insert(5, from: 1, source.root)
        try trail.storeAll()
        try insert(1, from: 6, source.root)
        try trail.storeAll()
        #expect(try trail.inserts().count == 6)
        // The commit times of MariaDB are whole seconds; the two servers have the same id, as all have that are not given one.
        Thread.sleep(forTimeInterval: 1.1)
        let other = try MariaDBSource(kind)
        defer { other.stop() }
        try createTable(other.root)
        try insert(20, from: 1, other.root)
        var moved = trail
        moved.environment["MYSQL_ADDR"] = try other.server.address
        moved.environment["MYSQL_PASS"] = try other.server.password
        try isRefused(moved)
        Thread.sleep(forTimeInterval: 1.1)
        try source.execute("DROP DATABASE d", "RESET MASTER")
        try createTable(source.root)
        try insert(20, from: 1, source.root)
        try isRefused(trail)
        try trail.drop()
    }
}
