import BinlogProtocol
import TestSupport
import Testing

@Suite("Change stream")
struct ChangeStreamTests {
    private let uuid: ServerUUID

    init() throws {
        uuid = try #require(ServerUUID("3e11fa47-71ca-11e1-9e33-c80aa9429562"))
    }

    private func steps(_ events: [[UInt8]]) throws -> [String] {
        try changes(of: events).map(text)
    }

    private func text(_ change: Change) -> String {
        switch change {
        case .xa(let id): "xa \(id)"
        case .begin(let start): "begin \(start.gtid?.number ?? 0)"
        case .rows(let rows): "rows \(rows.event.table.table)"
        case .statement(let statement):
            "\(statement.kind) \(statement.database).\(statement.table ?? "?")"
        case .gap(let gap): "gap \(gap.event)"
        case .savepoint(let name): "savepoint \(name)"
        case .rollbackToSavepoint(let name): "rollback to \(name)"
        case .end(let end): "\(end)"
        }
    }

    @Test("each form of a transaction's end")
    func ends() throws {
        #expect(
            try steps([
                EventBuilder.gtid(uuid, 1), EventBuilder.query("BEGIN"), EventBuilder.xid(7),
                EventBuilder.gtid(uuid, 2), EventBuilder.query("BEGIN"),
                EventBuilder.query("COMMIT"),
                EventBuilder.gtid(uuid, 3), EventBuilder.query("BEGIN"),
                EventBuilder.query("ROLLBACK"),
                EventBuilder.gtid(uuid, 4), EventBuilder.query("CREATE TABLE t (COMMIT INT)"),
                EventBuilder.gtid(uuid, 5), EventBuilder.query("BEGIN"),
                EventBuilder.query("SAVEPOINT `a b`"),
                EventBuilder.query("ROLLBACK TO `a b`"), EventBuilder.xid(8),
            ]) == [
                "begin 1", "committed(xid: Optional(7))",
                "begin 2", "committed(xid: nil)",
                "begin 3", "rolledBack",
                "begin 4", "ddl shop.t", "committed(xid: nil)",
                "begin 5", "savepoint a b", "rollback to a b", "committed(xid: Optional(8))",
            ])
    }

    @Test("T58: a procedure body with COMMIT inside is no end of a transaction")
    func procedure() throws {
        #expect(
            try steps([
                EventBuilder.gtid(uuid, 1),
                EventBuilder.query(
                    "CREATE PROCEDURE p() BEGIN INSERT INTO t VALUES (1); COMMIT; END"),
            ]) == ["begin 1", "ddl shop.?", "committed(xid: nil)"])
    }

    @Test("CTAS: the definition within BEGIN is not the end of its group")
    func createSelect() throws {
        #expect(
            try steps([
                EventBuilder.gtid(uuid, 1), EventBuilder.query("BEGIN"),
                EventBuilder.query("CREATE TABLE `c` (`id` int) START TRANSACTION"),
                EventBuilder.xid(9),
            ]) == ["begin 1", "ddl shop.c", "committed(xid: Optional(9))"])
    }

    @Test("GM9, OJ3: a source that died in the middle of a transaction never completes it")
    func abandoned() throws {
        let format = try #require(
            try FixtureFile.all("mysql-9.7.binlog").first { $0[4] == 15 })
        #expect(
            try steps([
                EventBuilder.gtid(uuid, 1), EventBuilder.query("BEGIN"), format,
                EventBuilder.gtid(uuid, 1), EventBuilder.query("BEGIN"), EventBuilder.xid(3),
            ]) == ["begin 1", "abandoned", "begin 1", "committed(xid: Optional(3))"])
    }

    @Test("events out of order stop")
    func order() {
        #expect(throws: DecodingError.self) { try steps([EventBuilder.xid(1)]) }
        #expect(throws: DecodingError.self) { try steps([EventBuilder.query("BEGIN")]) }
        #expect(throws: DecodingError.self) {
            try steps([EventBuilder.gtid(uuid, 1), EventBuilder.xid(1)])
        }
        #expect(throws: DecodingError.self) {
            try steps([
                EventBuilder.gtid(uuid, 1), EventBuilder.query("BEGIN"), EventBuilder.gtid(uuid, 2),
            ])
        }
    }

    @Test("GM13, T79: artificial events move no position")
    func artificialRotate() throws {
        var rotate = ByteWriter()
        rotate.write(UInt64(4))
        rotate.write("mysql-bin.000002".utf8)
        var stream = ChangeStream(checksum: .crc32)
        stream.feed(EventBuilder.event(4, rotate.bytes, flags: 0x20, timestamp: 0))
        #expect(try stream.next() == nil)
        #expect(stream.position == BinlogPosition(file: "mysql-bin.000002", offset: 4))
        #expect(stream.lastEventTime == nil)
        stream.feed(EventBuilder.event(3, [], logPosition: 400))
        #expect(try stream.next() == nil)
        stream.feed(
            EventBuilder.event(27, Array("mysql-bin.000002".utf8), flags: 0x20, timestamp: 0))
        #expect(try stream.next() == nil)
        #expect(stream.position.offset == 400)
    }

    @Test("GM13, DZ6: an event without a position moves none; positions have all of their 32 bits")
    func positions() throws {
        var stream = ChangeStream(checksum: .crc32)
        stream.feed(EventBuilder.rotate("b.000001"))
        #expect(try stream.next() == nil)
        for (position, expected) in [
            (400, 400), (0, 400), (0x8000_0000, 0x8000_0000), (0, 0x8000_0000),
            (0xffff_ffff, 0xffff_ffff),
        ] as [(UInt32, UInt64)] {
            stream.feed(EventBuilder.event(3, [], logPosition: position))
            #expect(try stream.next() == nil)
            #expect(stream.position == BinlogPosition(file: "b.000001", offset: expected))
        }
        // Sent again in the middle of a file, before the next one: it says the same place once more.
        stream.feed(EventBuilder.rotate("b.000001", position: 0xffff_ffff))
        #expect(try stream.next() == nil)
        #expect(stream.position.offset == 0xffff_ffff)
    }

    @Test(
        "a table's name is read in the connection's character set; one that is not certain names nothing"
    )
    func charsets() throws {
        let truncate = Array("TRUNCATE gr".utf8)
        #expect(
            try steps([
                EventBuilder.gtid(uuid, 1), EventBuilder.query(truncate + [0xf6], collation: 8),
                EventBuilder.gtid(uuid, 2), EventBuilder.query(truncate + [0xc3, 0xb6]),
                EventBuilder.gtid(uuid, 3), EventBuilder.query(truncate + [0xf6], collation: 28),
            ]).filter { $0.hasPrefix("truncate") }
                == ["truncate shop.grö", "truncate shop.grö", "truncate shop.?"])
    }

    @Test("in a character set that is not known nothing around a secret is shown")
    func uncertainSecrets() throws {
        // In gbk the backslash is the second half of a character and escapes nothing.
        let sql = Array("ALTER USER x IDENTIFIED BY 'a".utf8) + [0xb2, 0x5c] + Array("', y".utf8)
        for (collation, shown) in [
            (5000, "ALTER ***"), (28, "ALTER USER x IDENTIFIED BY '***', y"),
        ] as [(UInt16, String)] {
            var stream = ChangeStream(checksum: .crc32)
            stream.feed(EventBuilder.gtid(uuid, 1))
            #expect(try stream.next() != nil)
            stream.feed(EventBuilder.query(sql, collation: collation))
            guard case .statement(let statement)? = try stream.next() else {
                Issue.record("no statement")
                return
            }
            #expect(statement.sql == shown)
            #expect(statement.uncertainBytes == nil)
        }
    }

    @Test("L3: what is wrong inside a compressed transaction is at the start of its event")
    func placeInPayload() throws {
        var payload = ByteWriter()
        payload.write([2, 3, 0xfc, 255, 0, 0])
        payload.write(
            EventBuilder.event(2, [1, 2, 3], hasChecksum: false))
        var stream = ChangeStream(checksum: .crc32, file: "f")
        stream.feed(EventBuilder.gtid(uuid, 1))
        #expect(try stream.next() != nil)
        #expect(try stream.next() == nil)
        let event = EventBuilder.event(40, payload.bytes, logPosition: 10_000)
        stream.feed(event)
        #expect(throws: DecodingError.self) { try stream.next() }
        #expect(stream.eventPosition.offset == UInt64(10_000 - event.count))
    }

    @Test("the fixture, step by step; GM15: a compressed transaction ends once")
    func fixture() throws {
        let file = try BinlogFile(path: Fixtures.path("mysql-9.7.binlog"))
        var steps: [String] = []
        while let change = try file.nextChange() { steps.append(text(change)) }
        let kinds = steps.map { $0.hasPrefix("committed") ? "commit" : $0 }
        #expect(kinds.filter { $0 == "commit" }.count == 18)
        #expect(kinds.filter { $0.hasPrefix("begin") }.count == 18)
        let start = try #require(kinds.firstIndex(of: "begin 11"))
        #expect(
            Array(kinds[start..<(start + 3)]) == ["begin 11", "rows orders", "commit"],
            "the transaction that came as TRANSACTION_PAYLOAD_EVENT")
        #expect(kinds.contains("dml shop.pairs"))
        #expect(kinds.contains("truncate shop.loose"))
    }
}

