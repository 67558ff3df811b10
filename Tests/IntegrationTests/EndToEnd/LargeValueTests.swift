import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// Values that no document of MongoDB can hold, from real servers.
@Suite(.serialized)
struct LargeValueTests {
    struct Server: Sendable, CustomTestStringConvertible {
        let kind: Services.Kind
        var testDescription: String { "\(kind)" }
        var settings: [String: String] {
            kind == .mysql ? [:] : ["MYSQL_FLAVOR": "mariadb"]
        }
    }

    static let servers = [Services.Kind.mysql, .mariadb].filter { Services.canStart($0) }
        .map { Server(kind: $0) }

    /// A source of its own, and a table in it.
    private struct Stand {
        let source: ServiceInstance
        let root: ServerConnection
        var trail: AuditTrail

        init(_ server: Server, _ name: String, _ settings: [String: String] = [:]) throws {
            source = try Services.start(server.kind, name: "\(name)\(server.kind)")
            root = try source.root()
            trail = try AuditTrail(
                source: source,
                ["START": "earliest", "MEMORY_LIMIT": "16MiB"]
                    .merging(server.settings.merging(settings) { $1 }) { $1 })
            try run(
                root,
                [
                    "CREATE DATABASE large", "USE large",
                    "CREATE TABLE b (id INT PRIMARY KEY, body LONGBLOB, note LONGTEXT CHARACTER SET latin1, n INT)",
                ])
        }

        func catchUp() throws -> SDLCommand {
            let run = try trail.catchUp()
            let complaints = try run.complaints
            try #require(run.exitCode == 0, "\(complaints)")
            return run
        }

        func end() throws {
            try trail.drop()
            stop(source)
        }

        /// The chunks of each value, put together.
        func blobs() throws -> [String: [UInt8]] {
            let chunks = try trail.documents("row_changes_blobs").map {
                (id: try $0.string("_id") ?? "", document: $0)
            }
            var blobs: [String: [UInt8]] = [:]
            for (_, chunk) in chunks.sorted(by: { $0.id < $1.id }) {
                let blob = try #require(try chunk.string("files_id"))
                let bytes = try #require(try chunk.binary("data"))
                blobs[blob, default: []].append(contentsOf: bytes)
            }
            return blobs
        }

        /// The SHA-256 that the document with this `_id` says of a value.
        func digest(_ documents: [String: BSONDocument], _ id: String, _ path: String...) throws
            -> String?
        {
            try documents[id]?.element((path + ["$oversize", "sha256"])[...])?.string
        }

        func documents() throws -> [String: BSONDocument] {
            var byID: [String: BSONDocument] = [:]
            for document in try trail.rowChanges() {
                byID[try document.string("_id") ?? ""] = document
            }
            return byID
        }

