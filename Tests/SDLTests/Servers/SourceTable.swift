import BinlogProtocol
import Foundation
import TestSupport

/// A table of its own for one test on a source that tests share, dropped with this object.
final class SourceTable {
    let database = "source_\(UUID().uuidString.prefix(8).lowercased())"
    private let root: ServerConnection

    init(_ trail: OwnTrail) throws {
        root = try trail.root()
        _ = try root.query("CREATE DATABASE \(database)")
        _ = try root.query(
            "CREATE TABLE \(database).t (id INT PRIMARY KEY AUTO_INCREMENT, b LONGBLOB)")
    }

    deinit {
        do {
            _ = try root.query("DROP DATABASE \(database)")
        } catch {
            print("the database \(database) stays behind: \(error)")
        }
    }

    /// Settings that keep what other tests do out of the trail.
    var onlyThis: [String: String] { ["INCLUDE_REGEX": "\(database)\\..*"] }

    /// Inserts rows, each a transaction of its own.
    func insert(_ count: Int, bytes: Int = 1) throws {
        for _ in 0..<count {
            _ = try root.query("INSERT INTO \(database).t (b) VALUES (REPEAT('x', \(bytes)))")
        }
    }

    /// Every transaction that the server executed.
    func executed() throws -> String {
        let text = try root.query("SELECT @@GLOBAL.gtid_executed").singleValue ?? ""
        return text.filter { !$0.isWhitespace }
    }
}
