import BinlogProtocol
import TestSupport
import Testing

@testable import MongoSink

@Suite struct RecordedSettingsTests {
    @Test(
        "what is new, different or gone, by name",
        arguments: [
            (["B": "1", "A": "x"], nil, ["A nil x", "B nil 1"]),
            (["B": "1", "A": "x"], ["A": "x", "B": "1"], []),
            (["A": "y"], ["A": "x", "C": ""], ["A x y", "C  nil"]),
            ([:], ["A": "x"], ["A x nil"]),
        ] as [([String: String], [String: String]?, [String])])
    func changes(_ now: [String: String], _ before: [String: String]?, _ expected: [String]) {
        let changes = RecordedSettings(now).changes(from: before.map { RecordedSettings($0) })
        #expect(changes.map { "\($0.name) \($0.from ?? "nil") \($0.to ?? "nil")" } == expected)
    }

    @Test func theyAreReadAsTheyWereWritten() throws {
        let settings = RecordedSettings(["INCLUDE_REGEX": #"a\.b$"#, "TZ": "Asia/Kolkata"])
        let document = try BSONDocument(BSONWriter.document { settings.append(to: &$0) })
        #expect(try RecordedSettings(in: document) == settings)
        let none = try BSONDocument(BSONWriter.document { RecordedSettings().append(to: &$0) })
        #expect(try RecordedSettings(in: none) == nil)
    }
}
