import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// A filter that changes between two runs is a hole in the trail that its ledger tells of.
@Suite struct SettingsChangeTests {
    @Test("T98: what is left out from now on is told by the ledger; the same settings tell nothing")
    func filter() throws {
        let trail = try OwnTrail()
        let table = try SourceTable(trail)
        let until = ["run", "--until", "current"]
        #expect(try trail.run(until, table.onlyThis).exitCode == 0)
        try table.insert(2)
        let same = try trail.run(until, table.onlyThis)
        #expect(try !same.complaints.contains("other settings"))
        let other = try trail.run(
            until, ["INCLUDE_REGEX": "nothing", "FULL_IMAGES": "true", "ON_UNDECODABLE": "gap"])
        #expect(other.exitCode == 0)
        #expect(
            try other.complaints.contains(
                "other settings than before (FULL_IMAGES, INCLUDE_REGEX, ON_UNDECODABLE)"))
        try table.insert(2)
        #expect(try trail.run(until, ["INCLUDE_REGEX": "nothing"]).exitCode == 0)
        #expect(try trail.insertCount() == 2)
        let entries = try trail.documents("row_changes_ledger")
            .sorted { try ($0.integer("seq") ?? 0) < ($1.integer("seq") ?? 0) }
        let start = try #require(entries.first)
        #expect(try start.string("kind") == "start")
        #expect(try start.string("detail", "settings", "TZ", "t") == "UTC")
        let changed = try entries.filter { try $0.string("kind") == "settings" }
        #expect(changed.count == 2)
        #expect(
            try changed.map { try $0.string("detail", "settings", "INCLUDE_REGEX", "t") }
                == ["nothing", nil])
        #expect(
            try changed.first?.string("detail", "settings", "INCLUDE_REGEX", "f")
                == table.onlyThis["INCLUDE_REGEX"])
        _ = try trail.ledger()
    }
}
