import BinlogProtocol
import TestSupport
import Testing

/// Each column type in a table of its own, beside columns that would show a value of a wrong length.
@Suite("Column types of real servers", .serialized)
struct TypeTests {
    @Test(
        "PY9, GM4, GM7, GM8, OJ8, DZ14, DZ15, RS2, RS6: least, most, NULL and edges as SELECT shows them",
        arguments: [Services.Kind.mysql, .mariadb, .mariadb118])
    func values(kind: Services.Kind) throws {
        try TypeServer.with(kind) { server in
            let cases = TypeCase.of(kind)
            var hidden: [String: ColumnType] = [:]
            for (index, type) in cases.enumerated() {
                hidden["t\(index)"] = type.hidden
                try run(
                    server.connection,
                    [
                        "CREATE TABLE t\(index) (id INT AUTO_INCREMENT PRIMARY KEY, before_v YEAR,"
                            + " v \(type.sql), after_v BIGINT UNSIGNED)",
                        "INSERT INTO t\(index) (before_v, v, after_v) VALUES "
                            + (type.literals + ["NULL"])
                            .map { "(2155, \($0), 18446744073709551615)" }.joined(separator: ","),
                    ])
            }
            let logged = try server.loggedRows(types: hidden)
            for (index, type) in cases.enumerated() {
                let rows = logged["t\(index)"] ?? []
                let expected = try server.connection.query(
                    "SELECT \(type.form.rawValue) FROM t\(index) ORDER BY id")
                #expect(rows.count == type.literals.count + 1, "\(type.sql)")
                #expect(rows.count == expected.rows.count, "\(type.sql)")
                for (row, selected) in zip(rows, expected.rows) {
                    let value = row.values[2].flatMap { SelectText.of($0, row.columns[2].type) }
                    #expect(
                        value == selected[0],
                        "\(server.version) \(type.sql) row \(String(describing: row.values[0]))")
                    #expect(row.values[1] == .year(2155), "\(type.sql)")
                    #expect(row.values[3] == .unsignedInteger(.max), "\(type.sql)")
                }
            }
        }
    }

    @Test(
        "Generated and invisible columns; an index over a JSON array adds none",
        arguments: [Services.Kind.mysql, .mariadb])
    func hiddenColumns(kind: Services.Kind) throws {
        try TypeServer.with(kind) { server in
            let index =
                kind == .mysql
                ? ", INDEX ((CAST(j->'$.a' AS UNSIGNED ARRAY))), INDEX ((UPPER(n)))" : ""
            try run(
                server.connection,
                [
                    "CREATE TABLE hidden (id INT PRIMARY KEY, i INT INVISIBLE, g INT AS (id + 1) STORED,"
                        + " w INT AS (id + 2) VIRTUAL, j JSON, n VARCHAR(20)\(index))",
                    #"INSERT INTO hidden (id, i, j, n) VALUES (1, 5, '{"a": [1, 2]}', 'n')"#,
                ])
            let rows = try #require(try server.loggedRows()["hidden"])
            #expect(rows.count == 1)
            #expect(rows[0].columns.map(\.name) == ["id", "i", "g", "w", "j", "n"])
            let json = #"{"a": [1, 2]}"#
            #expect(
                rows[0].values == [
                    .integer(1), .integer(5), .integer(2), .integer(3),
                    kind == .mysql ? .json(json) : .string(json), .string("n"),
                ])
        }
    }

    @Test(
        "MX7: dates and times of mysql56_temporal_format=OFF, once their digits are known",
        arguments: [Services.Kind.mariadb, .mariadb118])
    func oldTemporal(kind: Services.Kind) throws {
        try TypeServer.with(kind) { server in
            try run(server.connection, ["SET GLOBAL mysql56_temporal_format = OFF"])
            for type in TypeCase.temporals where type.sql.contains("(") {
                let digits = try #require(type.sql.compactMap(\.wholeNumberValue).first)
                let table = "old_\(type.sql.prefix { $0 != "(" })_\(digits)".lowercased()
                try run(
                    server.connection,
                    [
                        "CREATE TABLE \(table) (id INT AUTO_INCREMENT PRIMARY KEY, v \(type.sql) NOT NULL)"
                    ]
                        + type.literals.map { "INSERT INTO \(table) (v) VALUES (\($0))" })
                let expected = try server.connection.query(
                    "SELECT \(type.form.rawValue) FROM \(table) ORDER BY id")
                let events = try server.loggedEvents(of: table)
                #expect(events.count == type.literals.count && expected.rows.count == events.count)
                for (event, selected) in zip(events, expected.rows) {
                    let logged = event.table.columns[1]
                    #expect(logged.refusal != nil, "\(table)")
                    let column = logged.replacingFractionDigits(digits)
                    // A NULL bitmap of one byte and an INT stand before the value, nothing behind it.
                    let start = event.rowsRange.lowerBound + 5
                    let cell = CellRange(start: start, count: event.rowsRange.upperBound - start)
                    #expect(column.storage == .fixed(UInt8(cell.count)), "\(table)")
                    let value = try #require(
                        try ColumnValue(cell, of: column, in: event.storage))
                    #expect(SelectText.of(value, column.type) == selected[0], "\(table)")
                }
            }
        }
    }
}