        func sha256(_ column: String, _ id: Int) throws -> String? {
            try root.query("SELECT SHA2(\(column), 256) FROM b WHERE id = \(id)").singleValue
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        SHA256.digest(bytes[...]).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test("[T52 F18] They are stored apart, as SELECT shows them, and once", arguments: servers)
    func stored(server: Server) throws {
        let stand = try Stand(server, "largevalues")
        let root = stand.root
        try run(
            root,
            [
                "BEGIN",
                "INSERT INTO b VALUES (1, REPEAT(UNHEX('00fe'), 10000000), REPEAT('a', 100), 1), (2, REPEAT('x', 30), NULL, 1)",
                "INSERT INTO b VALUES (3, REPEAT('y', 7000000), REPEAT(_latin1 X'e9', 9000000), 1)",
                "COMMIT",
            ])
        let first = try stand.sha256("body", 1)
        try run(root, ["UPDATE b SET n = 2", "UPDATE b SET body = CONCAT(body, 'z') WHERE id = 1"])
        _ = try stand.catchUp()

        let documents = try stand.documents()
        let blobs = try stand.blobs()
        let ids = documents.keys.sorted()
        #expect(documents.count == 2 + 3 + 3 + 1)
        let insert = try #require(
            try ids.first { try $0.hasSuffix("/1") && documents[$0]?.string("op") == "i" })
        let transaction = insert.dropLast(2)
        let update = try #require(
            try ids.first { try stand.digest(documents, $0, "chg", "body", "f") == first })
        #expect(try stand.digest(documents, insert, "chg", "body", "t") == first)
        #expect(
            try stand.digest(documents, update, "chg", "body", "t") == stand.sha256("body", 1))
        // The text is twice as large in UTF-8.
        #expect(
            try stand.digest(documents, "\(transaction)/3", "chg", "note", "t")
                == stand.sha256("note", 3))
        #expect(
            Set(blobs.keys) == [
                "\(insert)/t/2", "\(transaction)/3/t/3", "\(update)/f/2", "\(update)/t/2",
            ])
        #expect(blobs["\(insert)/t/2"].map(Self.hex) == first)
        #expect(try blobs["\(update)/t/2"].map(Self.hex) == stand.sha256("body", 1))
        #expect(try blobs["\(transaction)/3/t/3"].map(Self.hex) == stand.sha256("note", 3))

        // From the file, as a whole, the same.
        let file = try #require(try root.query("SHOW BINARY LOGS").rows.last?.first ?? nil)
        let decoded = try SDLCommand.run(["decode", "\(try stand.source.dataFolder)/\(file)"])
        #expect(decoded.exitCode == 0)
        let lines = try Set(decoded.output.split(separator: "\n").map(String.init))
        let stored = try Set(documents.values.map { try ExtendedJSON.line($0) })
        #expect(stored.subtracting(lines).isEmpty)

        // Once more from the beginning: the same chunks, no second ones, no alarm.
        try stand.trail.setPosition("")
        _ = try stand.catchUp()
        #expect(try stand.blobs() == blobs)
        #expect(try stand.trail.rowChanges().count == documents.count)
        try stand.end()
    }

    @Test("Nothing is left of what was rolled back", arguments: servers)
    func rolledBack(server: Server) throws {
        let stand = try Stand(server, "largerollback")
        try run(
            stand.root,
            [
                "BEGIN", "INSERT INTO b VALUES (1, 'a', NULL, 1)", "SAVEPOINT s",
                "INSERT INTO b VALUES (2, REPEAT('x', 20000000), NULL, 1)", "ROLLBACK TO s",
                "INSERT INTO b VALUES (3, REPEAT('y', 20000000), NULL, 1)", "COMMIT",
            ])
        _ = try stand.catchUp()
        let keys = try stand.trail.rowChanges().compactMap { try $0.integer("meta", "pk") }
        #expect(keys.sorted() == [1, 3])
        let blobs = try stand.blobs()
        #expect(blobs.count == 1)
        #expect(try blobs.values.first.map(Self.hex) == stand.sha256("body", 3))
        try stand.end()
    }

    @Test("kill -9 while they are stored: once, and whole", arguments: servers)
    func killed(server: Server) throws {
        let stand = try Stand(server, "largekills", ["FLUSH_INTERVAL": "50ms"])
        try run(stand.root, ["BEGIN"])
        for id in 1...4 {
            try run(
                stand.root, ["INSERT INTO b VALUES (\(id), REPEAT('\(id)', 30000000), NULL, 1)"])
        }
        try run(stand.root, ["UPDATE b SET n = 2, body = CONCAT(body, 'u')", "COMMIT"])
        for after in [2, 5, 60, 150] {
            let run = try stand.trail.start("run")
            let deadline = ContinuousClock.now + .seconds(60)
            while run.isRunning, ContinuousClock.now < deadline,
                try stand.trail.documents("row_changes_blobs").count < after
            {
                usleep(20_000)
            }
            run.signal(SIGKILL)
            #expect(try run.wait() == -SIGKILL)
        }
        _ = try stand.catchUp()
        let changes = try stand.trail.rowChanges().filter { try $0.string("op") != "ddl" }
        #expect(changes.count == 8)
        let blobs = try stand.blobs()
        #expect(blobs.count == 12)
        for document in changes where try document.string("op") == "u" {
            let id = Int(try document.integer("meta", "pk") ?? 0)
            let digest = try document.string("chg", "body", "t", "$oversize", "sha256")
            #expect(try digest == stand.sha256("body", id))
            let blob = try #require(
                try document.string("chg", "body", "t", "$oversize", "blob"))
            #expect(blobs[blob].map(Self.hex) == digest)
        }
        _ = try stand.trail.ledger()
        try stand.end()
    }

    @Test("A chunk that somebody changed is an alarm when its transaction is read again")
    func damaged() throws {
        let stand = try Stand(Server(kind: .mysql), "largedamage")
        try run(stand.root, ["INSERT INTO b VALUES (1, REPEAT('x', 20000000), NULL, 1)"])
        _ = try stand.catchUp()
        try stand.trail.damageChunk(number: 3)
        try stand.trail.setPosition("")
        let second = try stand.trail.catchUp()
        #expect(second.exitCode == 5)
        #expect(try second.complaints.contains("/t/2/000003 in"))
        try stand.end()
    }
}
