import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// A source of its own with one table, and `sdl` that reaches both servers through proxies: for tests of one fault each.
struct LiveStand {
    let source: ServiceInstance
    private(set) var root: ServerConnection
    let link: FaultProxy
    let commands: MongoCommandProxy
    var trail: AuditTrail

    /// - Parameters:
    ///   - mongo: a server of the test's own, which the caller stops; nil is the shared one.
    ///   - mongoOptions: added to the connection string of `sdl`.
    init(
        _ kind: Services.Kind = .mysql, options: [String] = [], mongo: ServiceInstance? = nil,
        mongoOptions: String = "", with settings: [String: String] = [:]
    ) throws {
        source = try Services.start(
            kind, name: "live-\(UInt32.random(in: 0...999_999_999))", options: options)
        root = try source.root()
        link = try FaultProxy(to: try source.address)
        commands = try MongoCommandProxy(to: try (mongo ?? Services.standard(.mongo)).uri)
        trail = try AuditTrail(
            source: source, mongo: mongo,
            [
                "MYSQL_ADDR": link.address, "START": "earliest",
                "MYSQL_FLAVOR": kind == .mysql ? "mysql" : "mariadb",
                "MONGO_URI": commands.uri + mongoOptions,
                "RETRY_INITIAL": "20ms", "RETRY_MAX_DELAY": "500ms",
            ].merging(settings) { $1 })
        try run(
            root,
            [
                "CREATE DATABASE d",
                "CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v LONGTEXT)",
            ])
    }

    // MARK: The source

    /// After a restart.
    mutating func reconnect() throws { root = try source.root() }

    /// Rows, each a transaction of its own.
    func insert(_ count: Int, bytes: Int = 10) throws {
        for _ in 0..<count {
            try root.run("INSERT INTO d.t (v) VALUES (REPEAT('x', \(bytes)))")
        }
    }

    /// Rows in one transaction, a hundred in each statement.
    func insertTogether(hundreds: Int, bytes: Int = 10) throws {
        let row = "(REPEAT('x', \(bytes)))"
        let statement =
            "INSERT INTO d.t (v) VALUES "
            + Array(repeating: row, count: 100).joined(separator: ",")
        try root.run("BEGIN")
        for _ in 0..<hundreds { try root.run(statement) }
        try root.run("COMMIT")
    }

    func streams() throws -> [String] {
        let place = trail.isMariaDB ? "information_schema" : "performance_schema"
        return try root.query(
            "SELECT id FROM \(place).processlist WHERE command LIKE 'Binlog Dump%'"
        ).rows.compactMap { $0.first ?? nil }
    }

    /// Deletes all log files but a new one.
    func purge() throws {
        try root.run("FLUSH BINARY LOGS")
        try wait("old log files are purged") {
            let files = try root.query("SHOW BINARY LOGS").rows.compactMap { $0.first ?? nil }
            // One that the storage engine could still need for recovery stays a moment longer.
            if files.count == 1 { return true }
            try root.run("PURGE BINARY LOGS TO '\(try #require(files.last))'")
            return false
        }
    }

    // MARK: What holds

    /// Waits until `condition` holds.
    func wait(
        _ what: Comment, of sdl: SDLCommand? = nil, _ condition: () throws -> Bool
    ) throws {
        let deadline = ContinuousClock.now + .seconds(180)
        while try !condition() {
            let complaints = try sdl?.complaints ?? ""
            try #require(sdl?.isRunning != false, "\(what): \(complaints)")
            try #require(ContinuousClock.now < deadline, "\(what): \(complaints)")
            usleep(20_000)
        }
    }

    /// How many bytes the source has sent over all lines.
    var bytesRead: Int { link.lines.reduce(0) { $0 + $1.toClient.bytes } }

    /// Waits until the source has to wait for `sdl`: no byte comes for a second.
    func waitUntilTheSourceWaits(_ sdl: SDLCommand) throws {
        var seen = 0
        try wait("the source waits for us", of: sdl) {
            defer { seen = bytesRead }
            usleep(1_000_000)
            return seen > 0 && bytesRead == seen
        }
    }

    /// Waits until `sdl` has stored everything that the source has now.
    func waitUntilStored(_ sdl: SDLCommand) throws {
        let target = try source.executed().description
        try wait("everything is stored", of: sdl) {
            try trail.offset()?["gtid"]?.text == target
        }
    }

    /// Everything is stored once, each transaction whole, and the ledger says so.
    func expectEverythingOnce(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let ids = try root.query("SELECT id FROM d.t ORDER BY id").rows.compactMap {
            $0[0].flatMap { Int64($0) }
        }
        let stored = try trail.inserts()
        #expect(stored.keys.sorted() == ids, sourceLocation: sourceLocation)
        let documents = try trail.rowChanges().count
        let ledger = try trail.ledger()
        #expect(ledger.events == Int64(documents), sourceLocation: sourceLocation)
        let offset = try #require(try trail.offset())
        #expect(
            offset["gtid"]?.text == (try source.executed().description),
            sourceLocation: sourceLocation)
        #expect(offset["partial"] == nil, sourceLocation: sourceLocation)
        let staging = try trail.stagingStatuses()
        #expect(
            Set(staging.keys).isSubset(of: ["committed"]), "staging: \(staging)",
            sourceLocation: sourceLocation)
    }

    /// A clean stop by SIGTERM.
    func stopCleanly(
        _ sdl: SDLCommand, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        sdl.signal(SIGTERM)
        let exit = try sdl.wait()
        let complaints = try sdl.complaints
        #expect(exit == 0, "\(complaints)", sourceLocation: sourceLocation)
        #expect(complaints.contains("Shutdown complete"), sourceLocation: sourceLocation)
    }

    /// Drops what the test stored, and stops the source.
    func end() {
        do {
            try trail.drop()
        } catch {
            print("\(trail.database) stays behind: \(error)")
        }
        stop(source)
    }
}
