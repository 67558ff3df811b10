import BinlogProtocol
import TestSupport
import Testing

@testable import MongoSink

extension SinkTests {
    @Suite struct SettingsEntries {
        private func run(_ fixture: SinkFixture, _ values: [String: String], _ number: Int64) throws
        {
            let sink = try fixture.started { $0.recorded = RecordedSettings(values) }
            try sink.submit(try Source.transaction(number, rows: 1))
            try sink.finish()
        }

        private func kinds(_ fixture: SinkFixture) throws -> [String] {
            try fixture.documents(fixture.settings.ledgerCollection).map {
                try $0.string("kind") ?? ""
            }
        }

        @Test("a change of what decides about the documents is one entry, ahead of the next batch")
        func change() throws {
            let fixture = try SinkFixture()
            try run(fixture, ["INCLUDE_REGEX": "a", "TZ": "UTC"], 1)
            try run(fixture, ["INCLUDE_REGEX": "a", "TZ": "UTC"], 2)
            // A commit whose answer is lost must not be noted twice.
            try fixture.failPoint(["commitTransaction"], times: 3) {
                $0.append("closeConnection", bool: true)
                $0.append("afterCommand", bool: true)
            }
            let sink = try fixture.started {
                $0.recorded = RecordedSettings(["INCLUDE_REGEX": "b", "TZ": "UTC"])
            }
            try fixture.endFailPoint()
            try sink.submit(try Source.transaction(3, rows: 1))
            try sink.finish()
            #expect(try kinds(fixture) == ["start", "batch", "batch", "settings", "batch"])
            let entries = try fixture.documents(fixture.settings.ledgerCollection)
            #expect(try entries[0].string("detail", "settings", "INCLUDE_REGEX", "t") == "a")
            let changed = try #require(try entries[3].document("detail", "settings"))
            #expect(
                try ExtendedJSON.line(changed) == #"{"INCLUDE_REGEX":{"f":"a","t":"b"}}"#)
            #expect(try entries[3].string("prev") == Source.set(1...2).description)
            #expect(try entries[3].string("next") == Source.set(1...2).description)
            #expect(try entries[3].integer("events") == 0)
            #expect(
                try fixture.offset()?.settings
                    == RecordedSettings(["INCLUDE_REGEX": "b", "TZ": "UTC"]))
            #expect(
                fixture.notices.all.contains(
                    .settingsChanged(names: ["INCLUDE_REGEX"], entry: 4)))
            #expect(try fixture.sink().verifyLedger().count == 5)
        }

        @Test("a stream from before settings were recorded, and one whose settings nobody gives")
        func firstTime() throws {
            let fixture = try SinkFixture()
            try run(fixture, [:], 1)
            try run(fixture, ["TZ": "UTC"], 2)
            try run(fixture, [:], 3)
            #expect(try kinds(fixture) == ["start", "batch", "settings", "batch", "batch"])
            #expect(try fixture.offset()?.settings == RecordedSettings(["TZ": "UTC"]))
            _ = try fixture.sink().verifyLedger()
        }

        @Test("an instance that lost its lease meanwhile writes nothing")
        func fenced() throws {
            let fixture = try SinkFixture()
            try run(fixture, ["TZ": "UTC"], 1)
            let contents = try #require(try fixture.offset())
            let position = try #require(contents.position)
            let settings = { () -> SinkSettings in
                var settings = fixture.settings
                settings.recorded = RecordedSettings(["TZ": "Asia/Kolkata"])
                return settings
            }()
            let environment = SinkEnvironment(
                settings: settings, notice: { _ in }, cancellation: SinkCancellation(),
                retried: {})
            let check = SettingsCheck(environment, epoch: 99, position: position)
            #expect(throws: SinkError.self) {
                _ = try check.run(
                    MongoLink(environment), stored: contents.settings, tip: LedgerTip())
            }
            #expect(try kinds(fixture) == ["start", "batch"])
        }
    }
}
