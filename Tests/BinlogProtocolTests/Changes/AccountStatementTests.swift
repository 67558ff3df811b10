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
                "CREATE TABLE t (a INT COMMENT 'by') AS SELECT 'x'",
                "CREATE TABLE t (a INT COMMENT 'by') AS SELECT 'x'"
            ),
        ])
    func secrets(_ sql: String, _ expected: String) {
        let result = AccountStatement.withoutSecrets(Array(sql.utf8))
        #expect(String(decoding: result, as: UTF8.self) == expected)
    }

    @Test(
        "a backslash as the last byte",
        arguments: ["CREATE USER 'a\\", "GRANT \"\\", "CREATE USER 'a\\' -- \\"])
    func lastBackslash(_ sql: String) {
        let result = AccountStatement.withoutSecrets(Array(sql.utf8))
        #expect(String(decoding: result, as: UTF8.self) == sql)
    }
}
