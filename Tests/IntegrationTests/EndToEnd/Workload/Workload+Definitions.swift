import BinlogProtocol

/// Definitions that change while the log is being written.
extension Workload {
    /// Columns that are added, with the value that rows already there get.
    private static let added: [(ColumnKind, String, AuditValue)] = [
        (.integer(byteCount: 4, isUnsigned: false), "INT NULL", .null),
        (.integer(byteCount: 4, isUnsigned: false), "INT NOT NULL DEFAULT 7", .int32(7)),
        (
            .varchar(20, .utf8mb4), "VARCHAR(20) CHARACTER SET utf8mb4 NOT NULL DEFAULT 'né'",
            .string("né")
        ),
        (
            .decimal(precision: 10, scale: 2), "DECIMAL(10,2) NOT NULL DEFAULT 1.50",
            .decimal(isNegative: false, coefficient: 150, exponent: -2)
        ),
        (.json, "JSON NOT NULL", .null),
        (
            .enumeration(["x", "y"], .utf8mb4), "ENUM('x','y') CHARACTER SET utf8mb4 NOT NULL",
            .string("x")
        ),
        (.bit(3), "BIT(3) NOT NULL DEFAULT b'101'", .int64(5)),
    ]

    /// Changes one table's definition.
    mutating func alterSomething() throws {
        let index = dice.roll(0...(tables.count - 1))
        switch dice.roll(1...10) {
        case 1...3: try addColumn(index)
        case 4...5: try dropColumn(index)
        case 6...7: try moveColumn(index)
        case 8: try rename(index)
        case 9: try copy(index)
        default:
            let table = tables[index]
            try define(
                "TRUNCATE TABLE \(table.quoted)",
                .empty(database: table.database, table: table.name))
        }
    }

    private mutating func addColumn(_ index: Int) throws {
        // MariaDB's JSON has no default that is JSON.
        let (kind, type, value) = dice.pick(
            Self.added.filter { !options.isMariaDB || $0.0 != .json })
        let table = tables[index]
        let name = "added.\(nextID())"
        let column = TableColumn(name: name, kind: kind, isNullable: false)
        let position = dice.roll(0...table.columns.count)
        let place = position == 0 ? "FIRST" : "AFTER \(table.columns[position - 1].quoted)"
        try define(
            "ALTER TABLE \(table.quoted) ADD COLUMN \(column.quoted) \(type) \(place)",
            .addColumn(
                database: table.database, table: table.name, field: column.field, value: value))
        tables[index].columns.insert(column, at: position)
    }

    private mutating func dropColumn(_ index: Int) throws {
        let table = tables[index]
        let free = table.columns.filter { !table.key.contains($0.name) }
        guard free.count > 1 else { return }
        let column = dice.pick(free)
        try define(
            "ALTER TABLE \(table.quoted) DROP COLUMN \(column.quoted)",
            .dropColumn(database: table.database, table: table.name, field: column.field))
        tables[index].columns.removeAll { $0.name == column.name }
    }

    private mutating func moveColumn(_ index: Int) throws {
        var table = tables[index]
        let column = table.columns.remove(at: dice.roll(0...(table.columns.count - 1)))
        let position = dice.roll(0...table.columns.count)
        let place = position == 0 ? "FIRST" : "AFTER \(table.columns[position - 1].quoted)"
        // A column that was added has a default, which the new definition must keep.
        guard !column.name.hasPrefix("added") else { return }
        try define(
            "ALTER TABLE \(table.quoted) MODIFY COLUMN \(column.definition) \(place)", .other)
        table.columns.insert(column, at: position)
        tables[index] = table
    }

    private mutating func rename(_ index: Int) throws {
        let old = tables[index]
        // MariaDB's own types are known only by asking for the table, which has another name when we come.
        guard !old.columns.contains(where: { if case .mariaDB = $0.kind { true } else { false } })
        else { return }
        tables[index].name = "renamed.\(nextID())"
        try define(
            "RENAME TABLE \(old.quoted) TO \(tables[index].quoted)",
            .rename(database: old.database, from: old.name, to: tables[index].name))
    }

    /// CREATE TABLE … SELECT: a definition and rows in one transaction.
    private mutating func copy(_ index: Int) throws {
        let source = tables[index]
        guard !source.key.isEmpty else { return }
        var copy = source
        let id = nextID()
        copy.name = "copy.\(id)"
        copy.key = []
        _ = try connection.query(
            "/* \(id) */ CREATE TABLE \(copy.quoted) SELECT * FROM \(source.quoted)")
        // The server logs a statement of its own, without our comment.
        log.definitions["copy of \(copy.name)"] = .create
        log.copied.insert(id)
        log.transactions += 1
        copies.append(copy)
    }
}
