import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// The server's own files hold what `sdl run` stored.
@Suite(.serialized)
struct DecodeTests {
    @Test(
        "sdl decode of the server's files gives the documents that sdl run stored, _id included",
        .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
    func filesGiveTheStoredDocuments() throws {
        try check(.mysql, WorkloadOptions())
    }

    @Test(
        "The same on MariaDB, of which the stream came through compressed packets",
        .enabled(if: Services.canStart(.mariadb), "needs a MariaDB server of its own"),
        arguments: [Services.Kind.mariadb, .mariadb118])
    func mariaDBFilesGiveTheStoredDocuments(kind: Services.Kind) throws {
        var options = WorkloadOptions(isMariaDB: true)
        options.xa = true
        options.compressesEvents = true
        try check(
            kind, options, ["MYSQL_FLAVOR": "mariadb", "MYSQL_COMPRESSION": "zlib"])
    }

    private func check(
        _ kind: Services.Kind, _ options: WorkloadOptions, _ settings: [String: String] = [:]
    ) throws {
        let source = try Services.start(kind, name: "decode\(kind)")
        defer { stop(source) }
        let seed =
            Environment.value("SDL_TEST_SEED").flatMap { UInt64($0) }
            ?? UInt64.random(in: 1...999_999_999)
        var dice = Dice(seed: seed)
        let root = try source.root()
        for setting in options.globals { try root.run("SET GLOBAL \(setting)") }
        // The log does not say which columns of MariaDB are UUID, INET4 or INET6, and a file has no server to ask.
        let tables = Table.random(
            database: "decoded", fullImages: true, isMariaDB: options.isMariaDB, &dice
        ).map { $0.withoutServerTypes }
        var workload = try Workload(
            name: "decode", connection: root, tables: tables, seed: dice.bits(), options: options)
        let trail = try AuditTrail(
            source: source,
            ["START": "earliest", "FULL_IMAGES": "true", "TZ": "Asia/Kolkata", "BATCH_SIZE": "50"]
                .merging(settings) { one, _ in one })
        try workload.createTables()
        for number in 0..<150 {
            try workload.runTransaction()
            if number % 40 == 39 {
                try workload.alterSomething()
                _ = try workload.connection.query("FLUSH BINARY LOGS")
            }
        }
        let run = try trail.catchUp()
        let complaints = try run.complaints
        try #require(run.exitCode == 0, "SDL_TEST_SEED=\(seed): \(complaints)")

        let files = try root.query("SHOW BINARY LOGS").rows.map {
            "\(try source.dataFolder)/\(try #require($0[0]))"
        }
        try #require(files.count > 3)
        let decode = try SDLCommand.run(
            ["decode"] + files, environment: trail.environment)
        let problems = try decode.complaints
        try #require(decode.exitCode == 0, "SDL_TEST_SEED=\(seed): \(problems)")
        let decoded = try decode.output.split(separator: "\n").map { Array($0.utf8) }
        let stored = try trail.rowChanges().map { document in
            var json = ExtendedJSON()
            try json.write(document)
            return json.take()
        }
        #expect(stored.count > 200)
        #expect(decoded.count == stored.count)
        let missing = Set(stored).subtracting(decoded).count
        #expect(missing == 0, "SDL_TEST_SEED=\(seed): \(missing) documents are not in the files")
        try trail.drop()
    }
}
