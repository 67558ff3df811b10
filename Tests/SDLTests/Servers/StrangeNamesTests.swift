import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// Names that would drive a terminal, forge a line of the log or change a document, if they could.
@Suite struct StrangeNamesTests {
    @Test(
        "S7, S18: names with ESC, line ends and operators, in the log and in documents",
        .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"),
        arguments: ["text", "json"])
    func names(format: String) throws {
        let options = ["--binlog-row-metadata=MINIMAL"]
        try withServer(.mysql, name: "names-\(format)", options: options) { server in
            let trail = try OwnTrail(mysql: server)
            let root = try trail.root()
            let database = "d\u{1b}]0;owned\u{7}"
            let table = "t\n2026-11-30T00:00:00Z ERROR forged\r\u{1b}[2J\u{202e}$where"
            for sql in [
                "CREATE DATABASE `\(database)`",
                "CREATE TABLE `\(database)`.`\(table)` (`$set` INT PRIMARY KEY, `a.b` INT, `\u{1b}` INT)",
                "INSERT INTO `\(database)`.`\(table)` VALUES (1, 2, 3)",
                // Its names are in no log, which a warning tells with the table's name.
                "DROP TABLE `\(database)`.`\(table)`",
                "CREATE TABLE `\(database)`.`\(table)` (`$set` INT PRIMARY KEY, `a.b` INT, `\u{1b}` INT)",
                "INSERT INTO `\(database)`.`\(table)` VALUES (4, 5, 6)",
                "DROP DATABASE `\(database)`",
            ] {
                _ = try root.query(sql)
            }
            let run = try trail.run(
                ["run", "--until", "current"],
                ["START": "earliest", "LOG_FORMAT": format, "LOG_LEVEL": "trace"])
            #expect(run.exitCode == 0)
            let complaints = try run.complaints
            #expect(complaints.contains("forged"))
            for line in complaints.split(separator: "\n") {
                #expect(!line.hasPrefix("2026-11-30T00:00:00Z ERROR forged"))
                if format == "json" {
                    let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
                    #expect(object is [String: Any])
                }
            }
            let isPlain = complaints.unicodeScalars.allSatisfy {
                $0 == "\n" || ($0.value >= 0x20 && $0.value != 0x7f && $0.value != 0x202e)
            }
            #expect(isPlain)
            let inserts = try trail.documents("row_changes").filter {
                try $0.string("op") == "i"
            }
            #expect(inserts.count == 2)
            for insert in inserts {
                #expect(try insert.string("meta", "tbl") == table)
                #expect(try insert.string("meta", "db") == database)
                #expect(try insert.string("src", "schema") == "none")
            }
        }
    }
}
