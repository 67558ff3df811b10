import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// Names from `information_schema`, end to end through `sdl run`.
@Suite(
    "Names that are looked up", .serialized,
    .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
struct LookupTests {
    private func withSource(
        _ name: String, grant: Bool = true, options: [String] = [],
        settings: [String: String] = [:], _ body: (MinimalSource) throws -> Void
    ) throws {
        let server = try Services.start(
            .mysql, name: name, options: ["--binlog-row-metadata=MINIMAL"] + options)
        defer { stop(server) }
        let source = try MinimalSource(server, grant: grant, settings)
        try body(source)
        try source.drop()
    }

    @Test("the same documents as with names in the log, but for ENUM and SET; DZ16: names")
    func sameAsLogged() throws {
        try withSource(
            "look-same", options: ["--sql-generate-invisible-primary-key=ON"],
            settings: ["FULL_IMAGES": "true"]
        ) { source in
            let long = String(repeating: "ü", count: 64)
            let tables = ["`we ird.tbl`", "`ta``ble'\"`", "`☃ \\`", "`\(long)`", "wide", "hidden"]
            for table in tables.dropLast(2) {
                try source.execute(
                    "CREATE TABLE \(table) (`a ``b'.$` INT, `☃` TEXT, PRIMARY KEY (`a ``b'.$`))")
            }
            try source.execute(
                """
                CREATE TABLE wide (
                  i1 TINYINT UNSIGNED, i2 SMALLINT, i3 MEDIUMINT UNSIGNED, i4 INT UNSIGNED NOT NULL,
                  i8 BIGINT UNSIGNED ZEROFILL, f FLOAT UNSIGNED, f2 FLOAT(7,4), d DOUBLE, n DECIMAL(10,2) UNSIGNED,
                  n0 DECIMAL, b BIT(7), y YEAR, da DATE, t TIME(3), dt DATETIME(6), ts TIMESTAMP(2) NULL,
                  c CHAR(5) CHARACTER SET latin1 NOT NULL, vc VARCHAR(300), vl VARCHAR(255) CHARACTER SET latin1,
                  nc NCHAR(3), bi BINARY(16), vb VARBINARY(20), tt TINYTEXT, tx TEXT, mt MEDIUMTEXT, lt LONGTEXT,
                  tb TINYBLOB, bb BLOB, mb MEDIUMBLOB, lb LONGBLOB, j JSON, g GEOMETRY, p POINT,
                  gc GEOMETRYCOLLECTION, v VECTOR(3), bo BOOL, inv INT INVISIBLE, vg BIGINT AS (i4 + 1) VIRTUAL,
                  sg BIGINT AS (i4 + 2) STORED, PRIMARY KEY (c, i4), KEY ((i2 + 5)))
                """,
                "CREATE TABLE hidden (x INT)")
            for metadata in ["MINIMAL", "FULL"] {
                try source.execute("SET GLOBAL binlog_row_metadata = \(metadata)")
                for table in tables.dropLast(2) {
                    try source.execute(
                        "INSERT INTO \(table) VALUES (1, 'x')", "DELETE FROM \(table)")
                }
                try source.execute(
                    """
                    INSERT INTO wide (i1, i2, i3, i4, i8, f, f2, d, n, n0, b, y, da, t, dt, ts, c, vc, vl, nc, bi, vb,
                      tt, tx, mt, lt, tb, bb, mb, lb, j, g, p, gc, v, bo, inv) VALUES (255, -2, 16777215,
                      4294967295, 18446744073709551615, 1.5, 2.25, 3.5, 12.34, 5, b'1010101', 2026, '2026-01-02',
                      '-01:02:03.456', '2026-01-02 03:04:05.678901', '2026-01-02 03:04:05.67', 'grün', '日本 🐟',
                      'é', 'äöü', x'00ff', x'01', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', '{"k": [1]}',
                      ST_GeomFromText('POINT(1 2)'), POINT(3, 4), ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))'),
                      STRING_TO_VECTOR('[1,2,3]'), TRUE, 9)
                    """,
                    "UPDATE wide SET i1 = 1, c = 'neu'", "DELETE FROM wide",
                    "ALTER TABLE hidden AUTO_INCREMENT = 1", "INSERT INTO hidden VALUES (4)",
                    "UPDATE hidden SET x = 5", "DELETE FROM hidden")
            }
            _ = try source.catchUp()
            let changes = try source.changes()
            let half = changes.count / 2
            #expect(changes.count == 2 * (4 * 2 + 3 + 3))
            for (looked, logged) in zip(changes.prefix(half), changes.suffix(half)) {
                #expect(looked["src"]?["schema"]?.text == "lookup")
                #expect(logged["src"]?["schema"] == nil)
                for part in ["op", "chg", "before", "after"] {
                    #expect(looked[part] == logged[part])
                }
                #expect(looked["meta"]?["tbl"] == logged["meta"]?["tbl"])
                if logged["meta"]?["tbl"]?.text != "hidden" {
                    #expect(looked["meta"] == logged["meta"])
                }
            }
            // The generated key is a number that went up between the two.
            let hidden = try source.changes(of: "hidden").map { $0["meta"]?["pk"]?.number ?? 0 }
            #expect(hidden.count == 6 && hidden.allSatisfy { $0 > 0 })
        }
    }

    @Test("GM2, ZJ6, MZ3: definitions that changed while we were away")
    func changedMeanwhile() throws {
        try withSource("look-changed") { source in
            try source.execute(
                "CREATE TABLE moved (a INT PRIMARY KEY, c VARCHAR(9), d INT)",
                "INSERT INTO moved VALUES (1, 'x', 3)",
                "ALTER TABLE moved MODIFY c VARCHAR(9) FIRST, ADD COLUMN x INT AFTER a",
                "INSERT INTO moved VALUES ('y', 2, 3, 4)",
                "CREATE TABLE fewer (a INT PRIMARY KEY, b INT, c INT)",
                "INSERT INTO fewer VALUES (1, 2, 3)", "ALTER TABLE fewer DROP COLUMN b",
                "INSERT INTO fewer VALUES (2, 4)",
                "CREATE TABLE enums (a INT PRIMARY KEY, e ENUM('x','y'), s SET('p','q'))",
                "INSERT INTO enums VALUES (1, 'y', 'q')",
                "ALTER TABLE enums MODIFY e ENUM('y','x')",
                "INSERT INTO enums VALUES (2, 'y', 'p,q')",
                "CREATE TABLE gone (a INT PRIMARY KEY)", "INSERT INTO gone VALUES (1)",
                "DROP TABLE gone")
            let run = try source.catchUp()
            #expect(
                try source.texts(of: "moved") == [
                    "mismatch null {@1: {t: int32 1}, @2: {t: \"x\"}, @3: {t: int32 3}}",
                    "lookup int32 2 {c: {t: \"y\"}, a: {t: int32 2}, x: {t: int32 3}, d: {t: int32 4}}",
                ])
            #expect(
                try source.texts(of: "fewer") == [
                    "mismatch null {@1: {t: int32 1}, @2: {t: int32 2}, @3: {t: int32 3}}",
                    "lookup int32 2 {a: {t: int32 2}, c: {t: int32 4}}",
                ])
            #expect(
                try source.texts(of: "enums") == [
                    "lookup int32 1 {a: {t: int32 1}, e: {t: int32 2}, s: {t: int64 2}}",
                    "lookup int32 2 {a: {t: int32 2}, e: {t: int32 1}, s: {t: int64 3}}",
                ])
            #expect(try source.texts(of: "gone") == ["none null {@1: {t: int32 1}}"])
            let complaints = try run.complaints
            let advice = complaints.ranges(of: "Run SET PERSIST binlog_row_metadata = FULL").count
            #expect(advice == 1)
            #expect(complaints.contains("no column names of \(source.name).moved"))
            #expect(complaints.contains("no column names of \(source.name).gone"))
        }
    }

    @Test("a definition that changes while we follow: the names are those of the moment")
    func changedWhileFollowing() throws {
        try withSource("look-follow") { source in
            try source.execute("CREATE TABLE t (a INT PRIMARY KEY, b INT)")
            let sdl = try source.trail.start("run")
            func waitFor(_ count: Int) throws {
                for _ in 0..<600 where try source.changes().count < count {
                    Thread.sleep(forTimeInterval: 0.1)
                }
            }
            try source.execute("INSERT INTO t VALUES (1, 2)")
            try waitFor(1)
            try source.execute(
                "ALTER TABLE t RENAME COLUMN b TO c", "INSERT INTO t VALUES (2, 3)")
            try waitFor(2)
            // An idle connection that the server ended is made again.
            let idle = try source.root.query(
                "SELECT id FROM performance_schema.processlist WHERE command = 'Sleep' "
                    + "AND user = '\(source.name)'")
            #expect(idle.rows.count == 1)
            for row in idle.rows { try source.execute("KILL \(row[0] ?? "")") }
            try source.execute("CREATE TABLE u (z INT PRIMARY KEY)", "INSERT INTO u VALUES (1)")
            try waitFor(3)
            sdl.signal(SIGTERM)
            #expect(try sdl.wait() == 0)
            #expect(
                try source.texts(of: "t") == [
                    "lookup int32 1 {a: {t: int32 1}, b: {t: int32 2}}",
                    "lookup int32 2 {a: {t: int32 2}, c: {t: int32 3}}",
                ])
            #expect(try source.texts(of: "u") == ["lookup int32 1 {z: {t: int32 1}}"])
            #expect(try !sdl.complaints.contains("Trying again"))
        }
    }

    @Test(
        "DT4: an account that may not look: exit code 6, the position stays, and after the GRANT it goes on"
    )
    func privilege() throws {
        try withSource("look-denied", grant: false) { source in
            try source.execute("CREATE TABLE t (a INT PRIMARY KEY)")
            _ = try source.catchUp()
            let before = try source.trail.offset()?["gtid"]
            try source.execute("INSERT INTO t VALUES (1)")
            for _ in 0..<2 {
                let run = try source.trail.catchUp()
                #expect(run.exitCode == 6)
                #expect(try run.complaints.contains("GRANT SELECT ON `\(source.name)`.*"))
                #expect(try source.trail.offset()?["gtid"] == before)
                #expect(try source.changes().isEmpty)
            }
            try source.execute("GRANT SELECT (a) ON \(source.name).t TO \(source.name)")
            _ = try source.catchUp()
            #expect(try source.texts(of: "t") == ["lookup int32 1 {a: {t: int32 1}}"])
            // Of a table's columns only those behind a hidden one.
            try source.execute(
                "CREATE TABLE part (x INT, y INT)",
                "GRANT SELECT (y) ON \(source.name).part TO \(source.name)",
                "INSERT INTO part VALUES (1, 2)")
            let run = try source.trail.catchUp()
            #expect(run.exitCode == 6)
        }
    }

    @Test("DT11: row images MINIMAL and NOBLOB: absent is not NULL and not unchanged")
    func images() throws {
        try withSource("look-images") { source in
            for (image, table) in [("MINIMAL", "m"), ("NOBLOB", "n")] {
                try source.execute(
                    "SET SESSION binlog_row_image = '\(image)'",
                    "CREATE TABLE \(table)p (k INT PRIMARY KEY, a INT, b TEXT, c INT DEFAULT 7)",
                    "CREATE TABLE \(table)u (k INT NOT NULL UNIQUE, a INT, b TEXT)",
                    "CREATE TABLE \(table)x (a INT, b TEXT)")
                for suffix in ["p", "u"] {
                    try source.execute(
                        "INSERT INTO \(table)\(suffix) (k, a, b) VALUES (1, NULL, 'b')",
                        "UPDATE \(table)\(suffix) SET a = 5",
                        "UPDATE \(table)\(suffix) SET b = NULL",
                        "UPDATE \(table)\(suffix) SET k = 2", "DELETE FROM \(table)\(suffix)")
                }
                try source.execute(
                    "INSERT INTO \(table)x (a) VALUES (1)", "UPDATE \(table)x SET b = 'n'",
                    "DELETE FROM \(table)x")
            }
            _ = try source.catchUp()
            func texts(_ table: String) throws -> [String] {
                try source.changes(of: table).map { change in
                    let old = change["meta"]?["pkBefore"].map { " was \($0)" } ?? ""
                    return "\(change["op"]?.text ?? "") \(change["meta"]?["pk"] ?? .null)\(old) "
                        + "\(change["chg"] ?? .null)"
                }
            }
            #expect(
                try texts("mp") == [
                    "i int32 1 {k: {t: int32 1}, a: {t: null}, b: {t: \"b\"}}",
                    "u int32 1 {a: {t: int32 5}}", "u int32 1 {b: {t: null}}",
                    "u int32 2 was int32 1 {k: {f: int32 1, t: int32 2}}",
                    "d int32 2 {k: {f: int32 2}}",
                ])
            #expect(
                try texts("mu") == [
                    "i null {k: {t: int32 1}, a: {t: null}, b: {t: \"b\"}}",
                    "u null {a: {t: int32 5}}", "u null {b: {t: null}}",
                    "u null {k: {f: int32 1, t: int32 2}}", "d null {k: {f: int32 2}}",
                ])
            #expect(
                try texts("mx") == [
                    "i null {a: {t: int32 1}}", "u null {b: {f: null, t: \"n\"}}",
                    "d null {a: {f: int32 1}, b: {f: \"n\"}}",
                ])
            #expect(
                try texts("np") == [
                    "i int32 1 {k: {t: int32 1}, a: {t: null}, b: {t: \"b\"}, c: {t: int32 7}}",
                    "u int32 1 {a: {f: null, t: int32 5}}", "u int32 1 {b: {t: null}}",
                    "u int32 2 was int32 1 {k: {f: int32 1, t: int32 2}}",
                    "d int32 2 {k: {f: int32 2}, a: {f: int32 5}, c: {f: int32 7}}",
                ])
            #expect(
                try texts("nx") == [
                    "i null {a: {t: int32 1}}", "u null {b: {f: null, t: \"n\"}}",
                    "d null {a: {f: int32 1}, b: {f: \"n\"}}",
                ])
            let schemas = Set(try source.changes().map { $0["src"]?["schema"]?.text })
            #expect(schemas == ["lookup"])
        }
    }
}
