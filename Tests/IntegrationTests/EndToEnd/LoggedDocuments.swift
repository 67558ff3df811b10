import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// A private server and the documents that `sdl decode` makes of what it logs.
struct LoggedDocuments {
    let source: ServiceInstance
    let connection: ServerConnection

    init(_ name: String, options: [String] = []) throws {
        source = try Services.start(.mysql, name: name, options: options)
        connection = try source.root()
        _ = try connection.query("SET NAMES utf8mb4")
    }

    /// The files of the log, oldest first.
    func files() throws -> [String] {
        try source.root().query("SHOW BINARY LOGS").rows.map {
            "\(try source.dataFolder)/\(try #require($0[0]))"
        }
    }

    /// Runs statements in a log file of their own and gives its documents.
    func documents(_ statements: [String]) throws -> [[String: Any]] {
        try run(connection, ["FLUSH BINARY LOGS"] + statements)
        return try decoded([try #require(try files().last)])
    }

    func decoded(_ files: [String]) throws -> [[String: Any]] {
        let command = try SDLCommand.run(["decode"] + files)
        let complaints = try command.complaints
        try #require(command.exitCode == 0, "\(complaints)")
        return try command.output.split(separator: "\n").map { line in
            try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    /// `<op> <table>` of each document; of rows the columns too, in their order: `i t[a,b]`.
    func summary(_ statements: [String]) throws -> [String] {
        try documents(statements).map(Self.line)
    }

    static func line(_ document: [String: Any]) -> String {
        let meta = document["meta"] as? [String: Any] ?? [:]
        var text = "\(document["op"] ?? "?") \(meta["tbl"] as? String ?? "-")"
        if let changes = document["chg"] as? [String: Any] {
            text += "[\(changes.keys.sorted().joined(separator: ","))]"
        }
        return text
    }
}
