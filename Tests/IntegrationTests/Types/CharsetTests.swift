import BinlogProtocol
import TestSupport
import Testing

/// Every character set of real servers, in columns of every text type.
@Suite("Character sets of real servers", .serialized)
struct CharsetTests {
    /// Sample labels; each server and character set takes those that it has.
    private static let samples = [
        "a", "é", "ä", "ß", "ž", "Ж", "я", "α", "Ω", "ש", "ส", "日", "表", "가", "ქ", "Ա", "گ", "č",
        "█", "it's",
    ]

    /// Blocks of code points: the whole Basic Multilingual Plane, and some beyond it.
    private static let blocks: [String] = {
        var blocks: [String] = []
        for first in stride(from: UInt32(0), to: 0x1_0000, by: 1024) {
            blocks.append(block(first))
        }
        for first: UInt32 in [0x1_f000, 0x1_f400, 0x2_0000, 0x2_f800, 0x10_fc00] {
            blocks.append(block(first))
        }
        return blocks.filter { !$0.isEmpty }
    }()

    /// 1024 code points without surrogates, and without U+FFFD, that stands for "no character".
    ///
    /// Nor those that end in its digits: servers take them for it in tis620.
    private static func block(_ first: UInt32) -> String {
        var text = ""
        for value in first..<(first + 1024) where value & 0xffff != 0xfffd {
            if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
        }
        return text
    }

    private func hex(_ text: String) -> String { SelectText.hex(Array(text.utf8)) }

