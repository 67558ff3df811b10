import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// `sdl run` and `sdl tail` behind a MariaDB server.
@Suite("MariaDB from end to end", .serialized)
struct MariaDBRunTests {
    private static let kinds = [Services.Kind.mariadb, .mariadb118]

    @Test(
        "[MX12 DT13 GM11 DT7] two domains, one idle and purged; compressed rows; purged and foreign positions",
        .enabled(if: Services.canStart(.mariadb), "needs a MariaDB server of its own"),
        arguments: kinds)
    func domains(kind: Services.Kind) throws {
        let source = try MariaDBSource(
            kind, options: ["--log-bin-compress=ON", "--log-bin-compress-min-len=10"])
        defer { source.stop() }
        try source.createTable()
        let trail = try source.trail(start: "earliest")
        let sizes = [10, 100, 1000, 10_000, 100_000, 1_000_000]
        for size in sizes {
            try source.execute("INSERT INTO d.t (v) VALUES (REPEAT('x', \(size)))")
        }
        try source.execute(
            "SET SESSION gtid_domain_id = 7", "INSERT INTO d.t (v) VALUES ('of domain 7')",
            "SET SESSION gtid_domain_id = 0")
        try trail.storeAll()
        let first = try trail.inserts()
        #expect(first.count == sizes.count + 1)
        for (index, size) in sizes.enumerated() {
            let text = first[Int64(index + 1)]?["chg"]?["v"]?["t"]?.text
            #expect(text == String(repeating: "x", count: size), "\(size) bytes")
        }
        #expect(try trail.offset()?["gtid"]?.text == source.position())
        #expect(try trail.offset()?["server"]?["flavor"]?.text == "mariadb")
        #expect(try trail.offset()?["server"]?["id"]?.number == 1)
        let last = first[Int64(sizes.count + 1)]
        #expect(last?["_id"]?.text == "7-1-1/1")
        #expect(last?["src"]?["gtid"]?.text == "7-1-1")
        #expect(last?["src"]?["query"]?.text == "INSERT INTO d.t (v) VALUES ('of domain 7')")

        // Domain 7 is idle, and its transaction is in no file any more; the stream needs its place all the same.
        try source.purge()
        try source.execute("INSERT INTO d.t (v) VALUES ('a'), ('b')")
        try source.purge()
        try source.execute("INSERT INTO d.t (v) VALUES ('c')")
        let missed = try trail.catchUp()
        #expect(missed.exitCode == 4)
        #expect(
            try missed.complaints.contains("The MariaDB server has purged 0-1-"),
            "a position before the oldest file")
        let behind = try source.trail(start: "earliest")
        try behind.storeAll()
        #expect(try behind.inserts().count == 1)
        try source.execute("INSERT INTO d.t (v) VALUES ('d')")
        try behind.storeAll()
        #expect(try behind.inserts().count == 2)
        #expect(try behind.offset()?["gtid"]?.text == source.position())
        #expect(try source.position().contains("7-1-1"))

        // Domain 7 wakes up.
        try source.execute(
            "SET SESSION gtid_domain_id = 7", "INSERT INTO d.t (v) VALUES ('e')",
            "SET SESSION gtid_domain_id = 0")
        try behind.storeAll()
        #expect(try behind.inserts().count == 3)
        _ = try behind.ledger()

