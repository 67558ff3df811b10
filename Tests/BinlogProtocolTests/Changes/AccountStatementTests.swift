import BinlogProtocol
import Testing

@Suite("Statements about accounts")
struct AccountStatementTests {
    @Test(
        "S5: passwords and hashes are replaced, names stay",
        arguments: [
            (
                #"CREATE USER 'x'@'y' IDENTIFIED WITH 'caching_sha2_password' AS '$A$005$a\'b'"#,
                "CREATE USER 'x'@'y' IDENTIFIED WITH 'caching_sha2_password' AS '***'"
            ),
            (
                "ALTER USER IF EXISTS `x`@`%` IDENTIFIED BY 'secret' REPLACE 'older', y IDENTIFIED BY \"two\"",
                "ALTER USER IF EXISTS `x`@`%` IDENTIFIED BY '***' REPLACE '***', y IDENTIFIED BY '***'"
            ),
            (
                "ALTER USER x IDENTIFIED WITH 'p' AS 0x24412430",
                "ALTER USER x IDENTIFIED WITH 'p' AS '***'"
            ),
            ("SET PASSWORD FOR 'x'@'y' = 'secret'", "SET PASSWORD FOR 'x'@'y' = '***'"),
            ("SET PASSWORD = 'secret'", "SET PASSWORD = '***'"),
            ("SET PASSWORD = PASSWORD('secret')", "SET PASSWORD = PASSWORD('***')"),
            (
                "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'u', PASSWORD 'p')",
                "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'u', PASSWORD '***')"
            ),
            (
                "GRANT SELECT ON *.* TO 'x'@'y' IDENTIFIED BY PASSWORD '*ABC'",
                "GRANT SELECT ON *.* TO 'x'@'y' IDENTIFIED BY PASSWORD '***'"
            ),
            (
                "CREATE PROCEDURE p() BEGIN SET PASSWORD FOR 'x'@'y' = 'one'; SET @a = 'b'; ALTER USER x IDENTIFIED BY 'two'; END",
                "CREATE PROCEDURE p() BEGIN SET PASSWORD FOR 'x'@'y' = '***'; SET @a = 'b'; ALTER USER x IDENTIFIED BY '***'; END"
            ),
            (
                "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO CREATE USER x IDENTIFIED WITH 'p' AS 'hash'",
                "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO CREATE USER x IDENTIFIED WITH 'p' AS '***'"
            ),
            (
                "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.password = 'x', NEW.name = 'y'",
                "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.password = '***', NEW.name = 'y'"
            ),
            (
                "update users set Password = 'x' where name = 'y'",
                "update users set Password = '***' where name = 'y'"
            ),
            (
                "SELECT 'a' AS 'b', password FROM t ORDER BY 'c'",
                "SELECT 'a' AS 'b', password FROM t ORDER BY 'c'"
            ),
            (
                "CREATE TABLE t (a INT COMMENT 'by') AS SELECT 'x'",
                "CREATE TABLE t (a INT COMMENT 'by') AS SELECT 'x'"
            ),
        ])
    func secrets(_ sql: String, _ expected: String) {
        let result = AccountStatement.withoutSecrets(Array(sql.utf8))
        #expect(String(decoding: result, as: UTF8.self) == expected)
    }

    @Test("NO_BACKSLASH_ESCAPES: a backslash does not hide the end of a string")
    func noBackslashEscapes() {
        let sql = Array(#"CREATE USER 'a\' IDENTIFIED BY 'secret'"#.utf8)
        #expect(
            String(
                decoding: AccountStatement.withoutSecrets(sql, .noBackslashEscapes), as: UTF8.self)
                == #"CREATE USER 'a\' IDENTIFIED BY '***'"#)
        let escaped = Array(#"ALTER USER a IDENTIFIED BY 'x\' IDENTIFIED BY y'"#.utf8)
        #expect(
            String(decoding: AccountStatement.withoutSecrets(escaped), as: UTF8.self)
                == "ALTER USER a IDENTIFIED BY '***'")
    }

    @Test(
        "a backslash as the last byte",
        arguments: ["CREATE USER 'a\\", "GRANT \"\\", "CREATE USER 'a\\' -- \\"])
    func lastBackslash(_ sql: String) {
        let result = AccountStatement.withoutSecrets(Array(sql.utf8))
        #expect(String(decoding: result, as: UTF8.self) == sql)
    }
}
