import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// The same transactions from a server and from its replica, which logs them with another row image.
@Suite(.serialized, .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
struct RowImageTests {
    private static let workload = [
        "CREATE DATABASE d",
        """
        CREATE TABLE d.t (id INT PRIMARY KEY, a INT DEFAULT 5, b VARCHAR(20), c BLOB, doc JSON, \
        u TIMESTAMP DEFAULT CURRENT_TIMESTAMP)
        """,
        "CREATE TABLE d.free (a INT, b TEXT)",
        "INSERT INTO d.t (id) VALUES (1), (2)", "INSERT INTO d.t (id, b, c) VALUES (3, 'x', 'y')",
        #"INSERT INTO d.t (id, doc) VALUES (4, '{"a": 1, "b": "a text of some length", "c": [1, 2]}')"#,
        "UPDATE d.t SET a = 6 WHERE id = 1", "UPDATE d.t SET a = 6, b = 'z' WHERE id <= 3",
        "UPDATE d.t SET b = NULL, c = 'long' WHERE id = 3", "UPDATE d.t SET id = 30 WHERE id = 3",
        "UPDATE d.t SET doc = JSON_SET(doc, '$.a', 2) WHERE id = 4",
        "UPDATE d.t SET doc = JSON_REMOVE(doc, '$.c[0]'), a = 7 WHERE id = 4",
        "INSERT INTO d.free VALUES (1, 'one'), (1, 'one')", "UPDATE d.free SET b = 'two'",
        "DELETE FROM d.free LIMIT 1", "DELETE FROM d.t WHERE id = 2", "DELETE FROM d.t",
    ]

    private func follow(_ replica: ServerConnection, _ source: ServiceInstance) throws {
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
        let reached = try replica.query(
            "SELECT WAIT_FOR_EXECUTED_GTID_SET('\(try source.executed())', 60)")
        try #require(reached.singleValue == "0")
        try run(replica, ["STOP REPLICA"])
    }

    @Test(
        "[F9 T69] one after the other into one collection: nothing more, nothing else, and no alarm",
        arguments: ["MINIMAL", "NOBLOB"])
    func bothLogs(_ image: String) throws {
        let primary = try Services.start(
            .mysql, name: "image-\(image)".lowercased(),
            options: [
                "--binlog-row-image=\(image)", "--binlog-row-value-options=PARTIAL_JSON",
            ])
        defer { stop(primary) }
        // Its files have the same names, so that a transaction may stand at the same place.
        let replica = try Services.start(
            .mysql, name: "full-\(image)".lowercased(), options: ["--server-id=2"])
        defer { stop(replica) }
        try run(try primary.root(), Self.workload)
        try follow(try replica.root(), primary)
        for (first, second) in [(primary, replica), (replica, primary)] {
            var trail = try AuditTrail(source: first, ["START": "earliest"])
            try trail.storeAll()
            let before = try trail.rowChanges().map(\.bytes)
            let events = try trail.ledger().events
            #expect(before.count > 20)
            try trail.setPosition("")
            trail.environment["MYSQL_ADDR"] = try second.address
            trail.environment["MYSQL_PASS"] = try second.password
            trail.environment["MYSQL_USER"] = try second.user
            let run = try trail.catchUp()
            let complaints = try run.complaints
            #expect(run.exitCode == 0, "\(complaints)")
            #expect(complaints.split(separator: "\n").count { $0.contains("row image") } == 1)
            #expect(try Set(trail.rowChanges().map(\.bytes)) == Set(before))
            #expect(try trail.ledger().events == events)
            #expect(try trail.offset()?["gtid"]?.text == primary.executed().description)
            // An altered value is found all the same.
            let ids = try trail.rowChanges().compactMap { document in
                try document.string("op") == "u" ? try document.string("_id") : nil
            }
            try trail.damage(try #require(ids.sorted().last))
            try trail.setPosition("")
            let altered = try trail.catchUp()
            #expect(altered.exitCode == 5)
            #expect(try altered.complaints.contains("differs from what"))
            try trail.drop()
        }
    }
}
