/// A column of a workload's table.
struct TableColumn {
    let name: String
    let kind: ColumnKind
    let isNullable: Bool

    /// The field name in documents, after the rule of INTERFACE section 2.
    var field: String {
        let dotless = name.replacing(".", with: "\u{FF0E}")
        return dotless.hasPrefix("$") ? "\u{FF04}" + dotless.dropFirst() : dotless
    }

    var quoted: String { Table.quote(name) }

    var definition: String {
        if kind.sql.contains("NOT NULL") { return "\(quoted) \(kind.sql)" }
        return "\(quoted) \(kind.sql)\(isNullable ? " NULL" : " NOT NULL")"
    }

    func literal(isMariaDB: Bool, _ dice: inout Dice) -> String {
        if isNullable, dice.chance(12) { return "NULL" }
        if kind == .json, isMariaDB { return JSONLiteral.text(&dice) }
        return kind.literal(&dice)
    }
}

/// A table of a workload as it is now.
struct Table {
    let database: String
    var name: String
    var columns: [TableColumn]
    /// Names of the key's columns, in the order of the table; empty without one.
    var key: [String]

    static func quote(_ name: String) -> String {
        "`" + name.replacing("`", with: "``") + "`"
    }

    var quoted: String { Self.quote(database) + "." + Self.quote(name) }

    var columnList: String { columns.map(\.quoted).joined(separator: ",") }

    var definition: String {
        var parts = columns.map(\.definition)
        if !key.isEmpty {
            parts.append("PRIMARY KEY (\(key.map(Self.quote).joined(separator: ",")))")
        }
        return "CREATE TABLE \(quoted) (\(parts.joined(separator: ", "))) CHARACTER SET utf8mb4"
    }

    /// The table without columns whose type only MariaDB's information_schema knows.
    var withoutServerTypes: Table {
        var table = self
        let known = columns.filter { if case .mariaDB = $0.kind { false } else { true } }
        guard !known.isEmpty else { return self }
        table.columns = known
        table.key = key.filter { name in known.contains { $0.name == name } }
        return table
    }

    private static let names = [
        "orders", "we ird.tbl", "ta`ble", "$money", "ünï☃", "日本", "a.b.c", "UPPER", "select",
        "x'; --", "\\back", "%wild_",
    ]
    private static let columnNames = [
        "id", "_id", "$set", "a.b", "x y", "order", "f", "t", "chg", "co\"l", "é", "日", "`tick`",
        "..", "$", "ts", "0", "UPPER", "it's", "{}", "☃",
    ]

    /// Tables that together have every type: with one, several or no key columns.
    static func random(
        database: String, fullImages: Bool, isMariaDB: Bool = false, _ dice: inout Dice
    ) -> [Table] {
        var kinds = ColumnKind.all(isMariaDB: isMariaDB, &dice)
        var tables: [Table] = []
        let names = dice.shuffled(Self.names)
        while !kinds.isEmpty {
            var columns: [TableColumn] = []
            let columnNames = dice.shuffled(Self.columnNames)
            let count = min(kinds.count, dice.roll(5...14))
            for kind in kinds.prefix(count) {
                let number = columns.count
                let base = columnNames[number % columnNames.count]
                columns.append(
                    TableColumn(
                        name: dice.chance(60) ? "\(base)\(number)" : "c\(number)", kind: kind,
                        isNullable: dice.chance(60) && !kind.sql.contains("NOT NULL")))
            }
            kinds.removeFirst(count)
            let number = tables.count
            let name = "\(names[number % names.count]) \(number)"
            var table = Table(database: database, name: name, columns: columns, key: [])
            if number > 0 || !fullImages { table.addKey(&dice) }
            table.columns = dice.shuffled(table.columns)
            // The log names the columns of a key in the order of the key.
            tables.append(table)
        }
        return tables
    }

    private mutating func addKey(_ dice: inout Dice) {
        let choices = columns.indices.filter { columns[$0].kind.canBeKey }
        let count = min(choices.count, dice.chance(40) ? dice.roll(2...3) : 1)
        let chosen = dice.shuffled(choices).prefix(count)
        for index in chosen {
            let column = columns[index]
            columns[index] = TableColumn(name: column.name, kind: column.kind, isNullable: false)
            key.append(column.name)
        }
        // A key of one small column would allow few rows only.
        guard chosen.count < 2, dice.chance(70) else { return }
        columns.append(
            TableColumn(
                name: "wide key", kind: .integer(byteCount: 4, isUnsigned: false),
                isNullable: false))
        key.append("wide key")
    }
}
