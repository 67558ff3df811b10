import BinlogProtocol
import Foundation
import TestSupport

@testable import MongoSink

/// A database on a server whose log carries no names, an account that may look them up, and `sdl` pointed at it.
struct MinimalSource {
    let server: ServiceInstance
    let root: ServerConnection
    var trail: AuditTrail
    /// Also the account's name.
    let name = "lookup\(UInt32.random(in: 0...999_999_999))"

    init(_ server: ServiceInstance, grant: Bool = true, _ settings: [String: String] = [:]) throws {
        self.server = server
        root = try server.root()
        let start = try server.executed()
        trail = try AuditTrail(
            source: server,
            ["START": start.isEmpty ? "earliest" : "\(start)"].merging(settings) { $1 })
        trail.environment["MYSQL_USER"] = name
        trail.environment["MYSQL_PASS"] = "x"
        trail.environment["INCLUDE_REGEX"] = "\(name)\\..*"
        try run(
            root,
            [
                "SET GLOBAL binlog_row_metadata = MINIMAL", "CREATE DATABASE \(name)",
                "USE \(name)", "CREATE USER \(name) IDENTIFIED BY 'x'",
                "GRANT REPLICATION SLAVE ON *.* TO \(name)",
            ])
        if grant { try self.grant() }
    }

    func grant() throws { try run(root, ["GRANT SELECT ON \(name).* TO \(name)"]) }

    func execute(_ statements: String...) throws { try run(root, statements) }

    /// Runs `sdl run` to the end of the log.
    func catchUp() throws -> SDLCommand {
        let run = try trail.catchUp()
        let complaints = try run.complaints
        if run.exitCode != 0 { throw AuditValue.Unexpected(description: complaints) }
        return run
    }

    /// The stored changes of rows, in the order of the log, without statements.
    func changes(of table: String? = nil) throws -> [AuditValue] {
        let all = try trail.rowChanges().map { AuditValue.document(try AuditValue.members($0)) }
        return all.filter {
            $0["chg"] != nil && (table == nil || $0["meta"]?["tbl"]?.text == table)
        }.sorted { Self.place($0) < Self.place($1) }
    }

    private static func place(_ document: AuditValue) -> (Int64, Int64) {
        let gtid = document["src"]?["gtid"]?.text?.split(separator: ":").last ?? ""
        return (Int64(gtid) ?? 0, document["src"]?["row"]?.number ?? 0)
    }

    /// `chg` of each change of a table as text, behind `src.schema`.
    func texts(of table: String) throws -> [String] {
        try changes(of: table).map { document in
            "\(document["src"]?["schema"]?.text ?? "log") \(document["meta"]?["pk"] ?? .null) "
                + "\(document["chg"] ?? .null)"
        }
    }

    func drop() throws {
        try run(root, ["DROP DATABASE \(name)", "DROP USER \(name)"])
        try trail.drop()
    }
}
