import BinlogProtocol
import TestSupport

/// The row fixtures and what `SELECT` says of them.
enum FixtureEvents {
    /// The rows events of a file in `Tests/Fixtures/Rows`.
    static func rows(ofFile name: String) throws -> [RowsEvent] {
        let file = try BinlogFile(path: Fixtures.path("Rows/\(name)"))
        var events: [RowsEvent] = []
        while let change = try file.nextChange() {
            if case .rows(let rows) = change { events.append(rows.event) }
        }
        return events
    }

    /// The lines of `mysql --batch -N`, split at tabs, with its escapes undone.
    static func table(ofFile name: String) throws -> [[String]] {
        String(decoding: try Fixtures.bytes("Rows/\(name)"), as: UTF8.self)
            .split(separator: "\n").map { line in
                line.split(separator: "\t", omittingEmptySubsequences: false).map {
                    String($0).replacing("\\\\", with: "\u{0}").replacing("\\n", with: "\n")
                        .replacing("\\t", with: "\t").replacing("\u{0}", with: "\\")
                }
            }
    }

}
