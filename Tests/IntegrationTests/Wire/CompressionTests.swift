import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// The compressed protocol with real servers.
@Suite("GM12: compression on real servers", .serialized)
struct CompressionTests {
    private func connect(_ options: ConnectionOptions) throws -> ServerConnection {
        try ServerConnection.connect(options, cancellation: Cancellation())
    }

    /// What the server says about this connection.
    private func status(_ connection: ServerConnection) throws -> [String?] {
        let values = try connection.query("SHOW SESSION STATUS LIKE 'Compression%'").dictionary
        return [values["Compression"] ?? nil, values["Compression_algorithm"] ?? nil]
    }

    private typealias Log = (events: [[UInt8]], bytesReceived: UInt64)

    /// Every event outside `start`, to the end of the log.
    private func events(
        _ options: ConnectionOptions, after start: GTIDSet
    ) throws -> Log {
        let connection = try connect(options)
        _ = try connection.beginDump(
            from: start, replicaUUID: .random(), isNonBlocking: true)
        var events: [[UInt8]] = []
        while true {
            switch try connection.nextEvent(until: .now.advanced(by: .seconds(60))) {
            case .event(let event): events.append(event)
            case .timedOut, .largeEvent: throw FakeServer.Failure(description: "no end of the log")
            case .end:
                try connection.quit()
                return (events, connection.bytesReceived)
            }
        }
    }

    /// Makes a table with large, small and squeezed rows; returns its database.
    private func insertLargeAndSmall(_ root: ServerConnection) throws -> String {
        let database = "compression\(UInt32.random(in: 0...999_999))"
        try run(
            root,
            [
                "CREATE DATABASE \(database)",
                "CREATE TABLE \(database).t (a INT PRIMARY KEY AUTO_INCREMENT, b LONGBLOB)",
                "INSERT INTO \(database).t (b) VALUES (REPEAT('x', 17000000))",
                "INSERT INTO \(database).t (b) VALUES (RANDOM_BYTES(1024)), ('a'), (REPEAT('yz', 300000))",
            ])
        for index in 0..<300 {
            try run(root, ["INSERT INTO \(database).t (b) VALUES (REPEAT('\(index)', \(index)))"])
        }
        return database
    }

    private func expectSame(_ compressed: Log, _ plain: Log) {
        // Other tests may have written meanwhile.
        #expect(compressed.events.count >= plain.events.count)
        #expect(zip(compressed.events, plain.events).allSatisfy { $0 == $1 })
        #expect(compressed.bytesReceived < plain.bytesReceived / 10)
    }

    @Test("MySQL: the log is the same, byte for byte, with and without, in clear text and in TLS")
    func mysql() throws {
        let server = try Services.standard(.mysql)
        let root = try server.root()
        let start = try SourceInfo.read(root).executed
        let database = try insertLargeAndSmall(root)
        var options = try server.options()
        options.allowPublicKeyRetrieval = true
        options.tls.mode = .disabled
        let plain = try events(options, after: start)
        #expect(plain.events.count > 1500)
        for compression in [Compression.zlib, .zstd] {
            for mode in [TLSOptions.Mode.disabled, .required] {
                options.compression = compression
                options.tls.mode = mode
                let connection = try connect(options)
                #expect(try status(connection) == ["ON", compression.rawValue])
                #expect((connection.tlsVersion != nil) == (mode == .required))
                try connection.quit()
                expectSame(try events(options, after: start), plain)
            }
        }
        try run(root, ["DROP DATABASE \(database)"])
    }

    @Test("MySQL: waiting, heartbeats and the end of the connection, with compression")
    func waiting() throws {
        let server = try Services.standard(.mysql)
        let root = try server.root()
        var options = try server.options()
        options.compression = .zstd
        options.heartbeatPeriod = .milliseconds(200)
        let connection = try connect(options)
        _ = try connection.beginDump(
            from: try SourceInfo.read(root).executed, replicaUUID: .random())
        var heartbeats = 0
        let start = ContinuousClock.now
        while heartbeats < 3, start.duration(to: .now) < .seconds(60) {
            let item = try connection.nextEvent(until: .now.advanced(by: .milliseconds(100)))
            if case .event(let event) = item, event[4] == 27 || event[4] == 41 { heartbeats += 1 }
        }
        #expect(heartbeats == 3)
        try connection.quit()
    }

