import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink
@testable import sdl

/// What a server is that `sdl` cannot work with, and what it says then.
@Suite struct BadServersTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func aWrongPassword() throws {
        let mysql = try Services.standard(.mysql)
        let run = try sdl("run", mysql, ["MYSQL_PASS": "wrong-canary"])
        #expect(run.exitCode == 6)
        #expect(isOneSentence(run))
        #expect(!run.complaints.contains("wrong-canary"))
        #expect(try wasLeftEmpty())
    }

    @Test func aMissingGrant() throws {
        let mysql = try Services.standard(.mysql)
        let user = "sdl_\(UUID().uuidString.prefix(8).lowercased())"
        let root = try rootConnection(mysql)
        _ = try root.query("CREATE USER '\(user)'@'%' IDENTIFIED BY 'none-granted'")
        let run = try sdl(
            "run", mysql, ["MYSQL_USER": user, "MYSQL_PASS": "none-granted", "RETRY_MAX": "1"])
        _ = try root.query("DROP USER '\(user)'@'%'")
        #expect(run.exitCode == 6)
        #expect(isOneSentence(run))
        #expect(run.complaints.contains("GRANT REPLICATION SLAVE ON *.*"))
    }

    @Test(.enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
    func aServerWithoutGTIDs() throws {
        let mysql = try Services.start(
            .mysql, name: "no-gtids",
            options: ["--gtid-mode=OFF", "--enforce-gtid-consistency=OFF"])
        let run = try sdl("run", mysql)
        try Services.stop(mysql)
        #expect(run.exitCode == 2)
        #expect(isOneSentence(run))
        #expect(run.complaints.contains("SET PERSIST gtid_mode = ON"))
        #expect(try wasLeftEmpty())
    }

    @Test(.enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
    func aServerThatLogsStatements() throws {
        let mysql = try Services.start(
            .mysql, name: "statements", options: ["--binlog-format=STATEMENT"])
        let run = try sdl("run", mysql)
        try Services.stop(mysql)
        #expect(run.exitCode == 2)
        #expect(isOneSentence(run))
        #expect(run.complaints.contains("binlog_format = ROW"))
    }

    @Test(.enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
    func aServerThatLogsNoNames() throws {
        let mysql = try Services.start(
            .mysql, name: "no-names", options: ["--binlog-row-metadata=MINIMAL"])
        let run = try sdl("run", mysql)
        try Services.stop(mysql)
        #expect(run.exitCode == 2)
        #expect(isOneSentence(run))
        #expect(run.complaints.contains("binlog_row_metadata = FULL"))
    }

    @Test(.enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
    func aServerWithoutTLSWhereItIsRequired() throws {
        let mysql = try Services.start(.mysql, name: "no-tls", options: ["--tls-version="])
        let run = try sdl("run", mysql, ["MYSQL_TLS_MODE": "required"])
        try Services.stop(mysql)
        #expect(run.exitCode == 2)
        #expect(isOneSentence(run))
        #expect(run.complaints.contains("TLS"))
    }

    @Test func theOtherFlavor() throws {
        let run = try sdl("run", try Services.standard(.mariadb))
        #expect(run.exitCode == 2)
        #expect(isOneSentence(run))
        #expect(run.complaints.contains("MariaDB"))
        #expect(try wasLeftEmpty())
    }

    @Test(arguments: ["run", "tail"])
    func nobodyThere(command: String) throws {
        let run = try sdl(
            command, try Services.standard(.mysql), ["MYSQL_ADDR": "127.0.0.1:1", "RETRY_MAX": "2"])
        #expect(run.exitCode == 1)
        #expect(isOneSentence(run))
        #expect(run.complaints.contains("127.0.0.1:1"))
    }

    @Test(arguments: ["run", "init"])
    func nobodyThereInMongoDB(command: String) throws {
        let uri = "mongodb://u:hunter2canary@127.0.0.1:1/?serverSelectionTimeoutMS=200"
        let run = try sdl(
            command, try Services.standard(.mysql), ["MONGO_URI": uri, "RETRY_MAX": "2"])
        #expect(run.exitCode == 1)
        #expect(isOneSentence(run))
        #expect(!run.complaints.contains("hunter2canary"))
    }

    @Test(
        .enabled(if: Services.canStart(.mongo), "needs a MongoDB server of its own"),
        arguments: ["run", "init"])
    func aStandaloneMongoDB(command: String) throws {
        let mongo = try Services.start(
            .mongo, name: "standalone-\(command)", options: ["--standalone"])
        let run = try sdl(
            command, try Services.standard(.mysql), ["MONGO_URI": try mongo.uri])
        try Services.stop(mongo)
        #expect(run.exitCode == 2)
        #expect(isOneSentence(run))
        #expect(run.complaints.contains("is a standalone server"))
    }

    @Test func catchingUpEndsWithTheLinesThatOperatorsLookFor() throws {
        let run = try sdl(
            "run", try Services.standard(.mysql), arguments: ["--until", "current"])
        #expect(run.exitCode == 0)
        for line in [
            "Connected to MongoDB", "Connected to MySQL", "Starting from current position",
            "Flushing 0 remaining events", "Shutdown complete",
        ] {
            #expect(run.complaints.contains(line))
        }
        #expect(run.output.isEmpty)
    }

    // MARK: -

    private func sdl(
        _ command: String, _ mysql: ServiceInstance, arguments: [String] = [],
        _ changes: [String: String] = [:]
    ) throws -> SDLProcess {
        var environment = [
            "MYSQL_ADDR": try mysql.address, "MYSQL_USER": try mysql.user,
            "MYSQL_PASS": try mysql.password, "MONGO_URI": try Services.standard(.mongo).uri,
            "MONGO_DB": database, "RETRY_INITIAL": "10ms",
            "MYSQL_SERVER_ID": "\(UInt32.random(in: 10_000...4_000_000))",
        ]
        environment.merge(changes) { $1 }
        return try SDLProcess([command] + arguments, environment: environment, in: folder)
    }

    private let database = "bad_\(UUID().uuidString.prefix(8).lowercased())"

    /// Whether the last words are one sentence for the user, and nothing follows it.
    private func isOneSentence(_ run: SDLProcess) -> Bool {
        let last = run.complaints.split(separator: "\n").filter { $0.hasPrefix("sdl: ") }
        return last.count == 1 && run.complaints.hasSuffix("\(last[0])\n")
    }

    /// Whether no change, position or batch was stored.
    private func wasLeftEmpty() throws -> Bool {
        var settings = SinkSettings(
            uri: try Services.standard(.mongo).uri, streamName: "x", owner: "x/1")
        settings.database = database
        let connection = try MongoConnection(settings)
        for collection in [
            settings.collection, settings.stagingCollection, settings.ledgerCollection,
        ] {
            let cursor = try connection.find(
                in: collection, filter: BSONWriter.document { _ in },
                options: BSONWriter.document { _ in })
            if try cursor.next() != nil { return false }
        }
        return true
    }

    private func rootConnection(_ mysql: ServiceInstance) throws -> ServerConnection {
        try ServerConnection.connect(
            ConnectionOptions(
                address: try ServerAddress(parsing: mysql.address), user: try mysql.rootUser,
                password: Secret(try mysql.rootPassword)),
            cancellation: Cancellation())
    }
}
