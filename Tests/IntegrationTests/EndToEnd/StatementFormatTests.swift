import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// What a session logs with `binlog_format = STATEMENT`.
@Suite(.serialized, .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
struct StatementFormatTests {
    @Test(
        "DZ10, DT5: DML that is logged as text is a document with what it depends on, LOAD DATA too"
    )
    func statements() throws {
        let log = try LoggedDocuments("statements")
        defer { stop(log.source) }
        try run(
            log.connection,
            [
                "CREATE DATABASE d", "USE d", "SET SESSION binlog_format = 'STATEMENT'",
                "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(100))",
                "CREATE PROCEDURE p() INSERT INTO t (v) VALUES ('by procedure')",
                "SET @secret = 'hidden value', @n = NULL",
            ])
        let documents = try log.documents([
            "INSERT INTO t (v) VALUES (@secret)", "INSERT INTO t (v) VALUES (CONCAT(@secret, @n))",
            "INSERT INTO t (v) SELECT LAST_INSERT_ID()", "UPDATE t SET v = RAND()",
            "REPLACE INTO t VALUES (1, 'z')", "DELETE FROM t WHERE id = 2", "CALL p()",
            "SELECT REPEAT('x', 50) FROM t INTO OUTFILE 'loaded.txt'",
            "LOAD DATA INFILE 'loaded.txt' INTO TABLE t (v)",
            "SET PASSWORD FOR CURRENT_USER() = 'root-test'",
        ])
        let lines = documents.map { document in
            let context = document["context"] as? [String: Any] ?? [:]
            let keys = context.keys.sorted().joined(separator: ",")
            return "\(LoggedDocuments.line(document)) {\(keys)}"
        }
        #expect(
            lines == [
                "statement t {insertId,userVariables}", "statement t {insertId,userVariables}",
                "statement t {insertId,lastInsertId}", "statement t {randSeeds}",
                "statement t {}", "statement t {}", "statement t {insertId}",
                "statement t {fileBytes,insertId}", "ddl - {}",
            ])
        let contexts = documents.map { $0["context"] as? [String: Any] ?? [:] }
        #expect(contexts[0]["userVariables"] as? [String] == ["secret"])
        #expect(contexts[1]["userVariables"] as? [String] == ["secret", "n"])
        #expect(contexts[0]["insertId"] as? Int == 1)
        #expect((contexts[3]["randSeeds"] as? [Any])?.count == 2)
        // Three rows of 50 characters and a line end: ids 1, 3 and 4.
        #expect(contexts[7]["fileBytes"] as? Int == 3 * 51)
        let sql = documents.compactMap { $0["sql"] as? String }
        #expect(sql.count == documents.count)
        #expect(sql[7].hasPrefix("LOAD DATA INFILE"))
        #expect(sql[8].contains("'***'"))
        #expect(!"\(documents)".contains("hidden value"))
    }
}