    @Test(
        "PY12: every collation has its character set",
        arguments: [Services.Kind.mysql, .mariadb, .mariadb118])
    func collations(kind: Services.Kind) throws {
        try TypeServer.with(kind) { server in
            let collations = try server.connection.query(
                kind == .mysql
                    ? "SELECT id, character_set_name FROM information_schema.collations"
                    : "SELECT id, character_set_name FROM"
                        + " information_schema.collation_character_set_applicability")
            #expect(collations.rows.count > 280)
            for row in collations.rows {
                let id = try #require(row[0].flatMap { Int($0) })
                #expect(Charset(collationID: id) == Charset(name: row[1] ?? ""), "collation \(id)")
            }
            let charsets = try server.connection.query(
                "SELECT character_set_name FROM information_schema.character_sets")
            for row in charsets.rows { #expect(Charset(name: row[0] ?? "") != nil, "\(row)") }
        }
    }

    @Test(
        "PY12, DZ17, DT10, MX8: every character in CHAR, VARCHAR and TEXT, and labels, as SELECT shows them",
        arguments: [Services.Kind.mysql, .mariadb, .mariadb118])
    func text(kind: Services.Kind) throws {
        try TypeServer.with(kind) { server in
            let names = try server.connection.query(
                "SELECT character_set_name FROM information_schema.character_sets"
                    + " WHERE character_set_name <> 'binary'"
            ).rows.compactMap { $0[0] }
            #expect(names.count >= 39)
            var labels: [String: [String]] = [:]
            for name in names { labels[name] = try fill(server, name) }
            let logged = try server.loggedRows()
            for name in names {
                try compare(server, name, labels[name] ?? [], logged["cs_\(name)"] ?? [])
            }
        }
    }

    @Test(
        "DZ17: statements of connections in every character set",
        arguments: [Services.Kind.mysql, .mariadb])
    func statements(kind: Services.Kind) throws {
        try TypeServer.with(kind) { server in
            let connection = server.connection
            // No client can speak those of whole units.
            let names = try connection.query(
                "SELECT character_set_name FROM information_schema.character_sets"
                    + " WHERE character_set_name NOT IN ('binary', 'ucs2', 'utf16', 'utf16le', 'utf32')"
            ).rows.compactMap { $0[0] }
            var expected: [String: String] = [:]
            for name in names {
                let comment = try labels(server, name).filter { $0 != "it's" }.joined()
                let sql = "CREATE TABLE st_\(name) (c INT COMMENT '\(comment)')"
                // The text of a prepared statement becomes that of the connection before it runs.
                try run(
                    connection,
                    [
                        "SET @s = _utf8mb4 X'\(hex(sql))'", "SET NAMES \(name)",
                        "PREPARE p FROM @s", "EXECUTE p", "SET NAMES utf8mb4",
                    ])
                expected[name] = sql
            }
            let logged = try server.loggedStatements(beginning: "CREATE TABLE st_")
            #expect(logged.count == names.count)
            for query in logged {
                let name = query.charset.description
                let text = expected.removeValue(forKey: name) ?? "none of ours"
                // What swe7 has in place of ASCII could as well be the server's own words.
                if name != "swe7" { #expect(query.utf8 == Array(text.utf8), "\(name)") }
            }
            #expect(expected.isEmpty)
        }
    }

    /// Those of the samples that a character set has.
    private func labels(_ server: TypeServer, _ charset: String) throws -> [String] {
        var labels: [String] = []
        for sample in Self.samples {
            let back = try server.connection.query(
                "SELECT HEX(CONVERT(CONVERT(_utf8mb4 X'\(hex(sample))' USING \(charset)) USING utf8mb4))"
            )
            // Some have two of these letters at one place.
            if back.singleValue == hex(sample) { labels.append(sample) }
        }
        return labels
    }

    /// Makes and fills the table of a character set; gives its labels back.
    private func fill(_ server: TypeServer, _ charset: String) throws -> [String] {
        let connection = server.connection
        let labels = try labels(server, charset)
        let list = labels.map { "'" + $0.replacing("'", with: "''") + "'" }.joined(separator: ",")
        _ = try connection.query(
            "CREATE TABLE cs_\(charset) (id INT AUTO_INCREMENT PRIMARY KEY, c CHAR(200), v VARCHAR(1024),"
                + " t MEDIUMTEXT, e ENUM(\(list)), s SET(\(list))) CHARACTER SET \(charset)"
                + " COLLATE \(charset)_bin")
        for (index, block) in Self.blocks.enumerated() {
            let isLabel = index < labels.count
            _ = try connection.query(
                "INSERT INTO cs_\(charset) (c, v, t, e, s) SELECT LEFT(x, 200), x, x,"
                    + " \(isLabel ? "\(index + 1)" : "NULL"), \(isLabel ? "\(1 << index | 1)" : "NULL")"
                    + " FROM (SELECT CONVERT(_utf8mb4 X'\(hex(block))' USING \(charset)) AS x) AS q"
            )
        }
        return labels
    }

    private func compare(
        _ server: TypeServer, _ charset: String, _ labels: [String],
        _ logged: [(columns: [Column], values: [ColumnValue?])]
    ) throws {
        let text = ["c", "v", "t", "e"].map { "HEX(CONVERT(\($0) USING utf8mb4))" }
        let selected = try server.connection.query(
            "SELECT \(text.joined(separator: ",")), HEX(CONVERT(s USING utf8mb4)) FROM cs_\(charset) ORDER BY id"
        )
        #expect(logged.count == Self.blocks.count && selected.rows.count == logged.count)
        for (row, expected) in zip(logged, selected.rows) {
            for (index, name) in ["c", "v", "t"].enumerated() {
                guard case .string(let value) = row.values[1 + index] else {
                    Issue.record(
                        "\(charset) \(name): no text, \(String(describing: row.values[0]))")
                    continue
                }
                #expect(
                    hex(value) == expected[index],
                    "\(charset) \(name) \(String(describing: row.values[0]))")
            }
            switch row.values[4] {
            case .enumeration(_, let label):
                #expect(label.map(hex) == expected[3], "\(charset) e")
            default: #expect(expected[3] == nil && row.values[4] == .null)
            }
            switch row.values[5] {
            case .set(_, let chosen):
                #expect(
                    chosen.map { hex($0.joined(separator: ",")) } == expected[4], "\(charset) s")
            default: #expect(expected[4] == nil && row.values[5] == .null)
            }
        }
        #expect(labels.count > 1)
    }
}
