import BinlogProtocol
import TestSupport
import Testing

/// What is read about a server before its log is followed, and what makes us refuse it.
@Suite("Source checks on real servers", .serialized)
struct SourceTests {
    private func info(
        _ server: ServiceInstance, flavor: Flavor = .mysql
    ) throws -> SourceInfo {
        try SourceInfo.read(
            ServerConnection.connect(
                server.options(flavor: flavor), cancellation: Cancellation()))
    }

    @Test("A MySQL server as it should be")
    func mysql() throws {
        let server = try Services.standard(.mysql)
        let info = try info(server)
        #expect(info.flavor == .mysql)
        #expect(info.version.hasPrefix("9.") || info.version.hasPrefix("8."))
        #expect(info.isLogOn)
        #expect(info.gtidMode == "ON")
        #expect(info.binlogFormat == "ROW")
        #expect(info.binlogRowMetadata == "FULL")
        #expect(info.binlogChecksum == "CRC32")
        #expect(info.serverUUID != nil)
        #expect(info.serverID != 0)
        try info.check(expecting: .mysql)
        try info.check(position: info.executed)
    }

    @Test("A MariaDB server, and each flavor where the other was asked for")
    func flavors() throws {
        let mariadb = try info(Services.standard(.mariadb), flavor: .mariadb)
        #expect(mariadb.flavor == .mariadb)
        #expect(!mariadb.version.hasPrefix("5.5.5-"))
        #expect(mariadb.version.contains("MariaDB"))
        #expect(mariadb.serverUUID == nil)
        #expect(mariadb.gtidMode == nil)
        #expect(mariadb.serverID == 1)
        #expect(mariadb.purged.isSubset(of: mariadb.executed))
        try mariadb.check(expecting: .mariadb)
        let wrong = failure { try mariadb.check(expecting: .mysql) }
        #expect(wrong?.code == .wrongFlavor)
        #expect(wrong?.description.contains("MYSQL_FLAVOR=mariadb") == true)
        let mysql = try info(Services.standard(.mysql))
        let other = failure { try mysql.check(expecting: .mariadb) }
        #expect(other?.code == .wrongFlavor)
        #expect(other?.description.contains("MYSQL_FLAVOR=mysql") == true)
    }

    @Test("A position in the other flavor's form is one that no transaction could ever reach")
    func positionOfTheOtherFlavor() throws {
        let mysql = try info(Services.standard(.mysql))
        let mariadb = try info(Services.standard(.mariadb), flavor: .mariadb)
        let ofMariaDB = try GTIDSet(parsing: "0-1-100")
        let ofMySQL = try GTIDSet(parsing: "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-2")
        for (info, foreign) in [(mysql, ofMariaDB), (mariadb, ofMySQL)] {
            try info.check(form: info.executed)
            try info.check(form: GTIDSet())
            #expect(code { try info.check(form: foreign) } == .configuration)
            #expect(code { try info.check(position: foreign) } == .configuration)
        }
    }

