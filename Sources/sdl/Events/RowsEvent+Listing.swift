internal import BinlogProtocol

extension RowsEvent {
    func list(_ flags: UInt64, to text: ListingText) throws(DecodingError) {
        text.line("table \(table.database).\(table.table), id \(table.tableID)")
        let flagNames: KeyValuePairs<UInt64, String> = [
            1: "STMT_END", 2: "NO_FOREIGN_KEY_CHECKS", 4: "RELAXED_UNIQUE_CHECKS",
            8: "COMPLETE_ROWS", 16: "USE_SQL_FOREIGN_KEY", 128: "NO_CHECK_CONSTRAINT_CHECKS",
        ]
        text.line(
            "\(kind)\(isPartial ? ", partial" : ""), flags \(ListingText.flags(flags, flagNames))")
        if let partition {
            let source = sourcePartition.map { ", from partition \($0)" } ?? ""
            text.line("partition \(partition)\(source)")
        }
        if kind != .insert { text.line("columns before: \(names(beforeColumns))") }
        if kind != .delete { text.line("columns after: \(names(afterColumns))") }
        var cursor = RowCursor(self)
        var number = 0
        while !text.isBroken, try cursor.next() {
            number += 1
            if kind != .insert {
                text.line("row \(number) before")
                try text.indented { () throws(DecodingError) in
                    try list(cursor.before, beforeColumns, cursor, to: text)
                }
            }
            if kind != .delete {
                text.line("row \(number) after")
                try text.indented { () throws(DecodingError) in
                    try list(cursor.after, afterColumns, cursor, isAfter: true, to: text)
                }
            }
        }
    }

    private func names(_ columns: [Int]) -> String {
        if columns.count == table.columns.count { return "all \(columns.count)" }
        if columns.isEmpty { return "none" }
        return columns.map { table.columns[$0].name }.joined(separator: ", ")
            + " of \(table.columns.count)"
    }

    private func list(
        _ cells: [CellRange], _ columns: [Int], _ cursor: RowCursor, isAfter: Bool = false,
        to text: ListingText
    ) throws(DecodingError) {
        for index in columns {
            let column = table.columns[index]
            let isDifference =
                isAfter && !cursor.isDifference.isEmpty && cursor.isDifference[index]
            if isDifference {
                text.line("\(column.name): only what changed is in the log")
            } else if let value = try ColumnValue(cells[index], of: column, in: cursor.storage) {
                text.line("\(column.name) = \(value.listing(column.type))")
            }
            guard isAfter else { continue }
            for (changed, cell) in cursor.differences where changed == index {
                try text.indented { () throws(DecodingError) in
                    try Self.listDifferences(cell, in: cursor.storage, to: text)
                }
            }
        }
    }

    private static func listDifferences(
        _ cell: CellRange, in bytes: [UInt8], to text: ListingText
    ) throws(DecodingError) {
        for difference in try JSONDiffCell.all(in: cell, of: bytes) {
            let path = String(decoding: bytes[difference.path.range], as: UTF8.self)
            var line = "\(difference.operation) \(path)"
            if let value = difference.value {
                var json: [UInt8] = []
                try JSONText.append(value, in: bytes, to: &json)
                line += " = " + String(decoding: json, as: UTF8.self)
            }
            text.line(line)
        }
    }
}
