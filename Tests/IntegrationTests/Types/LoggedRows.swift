import BinlogProtocol
import Foundation
import TestSupport

/// A private server of one of the flavors, and the rows that stand in its binary log files.
struct TypeServer {
    let kind: Services.Kind
    let instance: ServiceInstance
    let connection: ServerConnection
    let version: String

    var flavor: Flavor { kind == .mysql ? .mysql : .mariadb }

    /// Runs `body` with a fresh server, which is gone afterwards.
    static func with(_ kind: Services.Kind, _ body: (TypeServer) throws -> Void) throws {
        let name = "types\(UInt32.random(in: 0...999_999_999))"
        let instance = try Services.start(kind, name: name)
        let outcome = Result {
            let connection = try ServerConnection.connect(
                instance.options(
                    user: instance.rootUser, password: instance.rootPassword,
                    flavor: kind == .mysql ? .mysql : .mariadb),
                cancellation: Cancellation())
            let version = try connection.query("SELECT VERSION()").singleValue ?? ""
            try run(
                connection,
                [
                    "SET NAMES utf8mb4", "SET time_zone = '+00:00'", "SET sql_mode = ''",
                    "CREATE DATABASE types", "USE types",
                ])
            try body(
                TypeServer(
                    kind: kind, instance: instance, connection: connection, version: version))
        }
        try Services.stop(instance)
        try outcome.get()
    }

    /// The after images of all rows in the log by table, each with its columns.
    ///
    /// - Parameter types: what `information_schema` would say of columns that hide their type, by table.
    func loggedRows(
        types: [String: ColumnType] = [:]
    ) throws -> [String: [(columns: [Column], values: [ColumnValue?])]] {
        var rows: [String: [(columns: [Column], values: [ColumnValue?])]] = [:]
        for event in try loggedEvents() {
            let table = event.table
            let columns = table.columns.map { column in
                types[table.table].map { column.replacingType($0) } ?? column
            }
            var cursor = RowCursor(event)
            while try cursor.next() {
                var values: [ColumnValue?] = []
                for (cell, column) in zip(cursor.after, columns) {
                    values.append(try ColumnValue(cell, of: column, in: cursor.storage))
                }
                rows[table.table, default: []].append((columns, values))
            }
        }
        return rows
    }

    /// The inserts in the log, of one table or of all.
    func loggedEvents(of name: String? = nil) throws -> [RowsEvent] {
        var rows: [RowsEvent] = []
        var tables: [UInt64: TableMap] = [:]
        for event in try events() {
            let type = event[4]
            var reader = ByteReader(event, in: 19..<(event.count - 4))
            if type == 19 {
                let table = try TableMap(from: &reader, tableIDBytes: 6, flavor: flavor)
                tables[table.tableID] = table
                continue
            }
            // Version 1 on MariaDB, version 2 on MySQL.
            guard type == 23 || type == 30 else { continue }
            let id = try RowsEvent.readTableID(from: &reader, tableIDBytes: 6)
            guard let table = tables[id], table.database == "types" else { continue }
            guard name == nil || name == table.table else { continue }
            rows.append(
                try RowsEvent(
                    from: &reader, kind: .insert, table: table,
                    layout: type == 30 ? .version2 : .version1))
        }
        return rows
    }

    /// The statements in the log that have `text` in their first bytes.
    func loggedStatements(beginning text: String) throws -> [QueryEvent] {
        var statements: [QueryEvent] = []
        for event in try events() where event[4] == 2 {
            var reader = ByteReader(event, in: 19..<(event.count - 4))
            let query = try QueryEvent(from: &reader)
            if query.statement.starts(with: text.utf8) { statements.append(query) }
        }
        return statements
    }

    private func events() throws -> [[UInt8]] {
        let folder = URL(fileURLWithPath: try instance.dataFolder)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasPrefix("mysql-bin.") && Int($0.dropFirst(10)) != nil }.sorted()
        var events: [[UInt8]] = []
        for name in names {
            let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
            var at = 4
            while at + 19 <= bytes.count {
                let size = (0..<4).reduce(0) { $0 | Int(bytes[at + 9 + $1]) << (8 * $1) }
                guard size >= 23, at + size <= bytes.count else { break }
                events.append(Array(bytes[at..<(at + size)]))
                at += size
            }
        }
        return events
    }
}
