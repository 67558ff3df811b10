import BinlogProtocol
import Foundation
import TestSupport

@testable import MongoSink

/// A database of its own for one test, settings that lead `sdl` to it, and what `sdl` left there.
///
/// The database is dropped with this object.
final class OwnTrail {
    let mysql: ServiceInstance
    let mongoURI: String
    let database = "command_\(UUID().uuidString.prefix(8).lowercased())"
    let folder: TemporaryFolder

    init(mysql: ServiceInstance? = nil, mongo: ServiceInstance? = nil) throws {
        self.mysql = try mysql ?? Services.standard(.mysql)
        mongoURI = try (mongo ?? Services.standard(.mongo)).uri
        folder = try TemporaryFolder()
    }

    deinit {
        do {
            try MongoConnection(settings).run(
                BSONWriter.document { $0.append("dropDatabase", int32: 1) }, .plain,
                operation: "dropDatabase")
        } catch {
            print("the database \(database) stays behind: \(error)")
        }
    }

    // MARK: Running sdl

    /// Attempts are limited, so that nothing waits for ever.
    func environment(_ changes: [String: String]) throws -> [String: String] {
        [
            "MYSQL_ADDR": try mysql.address, "MYSQL_USER": try mysql.user,
            "MYSQL_PASS": try mysql.password, "MONGO_URI": mongoURI, "MONGO_DB": database,
            "STREAM_NAME": database, "RETRY_MAX": "3", "RETRY_INITIAL": "10ms",
            "MYSQL_SERVER_ID": "\(UInt32.random(in: 10_000...4_000_000))",
        ].merging(changes) { $1 }
    }

    func start(_ arguments: [String], _ changes: [String: String] = [:]) throws -> SDLCommand {
        try SDLCommand(arguments, environment: environment(changes), in: folder.url)
    }

    func run(_ arguments: [String], _ changes: [String: String] = [:]) throws -> SDLCommand {
        try SDLCommand.run(arguments, environment: environment(changes), in: folder.url)
    }

    /// A connection as root.
    func root() throws -> ServerConnection {
        try ServerConnection.connect(
            ConnectionOptions(
                address: try ServerAddress(parsing: mysql.address), user: try mysql.rootUser,
                password: Secret(try mysql.rootPassword)),
            cancellation: Cancellation())
    }

    // MARK: What is stored

    private var settings: SinkSettings {
        var settings = SinkSettings(uri: mongoURI, streamName: database, owner: "test/1")
        settings.database = database
        return settings
    }

    func documents(_ collection: String) throws -> [BSONDocument] {
        let all = BSONWriter.document { _ in }
        let cursor = try MongoConnection(settings).find(in: collection, filter: all, options: all)
        var found: [BSONDocument] = []
        while let document = try cursor.next() { found.append(document) }
        return found
    }

    /// How many inserted rows are stored; statements of other tests can be there too.
    func insertCount() throws -> Int {
        try documents(settings.collection).count { try $0.string("op") == "i" }
    }

    /// The stored position; nil when there is none.
    func position() throws -> StoredOffset? {
        try OffsetDocument(settings: settings).read(try MongoConnection(settings))?.offset
    }

    /// Whether nobody holds the lease.
    func isLeaseFree() throws -> Bool {
        try OffsetDocument(settings: settings).read(try MongoConnection(settings))?.lease?.owner
            == nil
    }

    /// Whether no change, batch, ledger entry or position was stored.
    func isEmpty() throws -> Bool {
        for collection in [
            settings.collection, settings.stagingCollection, settings.ledgerCollection,
        ] where try !documents(collection).isEmpty {
            return false
        }
        return try position() == nil
    }
}

/// Whether the last words are one sentence for the user, and nothing follows it.
func endsInOneSentence(_ run: SDLCommand) throws -> Bool {
    let complaints = try run.complaints
    let last = complaints.split(separator: "\n").filter { $0.hasPrefix("sdl: ") }
    return last.count == 1 && complaints.hasSuffix("\(last[0])\n")
}

/// Runs `body` with a private server that is stopped whatever happens.
func withServer<T>(
    _ kind: Services.Kind, name: String, options: [String] = [],
    _ body: (ServiceInstance) throws -> T
) throws -> T {
    let server = try Services.start(kind, name: name, options: options)
    defer {
        do {
            try Services.stop(server)
        } catch {
            print("\(name) could not be stopped: \(error)")
        }
    }
    return try body(server)
}
