import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// The same random updates of JSON documents, logged whole and logged as differences.
@Suite(.serialized, .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
struct PartialJSONTests {
    private static let members = [".a", ".b", ".c", ".dd", #"."k x""#, #".".""#]
    private static let elements = ["[0]", "[1]", "[last]", "[last-1]", "[5]"]
    private static let values = [
        "1", "-70000", "'text'", "1.5", "TRUE", "NULL", "3e200", "REPEAT('y', 300)",
        #"CAST('[1, {"z": null}]' AS JSON)"#, #"CAST('{"a": [], "b": {"a": 1}}' AS JSON)"#,
        "CAST('2026-11-23' AS DATE)", "12345678901234567890",
    ]

    private static func path(_ dice: inout Dice, endsIn last: [String]? = nil) -> String {
        var path = "$"
        for _ in 0..<dice.roll(0...2) { path += dice.pick(dice.chance(60) ? members : elements) }
        return "'\(path + dice.pick(last ?? members + elements))'"
    }

    private static func change(_ document: String, _ dice: inout Dice) -> String {
        let function = dice.pick([
            "JSON_SET", "JSON_SET", "JSON_REPLACE", "JSON_REMOVE", "JSON_ARRAY_INSERT",
        ])
        let arguments = (0..<dice.roll(1...4)).map { _ in
            switch function {
            case "JSON_REMOVE": path(&dice)
            case "JSON_ARRAY_INSERT": "\(path(&dice, endsIn: elements)), \(dice.pick(values))"
            default: "\(path(&dice)), \(dice.pick(values))"
            }
        }
        // Functions within one another give differences too; JSON_ARRAY_INSERT makes the server log all.
        let inner = dice.chance(20) ? change(document, &dice) : document
        let isUsed = function != "JSON_ARRAY_INSERT" || dice.chance(50)
        return isUsed ? "\(function)(\(inner), \(arguments.joined(separator: ", ")))" : inner
    }

    /// `chg` of an update as it is printed; without the document when that has not changed.
    private static func changes(_ line: Substring) throws -> String {
        let text = try #require(line.firstMatch(of: /"chg":(.*),"src":/)).1
        guard let body = text.firstMatch(of: /^\{"doc":\{"f":(.*)\},"n":/)?.1 else {
            return String(text)
        }
        let half = (body.utf8.count - 5) / 2
        let utf8 = Array(body.utf8)
        guard half > 0, utf8[..<half] == utf8[(half + 5)...] else { return String(text) }
        return "unchanged"
    }

    @Test("DT6: documents are the same, byte for byte, whether the server logs them whole or not")
    func sameDocuments() throws {
        let log = try LoggedDocuments("partialjson")
        defer { stop(log.source) }
        let seed =
            Environment.value("SDL_TEST_SEED").flatMap { UInt64($0) }
            ?? UInt64.random(in: 1...999_999_999)
        var dice = Dice(seed: seed)
        let start =
            #"{"a": {"a": [1, 2, {"b": "x"}]}, "b": [[], "s", 3], "dd": 1, "k x": {"c": null}}"#
        try run(log.connection, ["CREATE DATABASE d", "USE d", "FLUSH BINARY LOGS"])
        for table in ["whole", "partial"] {
            try run(
                log.connection,
                [
                    "CREATE TABLE \(table) (id INT PRIMARY KEY, doc JSON, n INT)",
                    "INSERT INTO \(table) VALUES (1, '\(start)', 0), (2, '[1, [2], {}]', 0)",
                ])
        }
        for number in 1...300 {
            var change = Self.change("doc", &dice)
            if number % 25 == 0 { change = "'\(start)'" }
            for (table, option) in [("whole", ""), ("partial", "PARTIAL_JSON")] {
                try run(
                    log.connection,
                    [
                        "SET SESSION binlog_row_value_options = '\(option)'",
                        "UPDATE \(table) SET doc = \(change), n = \(number)",
                    ])
            }
        }
        let file = try #require(try log.files().last)
        let decoded = try SDLCommand.run(["decode", file])
        let complaints = try decoded.complaints
        try #require(decoded.exitCode == 0, "SDL_TEST_SEED=\(seed): \(complaints)")
        var changes: [String: [String]] = [:]
        for line in try decoded.output.split(separator: "\n") where line.contains(#""op":"u""#) {
            let table = line.contains(#""tbl":"whole""#) ? "whole" : "partial"
            changes[table, default: []].append(try Self.changes(line))
        }
        let whole = try #require(changes["whole"])
        let partial = try #require(changes["partial"])
        #expect(whole.count == 600 && partial.count == 600)
        for (one, other) in zip(whole, partial) where one != other {
            Issue.record("SDL_TEST_SEED=\(seed):\n\(one)\n\(other)")
            break
        }
        let events = try Self.partialEvents(file)
        #expect(events > 100, "SDL_TEST_SEED=\(seed): only \(events) events with differences")
    }

    private static func partialEvents(_ path: String) throws -> Int {
        let file = try BinlogFile(path: path)
        var count = 0
        while let event = try file.nextEvent() {
            if event[4] == 39 { count += 1 }
        }
        return count
    }
}
