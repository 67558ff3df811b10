import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// What the process finds around it and must not care about: zone, language, folder, where its words go.
@Suite struct SurroundingsTests {
    private func decode(_ changes: [String: String]) throws -> [String] {
        let run = try SDLCommand.run(
            ["decode", Fixtures.path("mysql-9.7.binlog")], environment: changes)
        #expect(run.exitCode == 0)
        return try run.output.split(separator: "\n").map(String.init)
    }

    @Test(
        "T97: the zone and the language change nothing but tsLocal",
        arguments: [
            ["TZ": "Asia/Kolkata"], ["TZ": "America/New_York"], ["TZ": "Pacific/Chatham"],
            ["LANG": "de_DE.UTF-8", "LC_ALL": "tr_TR.UTF-8"], ["LC_ALL": "POSIX"],
            ["TZ": "America/New_York", "LC_ALL": "ar_EG.UTF-8", "LANGUAGE": "fa"],
        ])
    func zones(_ changes: [String: String]) throws {
        let local = /"tsLocal":"[^"]*",/
        let plain = try decode([:])
        let changed = try decode(changes)
        #expect(plain.count > 20)
        #expect(
            plain.map { $0.replacing(local, with: "") }
                == changed.map { $0.replacing(local, with: "") })
        #expect((plain == changed) == (changes["TZ"] == nil))
    }

    @Test("T97: around the hours that New York's clocks leave out and have twice")
    func daylightSaving() throws {
        // 2026-03-08 and 2026-11-01, a minute each before and after the change.
        let instants: [(Int64, String)] = [
            (1_772_953_140, "2026-03-08 01:59:00.000-05:00"),
            (1_772_953_200, "2026-03-08 03:00:00.000-04:00"),
            (1_793_512_740, "2026-11-01 01:59:00.000-04:00"),
            (1_793_512_800, "2026-11-01 01:00:00.000-05:00"),
        ]
        var local = LocalTime(timeZone: try #require(TimeZone(identifier: "America/New_York")))
        for (seconds, text) in instants {
            #expect(local.text(milliseconds: seconds * 1000) == text)
        }
    }

    @Test("T99: a folder that cannot be written to")
    func readOnlyFolder() throws {
        // Not even root can write there.
        let run = try SDLCommand.run(
            ["decode", Fixtures.path("mysql-9.7.binlog")], in: URL(fileURLWithPath: "/proc"))
        #expect(run.exitCode == 0)
        #expect(try !run.output.isEmpty)
    }

    @Test("T99: a .env file that cannot be read ends the program with its name")
    func unreadableSettings() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path(".env"), withIntermediateDirectories: false)
        let run = try SDLCommand.run(["run"], in: folder.url)
        #expect(run.exitCode == 2)
        #expect(try run.complaints == "sdl: ./.env is not a regular file.\n")
    }
}
