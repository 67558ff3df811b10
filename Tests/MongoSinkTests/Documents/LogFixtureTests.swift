import Foundation
import TestSupport
import Testing

/// The logs under Tests/Fixtures/Logs: the same statements on servers with other settings.
@Suite("Logs of every setting")
struct LogFixtureTests {
    private static let settings: [(servers: [String], names: [String])] = [
        (["mysql", "mariadb", "mariadb118"], ["", "-image-minimal", "-metadata-minimal"]),
        (["mysql", "mariadb", "mariadb118"], ["-checksum-none", "-compressed"]),
        (["mysql"], ["-image-noblob", "-partial-json"]),
        (["mariadb", "mariadb118"], ["-metadata-none", "-own"]),
    ]

    static let names: [String] = settings.flatMap { servers, names in
        servers.flatMap { server in names.map { server + $0 } }
    }

    @Test("documents are those beside the log", arguments: names)
    func documents(_ name: String) throws {
        let expected = String(decoding: try Fixtures.bytes("Logs/\(name).jsonl"), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        #expect(!expected.isEmpty)
        #expect(try EncodedLog.lines(of: "Logs/\(name).binlog") == expected)
    }

    /// A line without what depends on the moment and on the layout of the log.
    private func withoutPlace(_ line: String) -> String {
        var line = line
        for pattern in [
            #""ts":\{"\$date":"[^"]*"\},"tsLocal":"[^"]*","#, #""binlog":\{[^}]*\},"#,
            #","thread":\d+"#, #","xid":\d+"#, #"^\{"_id":"[-0-9a-f:]*(?=[-:]\d+/\d+")"#,
            #""gtid":"[-0-9a-f:]*(?=[-:]\d+")"#,
        ] {
            line = line.replacingOccurrences(
                of: pattern, with: "", options: .regularExpression)
        }
        return line
    }

    @Test(
        "OJ6 CH1 DT6 DT7: compression, checksums and differences of JSON change no document",
        arguments: [
            ("mysql", "mysql-compressed"), ("mysql", "mysql-checksum-none"),
            ("mysql", "mysql-partial-json"), ("mariadb", "mariadb-compressed"),
            ("mariadb", "mariadb-checksum-none"), ("mariadb118", "mariadb118-compressed"),
            ("mariadb118", "mariadb118-checksum-none"),
        ])
    func same(_ plain: String, _ other: String) throws {
        let expected = try EncodedLog.lines(of: "Logs/\(plain).binlog").map(withoutPlace)
        let found = try EncodedLog.lines(of: "Logs/\(other).binlog").map(withoutPlace)
        #expect(expected.count > 20)
        #expect(found == expected)
    }
}
