import BinlogProtocol
import MongoSink
import TestSupport
import Testing

@Suite("Documents of statements")
struct StatementDocumentTests {
    private func documents(
        _ sql: [UInt8], collation: UInt16? = nil, sqlMode: UInt64 = 0,
        includes: @escaping @Sendable (String, String) -> Bool = { _, _ in true }
    ) throws -> [BSONDocument] {
        try EncodedLog.documents(
            [
                EventBuilder.gtid(try EncodedLog.uuid(), 1),
                EventBuilder.query(sql, collation: collation, sqlMode: sqlMode),
            ], DocumentOptions(includes: includes))
    }

    @Test("M1: a filter matches the name that the connection meant")
    func latin1Name() throws {
        let sql = Array("TRUNCATE gr".utf8) + [0xf6, 0xdf, 0x65]
        let included = try documents(sql, collation: 8) { $1 == "größe" }
        #expect(try included.first?.string("sql") == "TRUNCATE größe")
        #expect(try included.first?.string("meta", "tbl") == "größe")
        #expect(try included.first?.element("sqlBytes") == nil)
        #expect(try documents(sql, collation: 8) { $1 != "größe" }.isEmpty)
    }

    @Test("M1: a statement that cannot be read is kept whatever the filter, with its bytes")
    func uncertain() throws {
        let sql = Array("TRUNCATE gr".utf8) + [0xf6, 0xdf, 0x65]
        for collation in [nil, 45, 5000] as [UInt16?] {
            let document = try #require(
                try documents(sql, collation: collation) { _, _ in false }.first)
            #expect(try document.element("meta", "tbl")?.type == .null)
            #expect(try document.binary("sqlBytes") == sql)
            #expect(try document.string("op") == "truncate")
        }
    }

    @Test("L5: DML is kept for an excluded table, as its triggers may write to others")
    func filter() throws {
        let excluded: @Sendable (String, String) -> Bool = { _, _ in false }
        #expect(
            try documents(Array("INSERT INTO t VALUES (1)".utf8), includes: excluded).count == 1)
        #expect(try documents(Array("TRUNCATE t".utf8), includes: excluded).isEmpty)
        #expect(try documents(Array("DROP TABLE t".utf8), includes: excluded).isEmpty)
    }

    @Test("M2: secrets are found as the connection's sql_mode ends strings")
    func secrets() throws {
        let sql = Array(#"CREATE USER 'a\' IDENTIFIED BY 'secret'"#.utf8)
        let document = try #require(try documents(sql, collation: 45, sqlMode: 1 << 20).first)
        #expect(try document.string("sql") == #"CREATE USER 'a\' IDENTIFIED BY '***'"#)
    }

    @Test("M2: the statement behind rows holds no secrets, also when its end was cut off")
    func rowsQuery() throws {
        func query(_ sql: String) throws -> String? {
            try BSONDocument(
                BSONWriter.document {
                    SourceQuery.append(
                        Array(sql.utf8), of: sql.utf8.count, QueryStatus(), to: &$0)
                }
            ).string("query")
        }
        #expect(
            try query("UPDATE u SET password = 'x', n = 'y'")
                == "UPDATE u SET password = '***', n = 'y'")
        let before = "UPDATE u SET password = "
        let start = String(repeating: " ", count: SourceQuery.bytesMax - before.count - 4) + before
        #expect(try query(start + "'secret', n = 'y'") == start + "'***'")
    }

    @Test("M1: the statement behind rows is read in the character set of its transaction")
    func rowsQueryCharset() throws {
        let table = TableMapBytes(
            columns: [(3, [])], optional: [(1, [0]), TableMapBytes.names(["a"])])
        let documents = try EncodedLog.documents([
            EventBuilder.gtid(try EncodedLog.uuid(), 1),
            EventBuilder.query(Array("BEGIN".utf8), collation: 8),
            EventBuilder.event(29, [0] + Array("INSERT INTO t /* ".utf8) + [0xf6, 0x2a, 0x2f]),
            EventBuilder.event(19, table.encoded.bytes),
            EventBuilder.event(30, table.rows([0, 1, 0, 0, 0])), EventBuilder.xid(7),
        ])
        #expect(try documents.first?.string("src", "query") == "INSERT INTO t /* ö*/")
    }
}