    @Test(
        "gtid_mode OFF: the statements of the error really turn it on",
        .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
    func gtidModeOff() throws {
        let server = try Services.start(
            .mysql, name: "gtidoff-\(UInt32.random(in: 0...999_999))",
            options: ["--gtid-mode=OFF", "--enforce-gtid-consistency=OFF"])
        let outcome = Result {
            let before = try info(server)
            let error = failure { try before.check(expecting: .mysql) }
            #expect(error?.code == .configuration)
            let text = try #require(error?.message)
            let statements = try #require(text.split(separator: "Run: ").last)
            let root = try server.root()
            for statement in statements.split(separator: ";") where statement.contains("SET") {
                _ = try root.query(String(statement))
            }
            try info(server).check(expecting: .mysql)

            // Asked all the same, the server refuses in its own words.
            try run(root, ["SET GLOBAL gtid_mode = ON_PERMISSIVE"])
            let connection = try ServerConnection.connect(
                server.options(), cancellation: Cancellation())
            let uuid = try #require(ServerUUID("11111111-2222-3333-4444-555555555555"))
            let refused = failure {
                _ = try connection.beginDump(from: GTIDSet(), replicaUUID: uuid)
                _ = try connection.nextEvent(until: .now.advanced(by: .seconds(5)))
            }
            #expect(refused?.code == .configuration)
        }
        try Services.stop(server)
        try outcome.get()
    }

    @Test(
        "binlog_format STATEMENT, and a server without a log",
        .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
    func statementFormatAndNoLog() throws {
        let server = try Services.start(
            .mysql, name: "stmt-\(UInt32.random(in: 0...999_999))",
            options: ["--binlog-format=STATEMENT"])
        let outcome = Result {
            let error = failure { try info(server).check(expecting: .mysql) }
            #expect(error?.code == .configuration)
            #expect(error?.description.contains("SET PERSIST binlog_format = ROW") == true)
            try run(server.root(), ["SET PERSIST binlog_format = ROW"])
            try info(server).check(expecting: .mysql)
        }
        try Services.stop(server)
        try outcome.get()
        let silent = try Services.start(
            .mysql, name: "nolog-\(UInt32.random(in: 0...999_999))",
            options: ["--skip-log-bin", "--gtid-mode=OFF", "--enforce-gtid-consistency=OFF"])
        let second = Result {
            let problems = try info(silent).problems(expecting: .mysql)
            #expect(problems.map(\.code) == [.configuration, .configuration])
            #expect(problems.first?.description.contains("log_bin") == true)
        }
        try Services.stop(silent)
        try second.get()
    }

    @Test(
        "Purged and diverged positions",
        .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
    func positions() throws {
        let server = try Services.start(
            .mysql, name: "purge-\(UInt32.random(in: 0...999_999))")
        let outcome = Result {
            let root = try server.root()
            try run(
                root,
                [
                    "CREATE DATABASE d", "CREATE TABLE d.t (a INT PRIMARY KEY)",
                    "INSERT INTO d.t VALUES (1)", "FLUSH BINARY LOGS",
                    "INSERT INTO d.t VALUES (2)",
                ])
            let middle = try info(server)
            try middle.check(position: GTIDSet())
            let logs = try root.query("SHOW BINARY LOGS").rows.compactMap { $0[0] }
            try run(root, ["PURGE BINARY LOGS TO '\(try #require(logs.last))'"])
            let purged = try info(server)
            #expect(!purged.purged.isEmpty)
            let error = failure { try purged.check(position: GTIDSet()) }
            #expect(error?.code == .purged(missing: purged.purged.description))
            try purged.check(position: purged.purged)
            try purged.check(position: middle.executed)

            let foreign = try GTIDSet(parsing: "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-9")
            let diverged = failure {
                try purged.check(position: purged.executed.union(foreign))
            }
            #expect(diverged?.code == .diverged)
            #expect(diverged?.description.contains("3e11fa47") == true)

            // The server's own words for both are understood as well.
            let uuid = try #require(ServerUUID("11111111-2222-3333-4444-555555555555"))
            let connection = try ServerConnection.connect(
                server.options(), cancellation: Cancellation())
            let said = failure {
                _ = try connection.beginDump(from: GTIDSet(), replicaUUID: uuid)
                _ = try connection.nextEvent(until: .now.advanced(by: .seconds(5)))
            }
            #expect(said?.code == .purged(missing: nil))
            let own = try #require(purged.serverUUID)
            let ahead = try GTIDSet(parsing: "\(own):1-100000")
            let second = try ServerConnection.connect(
                server.options(), cancellation: Cancellation())
            let saidAhead = failure {
                _ = try second.beginDump(from: ahead, replicaUUID: uuid)
                _ = try second.nextEvent(until: .now.advanced(by: .seconds(5)))
            }
            #expect(saidAhead?.code == .diverged)
        }
        try Services.stop(server)
        try outcome.get()
    }

    @Test("A refused statement leaves the connection usable")
    func refusedStatement() throws {
        let server = try Services.standard(.mysql)
        let connection = try ServerConnection.connect(
            server.options(), cancellation: Cancellation())
        #expect(code { _ = try connection.query("DROP DATABASE nowhere") } == .privilege)
        #expect(code { _ = try connection.query("SELEC 1") } == .serverError(1064))
        #expect(try connection.query("SELECT NULL, 1, 'a', ''").rows == [[nil, "1", "a", ""]])
        #expect(try connection.query("SELECT 1 WHERE 1 = 0").rows.isEmpty)
        #expect(try connection.query("DO 1").columns.isEmpty)
        let long = try connection.query("SELECT REPEAT('ab', 10000000)").singleValue
        #expect(long?.utf8.count == 20_000_000)
    }

    @Test("Nobody listens, and a name that does not exist")
    func unreachable() throws {
        var options = try Services.standard(.mysql).options()
        let (descriptor, port) = try FakeServer.listen()
        defer { closeDescriptor(descriptor) }
        options.address = .tcp(host: "127.0.0.1", port: port)
        options.connectTimeout = .milliseconds(300)
        let silent = failure {
            _ = try ServerConnection.connect(options, cancellation: Cancellation())
        }
        #expect(silent?.code == .connectionFailed)
        #expect(silent?.isTransient == true)
        options.connectTimeout = .seconds(5)
        for address in [
            ServerAddress.tcp(host: "127.0.0.1", port: 1), .unix(path: "/nonexistent/socket"),
            .tcp(host: "host.invalid", port: 3306),
        ] {
            options.address = address
            let error = failure {
                _ = try ServerConnection.connect(options, cancellation: Cancellation())
            }
            #expect(error?.code == .connectionFailed)
            #expect(error?.isTransient == true)
            #expect(error?.description.contains("\(address)") == true)
        }
    }
}
