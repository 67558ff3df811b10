import BinlogProtocol
import Foundation

// Prints the changes of a MySQL server as they are committed:
//
//     MYSQL_USER=audit MYSQL_PASS=… swift run follow-changes 127.0.0.1:3306

let environment = ProcessInfo.processInfo.environment
let address = CommandLine.arguments.dropFirst().first ?? "127.0.0.1:3306"

let options = ConnectionOptions(
    address: try ServerAddress(parsing: address), user: environment["MYSQL_USER"] ?? "root",
    password: Secret(environment["MYSQL_PASS"] ?? ""), serverID: 4711)

for try await change in BinlogChanges(options, start: .current) {
    switch change {
    case .begin(let transaction):
        print("transaction \(transaction.id)")
    case .rows(let changes):
        let table = changes.event.table
        for row in try changes.event.rows {
            for (index, column) in table.columns.enumerated()
            where row.before?[index] != row.after?[index] {
                let old = row.before.map { "\($0[index] ?? .null)" } ?? "-"
                let new = row.after.map { "\($0[index] ?? .null)" } ?? "-"
                print("  \(table.database).\(table.table) \(column.name): \(old) -> \(new)")
            }
        }
    case .statement(let statement):
        print("  a statement without rows in \(statement.database)")
    case .gap(let gap):
        print("  a \(gap.event) that cannot be decoded")
    case .xa(let id):
        print("  a part of XA transaction \(id)")
    case .savepoint, .rollbackToSavepoint:
        break
    case .end(let end):
        print("  \(end)")
    }
}