    @Test(
        "MySQL: an algorithm that the server was told not to take, and none where one is demanded")
    func refused() throws {
        let server = try Services.start(
            .mysql, name: "compression-\(UInt32.random(in: 0...999_999))",
            options: ["--protocol-compression-algorithms=zlib"])
        let outcome = Result {
            var options = try server.options()
            options.compression = .zlib
            let connection = try connect(options)
            #expect(try status(connection) == ["ON", "zlib"])
            try connection.quit()
            options.compression = .zstd
            let zstd = failure { _ = try connect(options) }
            #expect(zstd?.code == .configuration)
            #expect(zstd?.description.contains("protocol_compression_algorithms") == true)
            options.compression = .none
            let none = failure { _ = try connect(options) }
            #expect(none?.code == .configuration)
            #expect(none?.description.contains("MYSQL_COMPRESSION") == true)
        }
        try Services.stop(server)
        try outcome.get()
    }

    @Test("MariaDB: large and small results are the same; zstd is not offered")
    func mariadb() throws {
        let server = try Services.standard(.mariadb)
        try check(try server.options(flavor: .mariadb), isEncrypted: false)
    }

    @Test("MariaDB: the log is the same, byte for byte, with and without")
    func mariadbLog() throws {
        try checkLog(try Services.standard(.mariadb), TLSOptions(mode: .disabled))
    }

    private func checkLog(_ server: ServiceInstance, _ tls: TLSOptions) throws {
        let root = try server.root()
        let start = try SourceInfo.read(root).executed
        let database = try insertLargeAndSmall(root)
        var options = try server.options(tls: tls, flavor: .mariadb)
        let plain = try events(options, after: start)
        #expect(plain.events.count > 1500)
        options.compression = .zlib
        expectSame(try events(options, after: start), plain)
        try run(root, ["DROP DATABASE \(database)"])
    }

    @Test("MariaDB 11.8, which has TLS: the same inside of it")
    func mariadbTLS() throws {
        let server = try Services.start(
            .mariadb118, name: "compression-\(UInt32.random(in: 0...999_999))")
        let outcome = Result {
            try check(
                try server.options(tls: TLSOptions(mode: .required), flavor: .mariadb),
                isEncrypted: true)
            try checkLog(server, TLSOptions(mode: .required))
        }
        try Services.stop(server)
        try outcome.get()
    }

    private func check(_ options: ConnectionOptions, isEncrypted: Bool) throws {
        var options = options
        let plain = try connect(options)
        options.compression = .zlib
        let compressed = try connect(options)
        #expect(try status(plain).first == "OFF")
        #expect(try status(compressed).first == "ON")
        #expect((compressed.tlsVersion != nil) == isEncrypted)
        let numbers =
            "WITH RECURSIVE n AS (SELECT 1 AS seq UNION ALL SELECT seq + 1 FROM n WHERE seq < 20000)"
        for connection in [plain, compressed] {
            try run(
                connection, ["SET max_recursive_iterations = 20000, group_concat_max_len = 1000000"]
            )
        }
        for statement in [
            "\(numbers) SELECT seq, REPEAT(CHAR(65 + seq % 26), seq % 700) FROM n",
            "SELECT REPEAT('x', 12000000), REPEAT('z', 5000000)", "SELECT 1", "SELECT ''",
            "\(numbers) SELECT GROUP_CONCAT(MD5(seq) SEPARATOR '') FROM n",
        ] {
            let before = (plain.bytesReceived, compressed.bytesReceived)
            #expect(try plain.query(statement).rows == compressed.query(statement).rows)
            let received = (plain.bytesReceived - before.0, compressed.bytesReceived - before.1)
            if received.0 > 1_000_000 { #expect(received.1 < received.0 * 2 / 3) }
        }
        try compressed.quit()
        options.compression = .zstd
        let error = failure { _ = try connect(options) }
        #expect(error?.code == .configuration)
        #expect(error?.description.contains("MariaDB knows zlib only") == true)
    }
}
