import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// What a real server logs of transactions that were rolled back in whole or in part.
@Suite(.serialized)
struct RollbackTests {
    /// With GTIDs a server refuses such transactions: it is the logs of servers without that hold them.
    @Test(
        "STATEMENT format: a change to a MyISAM table outlives ROLLBACK and ROLLBACK TO, and is seen"
    )
    func nonTransactionalChanges() throws {
        let source = try Services.start(
            .mysql, name: "rollback",
            options: ["--gtid-mode=OFF", "--enforce-gtid-consistency=OFF"])
        defer { stop(source) }
        let connection = try source.root()
        try run(
            connection,
            [
                "CREATE DATABASE kept", "CREATE TABLE kept.safe (a INT) ENGINE=InnoDB",
                "CREATE TABLE kept.loose (a INT) ENGINE=MyISAM", "FLUSH BINARY LOGS",
                "SET SESSION binlog_format = 'STATEMENT'",
                "BEGIN", "INSERT INTO kept.safe VALUES (1)", "INSERT INTO kept.loose VALUES (1)",
                "ROLLBACK",
                "BEGIN", "INSERT INTO kept.safe VALUES (2)", "SAVEPOINT s",
                "INSERT INTO kept.loose VALUES (2)", "INSERT INTO kept.safe VALUES (3)",
                "ROLLBACK TO s", "COMMIT",
            ])
        #expect(try connection.query("SELECT SUM(a) FROM kept.loose").singleValue == "3")
        #expect(try connection.query("SELECT SUM(a) FROM kept.safe").singleValue == "2")
        let name = try #require(
            try connection.query("SHOW BINARY LOG STATUS").rows.first?.first ?? nil)
        let decoded = try SDLCommand.run(["decode", "\(try source.dataFolder)/\(name)"])
        #expect(decoded.exitCode == 0)
        let lines = try decoded.output.split(separator: "\n").map { line in
            let sql = try #require(line.firstMatch(of: /"sql":"INSERT INTO kept.([^"]*)"/)).1
            return (line.contains(#""rolledBack":true"#) ? "!" : "") + sql
        }
        #expect(
            lines == [
                "!safe VALUES (1)", "!loose VALUES (1)", "safe VALUES (2)", "!loose VALUES (2)",
                "!safe VALUES (3)",
            ])
    }

    @Test(
        "[SP1] ROW format: rows of a MyISAM table stay, behind a savepoint and in a rolled-back transaction"
    )
    func nonTransactionalRows() throws {
        let log = try LoggedDocuments(
            "rollbackrows", options: ["--gtid-mode=OFF", "--enforce-gtid-consistency=OFF"])
        defer { stop(log.source) }
        try run(
            log.connection,
            [
                "CREATE DATABASE kept", "USE kept", "CREATE TABLE safe (a INT) ENGINE=InnoDB",
                "CREATE TABLE loose (a INT) ENGINE=MyISAM",
            ])
        let documents = try log.documents([
            "BEGIN", "INSERT INTO safe VALUES (1)", "SAVEPOINT s", "INSERT INTO loose VALUES (2)",
            "INSERT INTO safe VALUES (3)", "ROLLBACK TO s", "INSERT INTO safe VALUES (4)", "COMMIT",
            "BEGIN", "INSERT INTO safe VALUES (5)", "INSERT INTO loose VALUES (6)", "ROLLBACK",
        ])
        let rows = documents.map { document in
            let changes = document["chg"] as? [String: [String: Any]]
            return "\(LoggedDocuments.line(document)) \(changes?["a"]?["t"] ?? "-")"
        }
        #expect(rows.filter { $0.hasPrefix("i loose") } == ["i loose[a] 2", "i loose[a] 6"])
        #expect(rows.filter { $0.hasPrefix("i safe") } == ["i safe[a] 1", "i safe[a] 4"])
        #expect(try log.connection.query("SELECT SUM(a) FROM safe").singleValue == "5")
        #expect(try log.connection.query("SELECT SUM(a) FROM loose").singleValue == "8")
    }

    @Test("[SP1] ROLLBACK TO a savepoint in a transaction that is larger than a batch")
    func largeTransaction() throws {
        let source = try Services.standard(.mysql)
        let connection = try source.root()
        let start = try source.executed()
        let trail = try AuditTrail(
            source: source,
            ["START": start.isEmpty ? "earliest" : "\(start)", "BATCH_SIZE": "10"])
        let database = trail.database
        try run(
            connection,
            [
                "CREATE DATABASE \(database)",
                "CREATE TABLE \(database).t (id INT PRIMARY KEY) ENGINE=InnoDB", "BEGIN",
            ])
        func insert(_ ids: ClosedRange<Int>) throws {
            let values = ids.map { "(\($0))" }.joined(separator: ", ")
            _ = try connection.query("INSERT INTO \(database).t VALUES \(values)")
        }
        try insert(1...25)
        try run(connection, ["SAVEPOINT a"])
        try insert(26...60)
        try run(connection, ["SAVEPOINT b"])
        try insert(61...64)
        try run(connection, ["ROLLBACK TO b"])
        try insert(65...99)
        try run(connection, ["ROLLBACK TO a"])
        try insert(100...113)
        try run(connection, ["COMMIT"])
        let caughtUp = try trail.catchUp()
        let complaints = try caughtUp.complaints
        try #require(caughtUp.exitCode == 0, "\(complaints)")
        // Other tests use the same server.
        let changes = try trail.rowChanges()
        let ours = try changes.filter { try $0.string("meta", "db") == database }
        let keys = try ours.compactMap { try $0.integer("meta", "pk") }
        #expect(keys.sorted() == Array(1...25) + Array(100...113))
        #expect(ours.count == 2 + 25 + 14)
        #expect(try trail.ledger().events == changes.count)
        _ = try connection.query("DROP DATABASE \(database)")
        try trail.drop()
    }
}
