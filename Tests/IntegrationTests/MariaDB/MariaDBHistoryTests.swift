import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// Where the history of a domain is no straight line: another server goes on with it, or its numbers go back.
@Suite("MariaDB histories", .serialized)
struct MariaDBHistoryTests {
    private static let kinds = [Services.Kind.mariadb, .mariadb118]

    /// Makes a server the replica of another and waits until it has all of its transactions.
    private func follow(_ replica: MariaDBSource, _ primary: MariaDBSource) throws {
        let parts = try primary.server.address.split(separator: ":")
        try replica.execute(
            """
            CHANGE MASTER TO MASTER_HOST = '\(parts[0])', MASTER_PORT = \(parts[1]), \
            MASTER_USER = '\(try primary.server.rootUser)', \
            MASTER_PASSWORD = '\(try primary.server.rootPassword)', \
            MASTER_SSL_VERIFY_SERVER_CERT = 0, MASTER_USE_GTID = slave_pos
            """, "START SLAVE")
        try catchUp(replica, primary)
    }

    private func catchUp(_ replica: MariaDBSource, _ primary: MariaDBSource) throws {
        let position = try primary.position()
        let waited = try replica.root.query("SELECT MASTER_GTID_WAIT('\(position)', 60)")
        let status = try replica.root.query("SHOW SLAVE STATUS").rows
        try #require(waited.singleValue == "0", "\(status)")
    }

    @Test(
        "[GM10 GM11 DZ9] failover to a replica by GTID: nothing lost, nothing twice; one that lags behind is refused",
        .enabled(if: Services.canStart(.mariadb), "needs MariaDB servers of its own"),
        arguments: kinds)
    func failover(kind: Services.Kind) throws {
        let first = try MariaDBSource(kind)
        defer { first.stop() }
        // Its files have other names and places, its transactions another server_id.
        let second = try MariaDBSource(
            kind,
            options: ["--server-id=2", "--log-slave-updates=ON", "--log-bin=other"])
        defer { second.stop() }
        try first.createTable()
        try follow(second, first)
        var trail = try first.trail(start: "earliest", ["BATCH_SIZE": "20"])
        let before = trail.environment
        try first.execute(
            "INSERT INTO d.t (v) VALUES ('a'), ('b')", "SET SESSION gtid_domain_id = 3",
            "INSERT INTO d.t (v) SELECT 'large' FROM d.seq_1_to_50",
            "SET SESSION gtid_domain_id = 0", "ALTER TABLE d.t ADD COLUMN w INT FIRST")
        try trail.storeAll()
        #expect(try trail.inserts().count == 52)

        // What was written while sdl was away, on the old server and then on the new one.
        try first.execute("INSERT INTO d.t (w, v) VALUES (1, 'c')")
        try catchUp(second, first)
        try second.execute(
            "STOP SLAVE", "INSERT INTO d.t (w, v) VALUES (2, 'd')",
            "SET SESSION gtid_domain_id = 3",
            "INSERT INTO d.t (w, v) SELECT seq, 'large' FROM d.seq_1_to_50",
            "SET SESSION gtid_domain_id = 0")
        trail.environment["MYSQL_ADDR"] = try second.server.address
        try trail.storeAll()
        let stored = try trail.inserts()
        let ids = try second.root.query("SELECT id FROM d.t ORDER BY id").rows.compactMap {
            $0[0].flatMap { Int64($0) }
        }
        try #require(ids.count == 104)
        #expect(stored.keys.sorted() == ids)
        #expect(stored[ids[52]]?["src"]?["serverId"]?.number == 1)
        #expect(stored[ids[52]]?["src"]?["binlog"]?["file"]?.text?.hasPrefix("other") == true)
        #expect(stored[ids[53]]?["src"]?["serverId"]?.number == 2)
        #expect(stored[ids[53]]?["chg"]?["w"]?["t"]?.number == 2)
        #expect(try trail.offset()?["gtid"]?.text == second.position())
        let ledger = try trail.ledger()
        #expect(ledger.events == Int64(try trail.rowChanges().count))

        // The old server never heard of what the new one wrote.
        trail.environment = before
        let back = try trail.catchUp()
        #expect(back.exitCode == 4)
        #expect(try back.complaints.contains("The MariaDB server never executed"))
        #expect(try trail.inserts().count == 104)
        try trail.drop()
    }

    @Test(
        "without gtid_strict_mode numbers can go back: the error says how, and what to do",
        .enabled(if: Services.canStart(.mariadb), "needs a MariaDB server of its own"),
        arguments: kinds)
    func numbersGoBack(kind: Services.Kind) throws {
        let source = try MariaDBSource(kind, options: ["--gtid-strict-mode=OFF"])
        defer { source.stop() }
        try source.createTable()
        let trail = try source.trail(start: "earliest")
        let run = try trail.start("run")
        try run.waitFor("Starting from")
        try source.execute(
            "SET SESSION gtid_seq_no = 100", "INSERT INTO d.t (v) VALUES ('a')",
            "SET SESSION gtid_seq_no = 50", "INSERT INTO d.t (v) VALUES ('b')")
        #expect(try run.wait() == 4)
        #expect(try run.complaints.contains("sent transaction 0-1-50 after 0-1-100"))
        #expect(try run.complaints.contains("gtid_strict_mode=OFF"))
        let again = try trail.catchUp()
        #expect(again.exitCode == 4)
        #expect(try again.complaints.contains("never executed 0-1-100"))
        #expect(try again.complaints.contains("gtid_strict_mode=OFF"))
        // What came before is safe.
        #expect(try trail.inserts().count == 1)
        #expect(try trail.offset()?["gtid"]?.text == "0-1-100")

        // What the sentence advises.
        try source.execute(
            "SET GLOBAL gtid_strict_mode = ON", "SET GLOBAL gtid_domain_id = 5",
            "SET SESSION gtid_domain_id = 5", "FLUSH BINARY LOGS")
        try trail.setPosition(try source.position())
        try source.execute("INSERT INTO d.t (v) VALUES ('c')")
        try trail.storeAll()
        #expect(try trail.inserts().keys.sorted() == [1, 3])
        #expect(try trail.offset()?["gtid"]?.text == "0-1-50,5-1-1")
        _ = try trail.ledger()
        try trail.drop()
    }
}
