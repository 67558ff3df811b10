/// Random statements that change rows.
extension Workload {
    mutating func statement(_ table: Table) -> (sql: String, isExact: Bool) {
        let some = "ORDER BY RAND(\(dice.roll(1...1_000_000))) LIMIT \(dice.roll(1...6))"
        switch dice.roll(1...100) {
        case ...40: return (insert(table, dice.pick(["INSERT", "INSERT IGNORE"])), true)
        case ...45: return (insert(table, "REPLACE"), false)
        case ...50:
            let assignment = assignments(table, columnsMax: 2)
            return (insert(table, "INSERT") + " ON DUPLICATE KEY UPDATE \(assignment)", false)
        case ...70:
            return ("UPDATE \(table.quoted) SET \(assignments(table, columnsMax: 4)) \(some)", true)
        case ...78 where !table.key.isEmpty:
            let name = dice.pick(table.key)
            guard let column = table.columns.first(where: { $0.name == name }) else {
                return ("DO 0", true)
            }
            let value = literal(column)
            return ("UPDATE IGNORE \(table.quoted) SET \(column.quoted) = \(value) \(some)", true)
        case ...80: return ("UPDATE \(table.quoted) SET \(assignments(table, columnsMax: 1))", true)
        case ...92: return ("DELETE FROM \(table.quoted) \(some)", true)
        case 93 where dice.chance(30): return ("DELETE FROM \(table.quoted)", true)
        case ...96 where table.key.isEmpty:
            return ("INSERT INTO \(table.quoted) SELECT * FROM \(table.quoted) LIMIT 40", true)
        default:
            let values = rowList(table, dice.roll(20...60))
            return (
                "INSERT IGNORE INTO \(table.quoted) (\(table.columnList)) VALUES \(values)", true
            )
        }
    }

    private mutating func insert(_ table: Table, _ verb: String) -> String {
        let rows = rowList(table, dice.roll(1...5))
        return "\(verb) INTO \(table.quoted) (\(table.columnList)) VALUES \(rows)"
    }

    mutating func rowList(_ table: Table, _ count: Int) -> String {
        var rows: [String] = []
        for _ in 0..<count {
            var values: [String] = []
            for column in table.columns { values.append(literal(column)) }
            rows.append("(\(values.joined(separator: ",")))")
        }
        return rows.joined(separator: ",")
    }

    private mutating func literal(_ column: TableColumn) -> String {
        column.literal(isMariaDB: options.isMariaDB, &dice)
    }

    /// New values for columns outside the key.
    private mutating func assignments(_ table: Table, columnsMax: Int) -> String {
        let free = table.columns.filter { !table.key.contains($0.name) }
        let columns = dice.shuffled(free.isEmpty ? table.columns : free)
        var assignments: [String] = []
        for column in columns.prefix(dice.roll(1...columnsMax)) {
            let isEdit = column.kind == .json && options.partialJSON && dice.chance(70)
            let value = isEdit ? JSONLiteral.edit(column.quoted, &dice) : literal(column)
            assignments.append("\(column.quoted) = \(value)")
        }
        return assignments.joined(separator: ", ")
    }
}