        // The log of a server that was reset is another history.
        try source.execute("RESET MASTER")
        let foreign = try behind.catchUp()
        #expect(foreign.exitCode == 4)
        #expect(try foreign.complaints.contains("The MariaDB server never executed 0-1-"))
        try trail.drop()
        try behind.drop()
    }

    @Test(
        "[OJ3 OJ4] streams cut and kill -9 at random moments, within transactions too: every row once",
        .enabled(if: Services.canStart(.mariadb), "needs a MariaDB server of its own"),
        arguments: kinds)
    func kills(kind: Services.Kind) throws {
        let source = try MariaDBSource(kind)
        defer { source.stop() }
        try source.createTable()
        let trail = try source.trail(
            start: "earliest",
            ["BATCH_SIZE": "40", "BATCH_BYTES": "64KiB", "FLUSH_INTERVAL": "50ms"])
        var run = try trail.start("run")
        var deaths = 0
        for round in 0..<24 {
            // Smaller and larger than a batch, in two domains, one of four rolled back.
            for rows in [1, 30, 300] {
                try source.execute(
                    "SET SESSION gtid_domain_id = \(round % 2)", "BEGIN",
                    "INSERT INTO d.t (v) SELECT REPEAT('y', 1000) FROM d.seq_1_to_\(rows)",
                    "INSERT INTO d.t (v) VALUES ('last')",
                    round % 4 == 3 ? "ROLLBACK" : "COMMIT")
            }
            usleep(.random(in: 1000...150_000))
            if round % 3 == 0 {
                run.signal(SIGKILL)
                #expect(try run.wait() == -SIGKILL)
                deaths += 1
                run = try trail.start("run")
            } else {
                try source.killStreams()
                let complaints = try run.complaints
                try #require(run.isRunning, "\(complaints)")
            }
        }
        try run.waitFor("Starting from")
        run.signal(SIGTERM)
        let end = try run.wait()
        let complaints = try run.complaints
        #expect(end == 0, "\(complaints)")
        try trail.storeAll()
        let ids = try source.root.query("SELECT id FROM d.t ORDER BY id").rows.compactMap {
            $0[0].flatMap { Int64($0) }
        }
        #expect(try trail.inserts().keys.sorted() == ids)
        let ledger = try trail.ledger()
        #expect(ledger.events == Int64(try trail.rowChanges().count))
        #expect(try trail.offset()?["gtid"]?.text == source.position())
        print("\(kind): \(deaths) deaths, \(ids.count) rows, \(ledger.count) commits")
        try trail.drop()
    }

    @Test(
        "UUID and INET6 with NO_LOG metadata: the types are looked up",
        .enabled(if: Services.canStart(.mariadb), "needs a MariaDB server of its own"),
        arguments: kinds)
    func lookups(kind: Services.Kind) throws {
        let source = try MariaDBSource(kind, options: ["--binlog-row-metadata=NO_LOG"])
        defer { source.stop() }
        try source.createTable()
        try source.execute(
            "CREATE TABLE d.u (u UUID PRIMARY KEY, i INET6, n INT UNSIGNED)",
            "INSERT INTO d.u VALUES ('123e4567-e89b-12d3-a456-426655440000', '2001:db8::ff', 4294967295)"
        )
        let trail = try source.trail(start: "earliest")
        try trail.storeAll()
        let document = try #require(
            try trail.rowChanges().map { AuditValue.document(try AuditValue.members($0)) }
                .first { $0["op"]?.text == "i" })
        #expect(document["meta"]?["pk"]?.text == "123e4567-e89b-12d3-a456-426655440000")
        #expect(document["chg"]?["i"]?["t"]?.text == "2001:db8::ff")
        #expect(document["chg"]?["n"]?["t"]?.number == 4_294_967_295)
        #expect(document["src"]?["schema"]?.text == "lookup")
        try trail.drop()
    }

    @Test(
        "sdl tail prints the changes of both versions and leaves a run alone",
        .enabled(if: Services.canStart(.mariadb), "needs a MariaDB server of its own"),
        arguments: kinds)
    func tail(kind: Services.Kind) throws {
        let source = try MariaDBSource(kind)
        defer { source.stop() }
        try source.createTable()
        let trail = try source.trail(start: "current")
        let run = try trail.start("run")
        try run.waitFor("Starting from")
        try source.execute("INSERT INTO d.t (v) VALUES ('seen by both')")
        let tail = try SDLCommand.run(
            ["tail", "--start", "earliest", "--until", "current"], environment: trail.environment)
        #expect(tail.exitCode == 0)
        #expect(try tail.output.contains("seen by both"))
        let deadline = ContinuousClock.now + .seconds(60)
        while try trail.inserts().isEmpty {
            let complaints = try run.complaints
            try #require(run.isRunning && .now < deadline, "\(complaints)")
            usleep(20_000)
        }
        run.signal(SIGTERM)
        #expect(try run.wait() == 0)
        #expect(try trail.inserts().count == 1)
        let start = try SDLCommand.run(
            ["tail", "--start", "0-1-1", "--until", "0-1-3"], environment: trail.environment)
        #expect(start.exitCode == 0)
        #expect(try !start.output.contains("CREATE DATABASE"))
        #expect(try start.output.contains("CREATE TABLE"))
        try trail.drop()
    }

    @Test(
        "a server without a log, and one that logs statements, are refused with what to do",
        .enabled(if: Services.canStart(.mariadb), "needs a MariaDB server of its own"),
        arguments: [
            ("--skip-log-bin", "log_bin=OFF"),
            ("--binlog-format=STATEMENT", "SET GLOBAL binlog_format = ROW"),
        ])
    func refusals(option: String, words: String) throws {
        let source = try MariaDBSource(.mariadb, options: [option])
        defer { source.stop() }
        try source.createTable()
        let trail = try source.trail(start: "current")
        let run = try trail.catchUp()
        #expect(run.exitCode == 2)
        #expect(try run.complaints.contains(words))
        try trail.drop()
    }
}