@Suite("Meaning of statements")
struct StatementTextTests {
    @Test(
        "first words, names and comments",
        arguments: [
            ("BEGIN", "begin"), ("begin ", "begin"), ("COMMIT", "commit"), ("ROLLBACK", "rollback"),
            ("ROLLBACK TO SAVEPOINT x", #"rollbackToSavepoint("x")"#),
            ("SAVEPOINT `a``b`", #"savepoint("a`b")"#),
            ("/* c */ INSERT INTO `s`.`t` VALUES (1)", "dml s.t"),
            ("-- c\nUPDATE t SET a=1", "dml -.t"), ("REPLACE INTO t VALUES (1)", "dml -.t"),
            ("DELETE FROM a.t", "dml a.t"), ("LOAD DATA INFILE 'x' INTO TABLE t", "dml -.t"),
            ("LOAD DATA LOCAL INFILE ' INTO TABLE x' IGNORE INTO TABLE `d`.`t` FIELDS", "dml d.t"),
            ("LOAD DATA INFILE 'x'", "dml -.-"), ("LOAD XML INFILE 'x' INTO TABLE t", "dml -.t"),
            ("TRUNCATE t", "truncate -.t"), ("truncate table `d`.`t`", "truncate d.t"),
            ("CREATE TABLE IF NOT EXISTS d.t (a INT)", "ddl d.t"),
            ("DROP /*!40005 TEMPORARY */ TABLE IF EXISTS `t`", "ddl -.t"),
            ("ALTER TABLE t ADD x INT", "ddl -.t"),
            ("ALTER TABLE d.t TRUNCATE PARTITION p0", "truncate d.t"),
            ("alter table `t` /* c */ truncate partition ALL", "truncate -.t"),
            ("ALTER TABLE t DROP PARTITION p0", "ddl -.t"),
            ("ALTER TABLE truncate", "ddl -.truncate"),
            ("CREATE UNIQUE INDEX i ON d.t (a)", "ddl d.t"), ("DROP INDEX i ON t", "ddl -.t"),
            ("RENAME TABLE a TO b", "ddl -.a"), ("CREATE DATABASE x", "ddl -.-"),
            ("GRANT SELECT ON *.* TO x", "ddl -.-"), ("", "ddl -.-"),
            ("/* only a comment", "ddl -.-"),
            ("CREATE TABLE `we ird.tbl` (a INT)", "ddl -.we ird.tbl"),
            ("XA RECOVER", "xa(nil)"), ("# c\nTRUNCATE `a`.b", "truncate a.b"),
        ])
    func meaning(_ sql: String, _ expected: String) {
        let text: String
        switch StatementText.meaning(of: Array(sql.utf8)) {
        case .change(let kind, let database, let table):
            text = "\(kind) \(database ?? "-").\(table ?? "-")"
        case let other:
            text = "\(other)"
        }
        #expect(text == expected)
    }

    @Test(
        "a statement that may concern other tables is known",
        arguments: [
            ("DROP TABLE a.x, b.y", true), ("DROP TABLE a.x", false),
            ("RENAME TABLE a.x TO b.y", true), ("ALTER TABLE a.x RENAME TO b.y", true),
            ("ALTER TABLE a.x RENAME COLUMN c TO d, ADD e INT", false),
            ("ALTER TABLE a.x EXCHANGE PARTITION p WITH TABLE b.y", true),
            ("UPDATE a.x SET c = 1, d = 2", false), ("UPDATE a.x, b.y SET c = 1", true),
            ("UPDATE a.x JOIN b.y ON x.i = y.i SET c = 1", true),
            ("DELETE FROM a.x WHERE c IN (1, 2)", false), ("DELETE a.x, b.y FROM a.x", true),
            ("DELETE FROM a.x USING a.x", true), ("INSERT INTO a.x VALUES (1), (2)", false),
            ("TRUNCATE a.x", false), ("", false),
        ])
    func otherTables(_ sql: String, _ expected: Bool) {
        #expect(StatementText.namesOtherTables(Array(sql.utf8)) == expected)
    }

    @Test("any bytes are some statement")
    func hostile() {
        var random = SeededGenerator(seed: decoderSeed)
        let pieces = [
            "`", "'", "/*", "*/", "!", "--", "#", "\\", "TABLE", "DROP", ".", "\n", " ", "M",
        ]
        for _ in 0..<2000 {
            let text = (0..<12).compactMap { _ in pieces.randomElement(using: &random) }.joined()
            _ = StatementText.meaning(of: Array(text.utf8))
            _ = StatementText.namesOtherTables(Array(text.utf8))
            _ = AccountStatement.withoutSecrets(Array("GRANT \(text)".utf8))
        }
    }
}
