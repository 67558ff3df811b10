import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// The two public front doors on a real server.
@Suite("Front doors on real servers", .serialized)
struct StreamTests {
    /// A database, an account to follow with, and the position before the database was made.
    private struct Source {
        let root: ServerConnection
        let name = "stream\(UInt32.random(in: 0...999_999_999))"
        let options: ConnectionOptions
        let start: GTIDSet

        init() throws {
            let server = try Services.standard(.mysql)
            root = try server.root()
            start = try SourceInfo.read(root).executed
            try run(
                root,
                [
                    "CREATE USER \(name) IDENTIFIED BY 'x'",
                    "GRANT REPLICATION SLAVE ON *.* TO \(name)", "CREATE DATABASE \(name)",
                    "CREATE TABLE \(name).t (a INT PRIMARY KEY)",
                    "INSERT INTO \(name).t VALUES (1)", "INSERT INTO \(name).t VALUES (2)",
                ])
            options = try server.options(user: name, password: "x")
        }

        func drop() throws {
            try run(root, ["DROP DATABASE \(name)", "DROP USER \(name)"])
        }

        /// Waits until the account has no connection left.
        func isLeft() throws -> Bool {
            for _ in 0..<200 {
                let count = try root.query(
                    "SELECT COUNT(*) FROM performance_schema.processlist WHERE user = '\(name)'")
                if count.singleValue == "0" { return true }
                Thread.sleep(forTimeInterval: 0.05)
            }
            return false
        }
    }

    private func isInsert(_ change: Change, into database: String) -> Bool {
        guard case .rows(let rows) = change else { return false }
        return rows.event.table.database == database
    }

    @Test("BinlogStream: to the end of the log, then in the middle of it with close()")
    func stream() throws {
        let source = try Source()
        let outcome = Result {
            let stream = try BinlogStream(source.options, cancellation: Cancellation())
            try stream.follow(from: source.start, replicaUUID: .random(), untilEnd: true)
            var inserts = 0
            loop: while true {
                switch try stream.next(until: .now.advanced(by: .seconds(20))) {
                case .change(let change): if isInsert(change, into: source.name) { inserts += 1 }
                case .idle: Issue.record("no end of the log")
                case .ended: break loop
                }
            }
            #expect(inserts == 2)
            #expect(stream.source.executed.isSubset(of: stream.executed))
            try stream.close()

            let second = try BinlogStream(source.options, cancellation: Cancellation())
            try second.follow(from: source.start, replicaUUID: .random())
            _ = try second.next(until: .now.advanced(by: .seconds(20)))
            try second.close()
            #expect(try source.isLeft())
        }
        try source.drop()
        try outcome.get()
    }

    @Test("BinlogChanges: to the end of the log, then left early; ZJ5: no thread stays")
    func changes() async throws {
        let source = try Source()
        var inserts = 0
        var failure: (any Error)?
        do {
            let start = StartPosition.after(source.start)
            for try await change in BinlogChanges(source.options, start: start, untilEnd: true)
            where isInsert(change, into: source.name) {
                inserts += 1
            }
            for try await _ in BinlogChanges(source.options, start: start) { break }
            #expect(try source.isLeft())
        } catch {
            failure = error
        }
        try source.drop()
        if let failure { throw failure }
        #expect(inserts == 2)
    }

    @Test("A position with transactions that the server is still committing is its own history")
    func owned() throws {
        let server = try Services.standard(.mysql)
        let owner = try server.root()
        let others = ["\(ServerUUID.random()):7", "\(ServerUUID.random()):foo:3"]
        let second = try server.root()
        try run(owner, ["SET gtid_next = '\(others[0])'"])
        try run(second, ["SET gtid_next = '\(others[1])'"])
        let stream = try BinlogStream(server.options(), cancellation: Cancellation())
        let position = try others.reduce(stream.source.executed) {
            $0.union(try GTIDSet(parsing: $1))
        }
        try stream.source.check(position: position)
        let next = try stream.source.executed.union(GTIDSet(parsing: "\(ServerUUID.random()):1"))
        #expect(code { try stream.source.check(position: next) } == .diverged)
        try run(owner, ["ROLLBACK", "SET gtid_next = AUTOMATIC"])
        try run(second, ["ROLLBACK", "SET gtid_next = AUTOMATIC"])
        try stream.close()
    }
}
