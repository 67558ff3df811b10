import Foundation
import Logging
import Testing

@testable import sdl

@Suite struct LogTests {
    let time = Date(timeIntervalSince1970: 1_795_429_800.125)

    @Test func aTextLineHasTimeLevelMessageAndSortedPairs() {
        let line = LogLine(format: .text, isColoured: false).render(
            at: time, level: .info, message: "Connected to MySQL",
            metadata: ["version": "9.7.0", "a": "two words", "empty": "", "q": "say \"x\""])
        #expect(
            line == """
                2026-11-23T10:30:00.125Z INFO     Connected to MySQL a="two words" empty="" \
                q="say \\"x\\"" version=9.7.0

                """)
    }

    @Test func controlCharactersCannotForgeALineOrDriveATerminal() {
        let evil = "x\n2026 ERROR \u{1b}[2J\r\t\u{7f}\u{202e}\u{85}"
        let line = LogLine(format: .text, isColoured: false).render(
            at: time, level: .warning, message: evil, metadata: ["k\n": .string(evil)])
        #expect(line.filter { $0 == "\n" }.count == 1)
        #expect(line.hasSuffix("\n"))
        #expect(!line.unicodeScalars.dropLast().contains { $0.value < 32 || $0.value == 0x7f })
        #expect(line.contains("x\\n2026 ERROR \\x1b[2J\\r\\t\\x7f\\u{202e}\\x85"))
    }

    @Test func aLongValueIsCutAndItsSizeSaid() {
        let text = String(repeating: "é", count: 10_000)
        let escaped = Escaping.escaped(text)
        #expect(escaped == String(repeating: "é", count: 4096) + "… (20000 bytes)")
    }

    @Test func aJSONLineIsOneObject() throws {
        let line = LogLine(format: .json, isColoured: true).render(
            at: time, level: .error, message: "a \"b\"\n\u{1}",
            metadata: ["key": "v\\", "list": ["x", "y"]])
        #expect(line.filter { $0 == "\n" }.count == 1)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["ts"] as? String == "2026-11-23T10:30:00.125Z")
        #expect(object["level"] as? String == "error")
        #expect(object["msg"] as? String == "a \"b\"\n\u{1}")
        let metadata = try #require(object["metadata"] as? [String: String])
        #expect(metadata["key"] == "v\\")
        #expect(metadata["list"] == "[\"x\", \"y\"]")
        #expect(Set(object.keys) == ["ts", "level", "msg", "metadata"])
    }

    @Test("S7: what a terminal would obey is escaped in JSON too, and long values are cut")
    func aJSONLineIsSafeToPrint() throws {
        let evil = "\u{1b}[2J\u{202e}\u{85}\u{2028}\u{7f}"
        let line = LogLine(format: .json, isColoured: false).render(
            at: time, level: .error, message: evil,
            metadata: ["key": .string(String(repeating: "é", count: 10_000))])
        #expect(
            line.hasPrefix("{") && line.contains(#""\u001b[2J\u202e\u0085\u2028\u007f""#))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["msg"] as? String == evil)
        let metadata = try #require(object["metadata"] as? [String: String])
        #expect(metadata["key"] == String(repeating: "é", count: 4096) + "… (20000 bytes)")
    }

    @Test func onlyTheLevelIsColoured() {
        let line = LogLine(format: .text, isColoured: true).render(
            at: time, level: .error, message: "no", metadata: [:])
        #expect(line == "2026-11-23T10:30:00.125Z \u{1b}[1;31mERROR   \u{1b}[0m no\n")
    }

    @Test func colourIsForTerminalsThatWantIt() {
        #expect(Terminal.isColoured(isTerminal: true, environment: ["TERM": "xterm"]))
        #expect(Terminal.isColoured(isTerminal: true, environment: ["NO_COLOR": ""]))
        #expect(!Terminal.isColoured(isTerminal: true, environment: ["NO_COLOR": "1"]))
        #expect(!Terminal.isColoured(isTerminal: true, environment: ["TERM": "dumb"]))
        #expect(!Terminal.isColoured(isTerminal: false, environment: ["TERM": "xterm"]))
    }

    @Test func theLinesThatOperatorsLookFor() {
        let lines = [
            LogMessage.connectedToMongoDB, LogMessage.connectedToMySQL,
            LogMessage.recovering(batches: 1), LogMessage.starting(fromGTID: "u:1-3"),
            LogMessage.starting(fromGTID: ""),
            LogMessage.startingFromCurrentPosition, LogMessage.flushing(events: 0),
            LogMessage.shutdownComplete,
        ].map { "\($0)" }
        #expect(
            lines == [
                "Connected to MongoDB", "Connected to MySQL", "Recovering 1 pending batches",
                "Starting from GTID u:1-3", "Starting from GTID (empty)",
                "Starting from current position",
                "Flushing 0 remaining events", "Shutdown complete",
            ])
    }
}
