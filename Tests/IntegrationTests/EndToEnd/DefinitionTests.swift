import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// Definitions that change while the log is read later: names and columns are those at the time of each event.
@Suite(.serialized, .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
struct DefinitionTests {
    private struct Case {
        let title: String
        let statements: [String]
        let expected: [String]
    }

    @Test("MX9 MX11 MZ1 GM16 MX14 DT14: what becomes of tables, and the rows around it")
    func definitions() throws {
        let log = try LoggedDocuments("definitions")
        defer { stop(log.source) }
        try run(
            log.connection,
            ["CREATE DATABASE d", "USE d", "SET binlog_rows_query_log_events = OFF"])
        for one in Self.renames + Self.cutOvers + Self.emptyings + Self.others {
            let found = try log.summary(one.statements)
            #expect(found == one.expected, "\(one.title)")
        }
        // Last, since it takes the database away.
        #expect(
            try log.summary(["CREATE TABLE z (a INT)", "DROP TABLE z, k", "DROP DATABASE d"])
                == ["ddl z", "ddl z", "ddl -"])
    }

    private static let renames = [
        Case(
            title: "MX9: a table gets another name",
            statements: [
                "CREATE TABLE r (x INT)", "INSERT INTO r VALUES (1)", "RENAME TABLE r TO s",
                "INSERT INTO s VALUES (2)", "ALTER TABLE s RENAME TO k", "INSERT INTO k VALUES (3)",
            ],
            expected: ["ddl r", "i r[x]", "ddl r", "i s[x]", "ddl s", "i k[x]"]),
        Case(
            title: "MX9: two tables swap their names",
            statements: [
                "CREATE TABLE a (x INT)", "CREATE TABLE b (y INT)", "INSERT INTO a VALUES (1)",
                "INSERT INTO b VALUES (1)", "RENAME TABLE a TO tmp, b TO a, tmp TO b",
                "INSERT INTO a VALUES (2)", "INSERT INTO b VALUES (2)",
            ],
            expected: ["ddl a", "ddl b", "i a[x]", "i b[y]", "ddl a", "i a[y]", "i b[x]"]),
        Case(
            title: "MX9: dropped and made again under the same name",
            statements: [
                "DROP TABLE a", "CREATE TABLE a (z INT, w INT)", "INSERT INTO a VALUES (1, 2)",
            ],
            expected: ["ddl a", "ddl a", "i a[w,z]"]),
        Case(
            title: "DZ16: renamed by case only",
            statements: [
                "CREATE TABLE Case1 (x INT)", "INSERT INTO Case1 VALUES (1)",
                "RENAME TABLE Case1 TO cASE1", "INSERT INTO cASE1 VALUES (2)",
            ],
            expected: ["ddl Case1", "i Case1[x]", "ddl Case1", "i cASE1[x]"]),
        Case(
            title: "columns change their order, names and number",
            statements: [
                "CREATE TABLE c (one INT, two VARCHAR(9))", "INSERT INTO c VALUES (1, 'x')",
                "ALTER TABLE c MODIFY two VARCHAR(9) FIRST", "INSERT INTO c VALUES ('y', 2)",
                "ALTER TABLE c RENAME COLUMN one TO three, ADD four INT FIRST",
                "DELETE FROM c WHERE three = 2",
            ],
            expected: [
                "ddl c", "i c[one,two]", "ddl c", "i c[one,two]", "ddl c", "d c[four,three,two]",
            ]),
    ]

    private static let cutOvers = [
        Case(
            title: "MX9: what gh-ost does, from its shadow table to the cut-over",
            statements: [
                "CREATE TABLE orders (id INT PRIMARY KEY, v INT)",
                "INSERT INTO orders VALUES (1, 1)", "CREATE TABLE `_orders_gho` LIKE orders",
                "ALTER TABLE `_orders_gho` ADD COLUMN n INT DEFAULT 7",
                "INSERT /* gh-ost */ IGNORE INTO `_orders_gho` (id, v) (SELECT id, v FROM orders FORCE INDEX (PRIMARY) LOCK IN SHARE MODE)",
                "UPDATE orders SET v = 2", "REPLACE INTO `_orders_gho` (id, v) VALUES (1, 2)",
                "CREATE TABLE `_orders_del` (id INT PRIMARY KEY) COMMENT = 'ghost-cut-over-sentry'",
                "LOCK TABLES orders WRITE, `_orders_del` WRITE", "DROP TABLE `_orders_del`",
                "UNLOCK TABLES",
                "RENAME /* gh-ost */ TABLE orders TO `_orders_del`, `_orders_gho` TO orders",
                "INSERT INTO orders VALUES (2, 2, 2)",
            ],
            expected: [
                "ddl orders", "i orders[id,v]", "ddl _orders_gho", "ddl _orders_gho",
                "i _orders_gho[id,n,v]", "u orders[v]", "u _orders_gho[v]", "ddl _orders_del",
                "ddl _orders_del", "ddl orders", "i orders[id,n,v]",
            ]),
        Case(
            title: "MX9: what pt-online-schema-change does",
            statements: [
                "CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1)",
                "CREATE TABLE `_t_new` LIKE t", "ALTER TABLE `_t_new` ADD n INT",
                "CREATE TRIGGER pt_osc_ins AFTER INSERT ON t FOR EACH ROW REPLACE INTO `_t_new` (id, v) VALUES (NEW.id, NEW.v)",
                "INSERT INTO t VALUES (2, 2)",
                "INSERT LOW_PRIORITY IGNORE INTO `_t_new` (id, v) SELECT id, v FROM t LOCK IN SHARE MODE",
                "RENAME TABLE t TO `_t_old`, `_t_new` TO t", "DROP TABLE IF EXISTS `_t_old`",
                "DROP TRIGGER IF EXISTS pt_osc_ins", "INSERT INTO t VALUES (3, 3, 3)",
            ],
            expected: [
                "ddl t", "i t[id,v]", "ddl _t_new", "ddl _t_new", "ddl -", "i t[id,v]",
                "i _t_new[id,n,v]", "i _t_new[id,n,v]", "ddl t", "ddl _t_old", "ddl -",
                "i t[id,n,v]",
            ]),
    ]

    private static let emptyings = [
        Case(
            title: "MZ1: tables and partitions are emptied, dropped and exchanged",
            statements: [
                "CREATE TABLE p (id INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20), PARTITION p2 VALUES LESS THAN (30))",
                "CREATE TABLE e (id INT)", "INSERT INTO p VALUES (1), (11)",
                "ALTER TABLE p TRUNCATE PARTITION p0", "alter table `d`.`p` truncate partition all",
                "ALTER TABLE p DROP PARTITION p2",
                "ALTER TABLE p EXCHANGE PARTITION p1 WITH TABLE e",
                "TRUNCATE TABLE e", "TRUNCATE d.p",
            ],
            expected: [
                "ddl p", "ddl e", "i p[id]", "i p[id]", "truncate p", "truncate p", "ddl p",
                "ddl p", "truncate e", "truncate p",
            ]),
        Case(
            title: "MZ1: a table loses its file",
            statements: [
                "CREATE TABLE f (id INT)", "ALTER TABLE f DISCARD TABLESPACE", "DROP TABLE f",
            ],
            expected: ["ddl f", "ddl f", "ddl f"]),
    ]

    private static let others = [
        Case(
            title: "CREATE TABLE … SELECT is a definition and its rows in one transaction",
            statements: ["CREATE TABLE cs (id INT) SELECT 1 AS id UNION SELECT 2"],
            expected: ["ddl cs", "i cs[id]", "i cs[id]"]),
        Case(
            title: "MX14: temporary tables, in ROW and in MIXED format",
            statements: [
                "CREATE TABLE m (id INT)", "CREATE TEMPORARY TABLE tm (id INT)",
                "INSERT INTO tm VALUES (1)", "INSERT INTO m SELECT id FROM tm",
                "DROP TEMPORARY TABLE tm", "SET SESSION binlog_format = 'MIXED'",
                "CREATE TEMPORARY TABLE tm (id INT)", "INSERT INTO tm VALUES (1)",
                "INSERT INTO m SELECT id FROM tm", "DROP TEMPORARY TABLE tm",
                "SET SESSION binlog_format = 'ROW'", "INSERT INTO m VALUES (3)",
            ],
            expected: ["ddl m", "i m[id]", "i m[id]", "i m[id]"]),
        Case(
            title: "MX11, GM16: definitions that nobody but the server understands",
            statements: [
                "CREATE TABLE w (a INT CHECK (a > 0), b JSON, INDEX f ((a + 1))) /*!99999 WEIRD */",
                "INSERT INTO w VALUES (1, '{}')",
                "ALTER TABLE w ADD COLUMN g INT, ALGORITHM=INPLACE, LOCK=NONE",
                "ALTER TABLE w SECONDARY_ENGINE = rapid", "INSERT INTO w (a) VALUES (2)",
                "CREATE TABLE q (a INT) /*!50100 PARTITION BY HASH (a) PARTITIONS 2 */",
            ],
            expected: [
                "ddl w", "i w[a,b]", "ddl w", "ddl w", "i w[a,b,g]", "ddl q",
            ]),
        Case(
            title: "DT14: rows that a foreign key deletes are in the log of a server from 9.6 on",
            statements: [
                "CREATE TABLE parent (id INT PRIMARY KEY)",
                "CREATE TABLE child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE)",
                "INSERT INTO parent VALUES (1)", "INSERT INTO child VALUES (7, 1)",
                "DELETE FROM parent",
            ],
            expected: [
                "ddl parent", "ddl child", "i parent[id]", "i child[id,p]", "d child[id,p]",
                "d parent[id]",
            ]),
    ]

    @Test("MZ1: a table gets its file from elsewhere")
    func importedTablespace() throws {
        let log = try LoggedDocuments("imported")
        defer { stop(log.source) }
        try run(
            log.connection,
            [
                "CREATE DATABASE d", "USE d", "CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1)",
                "FLUSH TABLES t FOR EXPORT",
            ])
        let files = FileManager.default
        let file = "\(try log.source.dataFolder)/d/t.ibd"
        let owner = try files.attributesOfItem(atPath: file)
        try files.copyItem(atPath: file, toPath: file + ".copy")
        try run(log.connection, ["UNLOCK TABLES", "ALTER TABLE t DISCARD TABLESPACE"])
        try files.moveItem(atPath: file + ".copy", toPath: file)
        try files.setAttributes(
            [
                .ownerAccountID: try #require(owner[.ownerAccountID]),
                .groupOwnerAccountID: try #require(owner[.groupOwnerAccountID]),
            ], ofItemAtPath: file)
        #expect(
            try log.summary(["ALTER TABLE t IMPORT TABLESPACE", "INSERT INTO t VALUES (2)"])
                == ["ddl t", "i t[id]"])
    }

    @Test("MX10: table ids that a restarted server gives to other tables")
    func reusedTableIDs() throws {
        let log = try LoggedDocuments("reused")
        defer { stop(log.source) }
        try run(
            log.connection,
            [
                "CREATE DATABASE d", "USE d", "CREATE TABLE one (a INT)",
                "CREATE TABLE two (b INT)",
                "FLUSH BINARY LOGS", "INSERT INTO one VALUES (1)", "INSERT INTO two VALUES (1)",
            ])
        let first = try #require(try log.files().last)
        try Services.kill(log.source)
        try Services.restart(log.source)
        try run(
            try log.source.root(), ["INSERT INTO d.two VALUES (2)", "INSERT INTO d.one VALUES (2)"])
        let last = try #require(try log.files().last)
        try #require(last != first)
        #expect(
            try log.decoded([first, last]).map(LoggedDocuments.line)
                == ["i one[a]", "i two[b]", "i two[b]", "i one[a]"])
    }
}
