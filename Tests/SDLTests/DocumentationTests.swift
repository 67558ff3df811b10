import Foundation
import TestSupport
import Testing

@testable import sdl

/// What the documents promise, held against the program.
@Suite struct DocumentationTests {
    private func text(_ path: String) throws -> String {
        try String(contentsOf: Services.root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The rows of the tables whose first cell is a setting: key, default, meaning.
    private func rows() throws -> [String: [String]] {
        var rows: [String: [String]] = [:]
        for line in try text("Docs/SETTINGS.md").split(separator: "\n") where line.hasPrefix("| `")
        {
            let cells = line.replacing("\\|", with: "¦").split(
                separator: "|", omittingEmptySubsequences: false
            ).map { $0.replacing("¦", with: "|").trimmingCharacters(in: .whitespaces) }
            rows[cells[1].trimmingCharacters(in: ["`"])] = cells
        }
        return rows
    }

    @Test func everySettingIsDescribedAndNoOther() throws {
        #expect(Set(try rows().keys) == Set(SettingsKey.allCases.map(\.rawValue)))
    }

    @Test func theDefaultsAreThoseOfTheProgram() throws {
        let rows = try rows()
        var environment = ["MYSQL_USER": "r"]
        for (key, cells) in rows {
            let value = cells[2].trimmingCharacters(in: ["`"])
            // Defaults in words, or made of other settings, have tests of their own.
            if cells[2].hasPrefix("`"), !value.contains("`"), !value.contains("<") {
                environment[key] = value
            }
        }
        #expect(environment.count > 20)
        let documented = try settings(environment)
        let own = try settings(["MYSQL_USER": "r"])
        #expect(String(reflecting: documented.mysql) == String(reflecting: own.mysql))
        #expect(documented.mongo.uri.text == own.mongo.uri.text)
        #expect(documented.mongo.database == own.mongo.database)
        #expect(documented.mongo.changes == own.mongo.changes)
        #expect(documented.mongo.offsets == own.mongo.offsets)
        #expect(documented.filter.include.source == own.filter.include.source)
        #expect(documented.filter.exclude.source == own.filter.exclude.source)
        #expect(documented.start == own.start)
        #expect(documented.batchDocumentsMax == own.batchDocumentsMax)
        #expect(documented.batchBytesMax == own.batchBytesMax)
        #expect(documented.flushInterval == own.flushInterval)
        #expect(documented.memoryBytesMax == own.memoryBytesMax)
        #expect(documented.retry == own.retry)
        #expect(documented.fullImages == own.fullImages)
        #expect(documented.stagingTTL == own.stagingTTL)
        #expect(documented.timeZone == own.timeZone)
        #expect(documented.logLevel == own.logLevel)
        #expect(documented.logFormat == own.logFormat)
    }

    @Test func theChangelogKnowsThisVersion() throws {
        #expect(try text("CHANGELOG.md").contains("## \(Version.text)"))
    }
}
