import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// XA transactions on a real server, some of them larger than a batch.
@Suite(
    .serialized,
    .enabled(
        if: Services.canStart(.mysql) && Services.canStart(.mariadb), "needs servers of its own"))
struct XATests {
    static let kinds = [Services.Kind.mysql, .mariadb, .mariadb118]

    private struct Fixture {
        let source: ServiceInstance
        let trail: AuditTrail

        init(
            _ kind: Services.Kind, _ name: String, _ changes: [String: String] = [:]
        ) throws {
            // What is prepared must outlive a kill, which the quick settings of test servers do not promise.
            source = try Services.start(
                kind, name: "\(name)\(kind)",
                options: ["--innodb-flush-log-at-trx-commit=1", "--sync-binlog=1"])
            trail = try AuditTrail(
                source: source,
                [
                    "START": "earliest", "BATCH_SIZE": "10",
                    "MYSQL_FLAVOR": kind == .mysql ? "mysql" : "mariadb",
                ].merging(changes) { _, new in new })
        }

        func catchUp() throws {
            let run = try trail.catchUp()
            let complaints = try run.complaints
            try #require(run.exitCode == 0, "\(complaints)")
        }

        /// The stored documents in the order of the log.
        func documents() throws -> [AuditValue] {
            let documents = try trail.rowChanges().map { document in
                (
                    transaction: try #require(
                        try document.string("src", "gtid")?.split { ":-".contains($0) }.last
                            .flatMap { Int($0) }),
                    row: try #require(try document.integer("src", "row")),
                    value: AuditValue.document(try AuditValue.members(document))
                )
            }
            return documents.sorted { ($0.transaction, $0.row) < ($1.transaction, $1.row) }
                .map(\.value)
        }

        /// The keys of table `xa.t` by the audit trail alone.
        func rebuilt() throws -> [Int64] {
            var state = RebuiltState([:])
            for document in try documents() { try state.apply(document) }
            return state.rows(.init(database: "xa", table: "t")).keys
                .compactMap { $0["id"]?.number }.sorted()
        }

