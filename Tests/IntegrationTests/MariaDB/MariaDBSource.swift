import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// A MariaDB server of its own for one test, a table on it, and `sdl` pointed at it.
struct MariaDBSource {
    let server: ServiceInstance
    let root: ServerConnection

    init(_ kind: Services.Kind, options: [String] = []) throws {
        server = try Services.start(
            kind, name: "source-\(UInt32.random(in: 0...999_999_999))", options: options)
        root = try server.root()
    }

    /// Makes the table; the caller's `stop` is in place by then.
    func createTable() throws {
        try execute(
            "CREATE DATABASE d",
            "CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v LONGTEXT)")
    }

    func stop() {
        do {
            try Services.stop(server)
        } catch {
            Issue.record(error)
        }
    }

    func execute(_ statements: String...) throws { try run(root, statements) }

    /// An audit trail of its own.
    func trail(start: String, _ settings: [String: String] = [:]) throws -> AuditTrail {
        try AuditTrail(
            source: server,
            ["MYSQL_FLAVOR": "mariadb", "START": start, "RETRY_INITIAL": "10ms"]
                .merging(settings) { $1 })
    }

    /// The server's own position, its domains in their order.
    func position() throws -> String {
        let text = try root.query("SELECT @@global.gtid_binlog_pos").singleValue ?? ""
        return "\(try GTIDSet(parsing: text))"
    }

    /// Deletes all log files but a new one.
    func purge() throws {
        _ = try root.query("FLUSH BINARY LOGS")
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let files = try root.query("SHOW BINARY LOGS").rows
            if files.count == 1 { return }
            let newest = try #require(files.last?.first ?? nil)
            // A file that the storage engine could still need for recovery stays a moment longer.
            try #require(ContinuousClock.now < deadline, "files before \(newest) stay")
            _ = try root.query("PURGE BINARY LOGS TO '\(newest)'")
            usleep(100_000)
        }
    }

    /// Ends every stream of the log, as a broken network would.
    func killStreams() throws {
        let streams = try root.query(
            "SELECT id FROM information_schema.processlist WHERE command = 'Binlog Dump'"
        ).rows.compactMap { $0.first ?? nil }
        for id in streams { try kill(id) }
    }

    private func kill(_ id: String) throws {
        do {
            _ = try root.query("KILL \(id)")
        } catch {
            // It ended by itself.
            let unknownThread: UInt16 = 1094
            guard error.code == .serverError(unknownThread) else { throw error }
        }
    }
}

extension AuditTrail {
    /// `sdl run --until current`, which has to succeed.
    func storeAll() throws {
        let run = try catchUp()
        let complaints = try run.complaints
        try #require(run.exitCode == 0, "\(complaints)")
    }

    /// The stored inserts into `d.t`, by the key; an id that is stored twice is an error.
    func inserts() throws -> [Int64: AuditValue] {
        var found: [Int64: AuditValue] = [:]
        for document in try rowChanges() {
            let value = AuditValue.document(try AuditValue.members(document))
            guard value["op"]?.text == "i", value["meta"]?["tbl"]?.text == "t",
                let key = value["meta"]?["pk"]?.number
            else { continue }
            let earlier = found.updateValue(value, forKey: key)
            try #require(earlier == nil, "row \(key) twice")
        }
        return found
    }
}
