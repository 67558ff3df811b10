import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// A database of its own for one test, `sdl` pointed at it, and what `sdl` left there.
struct AuditTrail {
    let source: ServiceInstance
    let mongoURI: String
    var database: String
    var environment: [String: String]
    var isMariaDB: Bool { environment["MYSQL_FLAVOR"] == "mariadb" }

    init(
        source: ServiceInstance, mongo: ServiceInstance? = nil, _ changes: [String: String] = [:]
    ) throws {
        self.source = source
        mongoURI = try (mongo ?? Services.standard(.mongo)).uri
        database = "proof_\(UUID().uuidString.prefix(8).lowercased())"
        environment = [
            "MYSQL_ADDR": try source.address, "MYSQL_USER": try source.user,
            "MYSQL_PASS": try source.password, "MONGO_URI": mongoURI, "MONGO_DB": database,
            "MYSQL_SERVER_ID": "\(UInt32.random(in: 10_000...4_000_000))",
            "STREAM_NAME": "mysql://\(database)",
        ].merging(changes) { _, new in new }
    }

    // MARK: Running sdl

    func start(_ arguments: String...) throws -> SDLCommand {
        try SDLCommand(arguments, environment: environment)
    }

    /// Runs `sdl run` until all that the source has now is stored.
    func catchUp(_ arguments: String...) throws -> SDLCommand {
        try SDLCommand.run(
            ["run", "--until", "current"] + arguments, environment: environment)
    }

    // MARK: What is stored

    private var settings: SinkSettings {
        var settings = SinkSettings(
            uri: mongoURI, streamName: environment["STREAM_NAME"] ?? "", owner: "test/1")
        settings.database = database
        // Fail points that are meant for sdl do not hit us.
        settings.applicationName = "sdl-test"
        return settings
    }

    func connection() throws -> MongoConnection { try MongoConnection(settings) }

    func documents(_ collection: String) throws -> [BSONDocument] {
        let all = BSONWriter.document { _ in }
        let cursor = try connection().find(in: collection, filter: all, options: all)
        var found: [BSONDocument] = []
        while let document = try cursor.next() { found.append(document) }
        return found
    }

    /// How many documents a collection holds, all or those that `filter` names; counted, and not from statistics.
    func count(_ collection: String, _ filter: [UInt8]? = nil) throws -> Int {
        let command = BSONWriter.document {
            $0.append("count", string: collection)
            $0.append(
                "query",
                document: filter
                    ?? BSONWriter.document { $0.append("_id") { $0.append("$exists", bool: true) } }
            )
        }
        let reply = try MongoConnection(settings).run(command, .read, operation: "count")
        return Int(try reply.integer("n") ?? 0)
    }

    func rowChanges() throws -> [BSONDocument] { try documents("row_changes") }

    func offset() throws -> AuditValue? {
        let all = try documents("binlog_offsets").map {
            AuditValue.document(try AuditValue.members($0))
        }
        return all.first { $0["_id"]?.text == environment["STREAM_NAME"] }
    }

    /// Moves the stored position, as an operator does by hand.
    func setPosition(_ gtid: String) throws {
        let matched = try connection().update(
            "binlog_offsets",
            filter: BSONWriter.document { $0.append("_id", string: settings.streamName) },
            update: BSONWriter.document { $0.append("$set") { $0.append("gtid", string: gtid) } },
            inTransaction: false)
        try #require(matched == 1)
    }

    /// How many batches of each status staging holds.
    func stagingStatuses() throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for document in try documents("row_changes_staging") {
            counts[try document.string("status") ?? "none", default: 0] += 1
        }
        return counts
    }

    /// Lets the next start settle a batch that a killed process staged late.
    ///
    /// Its last command may reach the server when its successor has looked already, and reads the same again.
    func settleLateBatches() throws {
        guard try stagingStatuses()["pending"] != nil else { return }
        try storeAll()
        print("\(database): a batch was staged late, and settled by the next start")
    }

    /// Walks the ledger; throws when its chain is broken.
    func ledger() throws -> LedgerChain {
        try MongoSink(settings: settings) { _ in }.verifyLedger()
    }

    /// The entries of the ledger in their order.
    func ledgerEntries() throws -> [BSONDocument] {
        let entries = try documents("row_changes_ledger").map {
            (sequence: try $0.integer("seq") ?? 0, document: $0)
        }
        return entries.sorted { $0.sequence < $1.sequence }.map(\.document)
    }

    /// Changes a stored change as nobody should, to show that a check sees it.
    func damage(_ id: String) throws {
        let changed = try connection().update(
            "row_changes", filter: BSONWriter.document { $0.append("_id", string: id) },
            update: BSONWriter.document { $0.append("$set") { $0.append("op", string: "?") } },
            inTransaction: false)
        guard changed == 1 else { throw AuditValue.Unexpected(description: "no document \(id)") }
    }

    /// Changes a chunk of a large value as nobody should.
    func damageChunk(number: Int) throws {
        let changed = try MongoConnection(settings).update(
            "row_changes_blobs",
            filter: BSONWriter.document { $0.append("n", int32: Int32(number)) },
            update: BSONWriter.document {
                $0.append("$set") { $0.append("data", binary: [1, 2, 3]) }
            }, inTransaction: false)
        guard changed == 1 else { throw AuditValue.Unexpected(description: "no chunk \(number)") }
    }

    /// Deletes a stored change, to show that a check sees it.
    func delete(_ id: String) throws {
        try connection().run(
            BSONWriter.document {
                $0.append("delete", string: "row_changes")
                $0.appendArray("deletes") {
                    $0.append(BSONKey(index: 0)) {
                        $0.append("q") { $0.append("_id", string: id) }
                        $0.append("limit", int32: 1)
                    }
                }
            }, .write, operation: "delete")
    }

    /// Deletes what the test stored.
    func drop() throws {
        try connection().run(
            BSONWriter.document { $0.append("dropDatabase", int32: 1) }, .plain,
            operation: "dropDatabase")
    }
}

extension ServiceInstance {
    /// Every transaction that the server executed.
    func executed() throws -> GTIDSet {
        let root = try root()
        let isMariaDB = root.greeting.serverVersion.contains("MariaDB")
        let variable = isMariaDB ? "gtid_binlog_pos" : "gtid_executed"
        let text = try root.query("SELECT @@GLOBAL.\(variable)").singleValue ?? ""
        return try GTIDSet(parsing: text.filter { !$0.isWhitespace })
    }
}