        func selected() throws -> [Int64] {
            try source.root().query("SELECT id FROM xa.t ORDER BY id").rows.compactMap {
                $0[0].flatMap { Int64($0) }
            }
        }
    }

    /// Prepares, or commits in one phase, an insert of these keys in statements of at most ten rows.
    ///
    /// MariaDB lets a session do nothing else while its transaction is prepared, so each has one of its own.
    private func branch(
        _ source: ServiceInstance, _ id: String, _ keys: Range<Int>, onePhase: Bool = false,
        table: String = "xa.t"
    ) throws {
        var statements = ["XA START \(id)"]
        for start in stride(from: keys.lowerBound, to: keys.upperBound, by: 10) {
            let values = (start..<min(start + 10, keys.upperBound)).map { "(\($0))" }
            statements.append(
                "/* s\(start) */ INSERT INTO \(table) VALUES \(values.joined(separator: ","))")
        }
        statements += ["XA END \(id)", onePhase ? "XA COMMIT \(id) ONE PHASE" : "XA PREPARE \(id)"]
        let connection = try source.root()
        try run(connection, statements)
        try connection.quit()
    }

    /// Ends prepared transactions, once the session that prepared each is gone.
    private func resolve(_ connection: ServerConnection, _ statements: String...) throws {
        let unknownID: UInt16 = 1397
        for statement in statements {
            let deadline = ContinuousClock.now + .seconds(30)
            while true {
                do {
                    _ = try connection.query(statement)
                    break
                } catch {
                    guard error.code == .serverError(unknownID), ContinuousClock.now < deadline
                    else { throw error }
                    usleep(20_000)
                }
            }
        }
    }

    @Test(
        "XA1: prepared changes count once they are committed, also from another session after a crash",
        arguments: kinds)
    func acrossRestart(kind: Services.Kind) throws {
        let fixture = try Fixture(kind, "xa")
        defer { stop(fixture.source) }
        let first = try fixture.source.root()
        try run(first, ["CREATE DATABASE xa", "CREATE TABLE xa.t (id INT PRIMARY KEY)"])
        try branch(fixture.source, "'kept'", 1..<3)
        try branch(fixture.source, "'undone','b''q',77", 3..<6)
        try branch(fixture.source, "'at once'", 6..<8, onePhase: true)
        // Both servers lose to a kill what XA did last, whatever their settings, though their logs have it.
        try run(
            first,
            [
                "CREATE TABLE xa.last (id INT PRIMARY KEY)",
                "/* s1 */ INSERT INTO xa.last VALUES (1)",
            ])
        try fixture.catchUp()
        #expect(try fixture.selected() == [6, 7])
        #expect(try fixture.rebuilt() == (try fixture.selected()))
        #expect(
            try fixture.documents().filter { $0["xa"]?["prepared"] == .bool(true) }.count == 5)

        try Services.kill(fixture.source)
        try Services.restart(fixture.source)
        let second = try fixture.source.root()
        try resolve(
            second, "XA ROLLBACK 'undone','b''q',77", "/* s9 */ INSERT INTO xa.t VALUES (9)",
            "XA COMMIT 'kept'")
        try branch(fixture.source, "'large kept'", 100..<147)
        try branch(fixture.source, "'large undone'", 200..<247)
        try branch(fixture.source, "'large at once'", 300..<347, onePhase: true)
        try fixture.catchUp()
        #expect(try fixture.selected() == [1, 2, 6, 7, 9] + Array(300..<347))
        #expect(try fixture.rebuilt() == (try fixture.selected()))
        try resolve(second, "XA ROLLBACK 'large undone'", "XA COMMIT 'large kept'")
        // An id that is used once more, and undone this time.
        try branch(fixture.source, "'kept'", 10..<12)
        try resolve(second, "XA ROLLBACK 'kept'")
        try fixture.catchUp()
        let expected = [1, 2] + [6, 7, 9] + Array(100..<147) + Array(300..<347)
        #expect(try fixture.selected() == expected.map(Int64.init))
        #expect(try fixture.rebuilt() == (try fixture.selected()))
        let resolutions = try fixture.documents().filter { $0["xa"]?["committed"] != nil }
        #expect(
            resolutions.map { $0["xa"]?["id"]?.text } == [
                "X'756e646f6e65',X'622771',77", "X'6b657074',X'',1",
                "X'6c6172676520756e646f6e65',X'',1", "X'6c61726765206b657074',X'',1",
                "X'6b657074',X'',1",
            ])
        #expect(
            resolutions.map { $0["xa"]?["committed"] }
                == [false, true, false, true, false].map { .bool($0) })
        #expect(resolutions.allSatisfy { $0["op"]?.text == "statement" })
        _ = try fixture.trail.ledger()
        try fixture.trail.drop()
    }

    @Test(
        "XA1: with the changes filtered out, the resolution is still there, and nothing is marked committed",
        arguments: kinds)
    func filtered(kind: Services.Kind) throws {
        let fixture = try Fixture(kind, "xafilter", ["EXCLUDE_REGEX": #"xa\.hidden"#])
        defer { stop(fixture.source) }
        let connection = try fixture.source.root()
        try run(
            connection,
            [
                "CREATE DATABASE xa", "CREATE TABLE xa.t (id INT PRIMARY KEY)",
                "CREATE TABLE xa.hidden (id INT PRIMARY KEY)",
            ])
        try branch(fixture.source, "'h'", 1..<40, table: "xa.hidden")
        try resolve(connection, "XA COMMIT 'h'")
        try run(
            connection,
            [
                "SET SESSION binlog_format = 'STATEMENT'", "XA START 'st'",
                "INSERT INTO xa.t VALUES (7)", "XA END 'st'", "XA PREPARE 'st'",
                "XA ROLLBACK 'st'",
            ])
        try fixture.catchUp()
        let documents = try fixture.documents()
        #expect(documents.allSatisfy { $0["meta"]?["tbl"]?.text != "hidden" })
        #expect(
            documents.suffix(3).map { $0["sql"]?.text } == [
                "XA COMMIT X'68',X'',1", "INSERT INTO xa.t VALUES (7)",
                "XA ROLLBACK X'7374',X'',1",
            ])
        #expect(
            documents.suffix(3).map { $0["xa"]?["prepared"] } == [nil, .bool(true), nil])
        try fixture.trail.drop()
    }
}
