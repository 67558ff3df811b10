import BinlogProtocol
import Foundation

// Follows a MySQL server from a thread of its own, and goes on after failures where it was:
//
//     MYSQL_USER=audit MYSQL_PASS=… swift run follow-blocking 127.0.0.1:3306 [gtid-set]

let environment = ProcessInfo.processInfo.environment
let arguments = CommandLine.arguments.dropFirst()

let options = ConnectionOptions(
    address: try ServerAddress(parsing: arguments.first ?? "127.0.0.1:3306"),
    user: environment["MYSQL_USER"] ?? "root",
    password: Secret(environment["MYSQL_PASS"] ?? ""), serverID: 4712)

var executed = GTIDSet()
if let text = arguments.dropFirst().first { executed = try GTIDSet(parsing: text) }

let cancellation = try Cancellation()
while true {
    do {
        try follow(&executed)
        break
    } catch  where error.isTransient {
        print("\(error) Trying again after \(executed).")
        sleep(1)
    } catch {
        explain(error)
        break
    }
}

func follow(_ executed: inout GTIDSet) throws(BinlogError) {
    let stream = try BinlogStream(options, cancellation: cancellation)
    // Whole transactions only, so that nothing is lost or seen twice after a failure.
    defer { executed = stream.executed }
    try stream.follow(from: executed, replicaUUID: .random())
    while true {
        switch try stream.next(until: .now + .seconds(1)) {
        case .change(let change): handle(change)
        case .idle: continue
        case .ended: return try stream.close()
        }
    }
}

func handle(_ change: Change) {
    switch change {
    case .begin(let start): print("transaction \(start.id)")
    case .rows(let changes): print("  rows of \(changes.event.table.table)")
    case .end(.committed): print("  committed")
    case .end(.rolledBack), .end(.abandoned): print("  did not happen")
    default: break
    }
}

func explain(_ error: BinlogError) {
    switch error.code {
    case .purged(let missing): print("The server no longer has \(missing ?? "what is needed").")
    case .privilege: print("The account may not do that: \(error)")
    case .corrupt, .undecodable: print("Somebody must look: \(error)")
    default: print("\(error)")
    }
}

func compare(_ ours: GTIDSet, with stream: BinlogStream) {
    let missing = stream.resolve(.current).subtracting(ours)
    print(missing.isEmpty ? "up to date" : "\(missing.count) transactions behind: \(missing)")
}

/// Names from a file that somebody wrote, for a log without names.
let lookup = TableLookup.given { database, table in
    guard database == "shop", table == "orders" else { return nil }
    return TableDefinition(
        columns: [
            TableDefinition.Column(name: "id", type: "int unsigned", isNullable: false),
            TableDefinition.Column(name: "note", type: "varchar(60)", isNullable: true),
        ], primaryKey: [0])
}

/// Only the tables of one database are asked for.
let ours = TableLookup.server { database, _ in database == "shop" }
