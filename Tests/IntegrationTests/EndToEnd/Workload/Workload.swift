import BinlogProtocol
import TestSupport

/// Random transactions over one connection.
///
/// Each statement begins with a comment that holds its number; the log shows it in `src.query`, so that a test can
/// tell for every statement whether its rows are there.
struct Workload {
    let name: String
    private(set) var connection: ServerConnection
    var tables: [Table]
    /// Tables made by CREATE TABLE … SELECT, which nothing changes afterwards.
    var copies: [Table] = []
    let options: WorkloadOptions
    var dice: Dice
    var log = WorkloadLog()
    private var statementCount = 0
    /// Statements of the open transaction, in order.
    private var open: [(id: String, count: WorkloadLog.RowCount)] = []
    private var isDead = false
    /// The statement that was sent, until the server has said everything about it.
    private var sent: String?

    /// Errors that random statements may get; the server undoes the statement.
    private static let refusals: Set<UInt16> = [
        1062, 1048, 1264, 1265, 1292, 1366, 1406, 3140, 3157, 3819, 1364, 3146, 4025,
    ]
    /// Errors after which the server has undone the whole transaction.
    private static let transactionLosses: Set<UInt16> = [1213]
    private static let waits: Set<UInt16> = [1205]

    init(
        name: String, connection: ServerConnection, tables: [Table], seed: UInt64,
        options: WorkloadOptions = WorkloadOptions()
    ) throws {
        self.name = name
        self.connection = connection
        self.tables = tables
        self.options = options
        dice = Dice(seed: seed)
        try prepareSession()
    }

    private func prepareSession() throws {
        for setting in [
            "NAMES utf8mb4", "SESSION sql_mode = 'ALLOW_INVALID_DATES'",
            "SESSION innodb_strict_mode = OFF", "SESSION innodb_lock_wait_timeout = 2",
        ] + options.sessions.map({ "SESSION \($0)" }) { try connection.run("SET \(setting)") }
    }

    // MARK: Lost connections

    /// The connection was lost: the open transaction was committed whole, or not at all.
    mutating func loseTransaction() {
        var group = open.map { WorkloadLog.Statement(id: $0.id, count: $0.count) }
        if let sent, !open.contains(where: { $0.id == sent }) {
            log.undone.remove(sent)
            group.append(WorkloadLog.Statement(id: sent, count: .atLeast(0)))
        }
        if !group.isEmpty { log.uncertain.append(group) }
        open.removeAll()
        isDead = false
        sent = nil
    }

    /// Goes on over another connection.
    mutating func resume(on connection: ServerConnection) throws {
        self.connection = connection
        try prepareSession()
    }

    mutating func nextID() -> String {
        statementCount += 1
        return "\(name)#\(statementCount)"
    }

    /// Creates the database and its tables.
    mutating func createTables() throws {
        guard let database = tables.first?.database else { return }
        try define("CREATE DATABASE \(Table.quote(database))", .create)
        for table in tables { try define(table.definition, .create) }
    }

    /// Runs a statement that commits itself.
    mutating func define(_ sql: String, _ meaning: WorkloadLog.Definition) throws {
        let id = nextID()
        _ = try connection.query("/* \(id) */ \(sql)")
        log.definitions[id] = meaning
        log.transactions += 1
    }

    // MARK: Transactions

    mutating func runTransaction() throws {
        if dice.chance(10) { try changeSession() }
        if dice.chance(25) {
            // A statement of its own.
            try change()
            try settle(isCommitted: true)
            return
        }
        if options.xa, dice.chance(20) {
            try runXATransaction()
            return
        }
        _ = try connection.query(dice.pick(["BEGIN", "START TRANSACTION"]))
        var savepoints: [(name: String, depth: Int)] = []
        for _ in 0..<dice.roll(1...8) where !isDead {
            if dice.chance(15) {
                let savepoint = "sp \(dice.roll(1...3))"
                _ = try connection.query("SAVEPOINT \(Table.quote(savepoint))")
                savepoints.removeAll { $0.name == savepoint }
                savepoints.append((savepoint, open.count))
            }
            try change()
            if !isDead, !savepoints.isEmpty, dice.chance(20) {
                let index = dice.roll(0...(savepoints.count - 1))
                let target = savepoints[index]
                _ = try connection.query(
                    "ROLLBACK TO SAVEPOINT \(Table.quote(target.name))")
                savepoints.removeSubrange((index + 1)...)
                log.undone.formUnion(open[target.depth...].map(\.id))
                open.removeSubrange(target.depth...)
            }
        }
        if isDead {
            try settle(isCommitted: false)
            return
        }
        let isCommitted = !dice.chance(15)
        _ = try connection.query(isCommitted ? "COMMIT" : "ROLLBACK")
        try settle(isCommitted: isCommitted)
    }

    /// A transaction in two phases, or with both in one.
    private mutating func runXATransaction() throws {
        let id = "'\(nextID())', 'it''s', \(dice.roll(0...9))"
        _ = try connection.query("XA START \(id)")
        for _ in 0..<dice.roll(1...5) where !isDead { try change() }
        if isDead {
            // The server has undone it and waits to be told so.
            do { _ = try connection.query("XA END \(id)") } catch {
                guard case .serverError = error.code else { throw error }
            }
            _ = try connection.query("XA ROLLBACK \(id)")
            try settle(isCommitted: false)
            return
        }
        _ = try connection.query("XA END \(id)")
        if dice.chance(30) {
            _ = try connection.query("XA COMMIT \(id) ONE PHASE")
            try settle(isCommitted: true)
            return
        }
        _ = try connection.query("XA PREPARE \(id)")
        let isCommitted = !dice.chance(40)
        _ = try connection.query("XA \(isCommitted ? "COMMIT" : "ROLLBACK") \(id)")
        try settle(isCommitted: isCommitted)
    }

    /// A transaction of several statements with many rows each.
    mutating func insertMany(rows: Int) throws {
        let table = dice.pick(tables)
        _ = try connection.query("BEGIN")
        for _ in 0..<3 where !isDead {
            let values = rowList(table, rows / 3)
            try change("INSERT IGNORE INTO \(table.quoted) (\(table.columnList)) VALUES \(values)")
        }
        if !isDead { _ = try connection.query("COMMIT") }
        try settle(isCommitted: true)
    }

    private mutating func settle(isCommitted: Bool) throws {
        if isCommitted, !isDead {
            for (id, count) in open { log.committed[id] = count }
            log.transactions += 1
        } else {
            log.undone.formUnion(open.map(\.id))
            log.rolledBack += 1
        }
        let wasDead = isDead
        open.removeAll()
        isDead = false
        // Also after XA ROLLBACK, when there is nothing left to undo.
        if wasDead { _ = try connection.query("ROLLBACK") }
    }

    private mutating func changeSession() throws {
        switch dice.roll(1...5) {
        case 4:
            let image = dice.pick(options.rowImages)
            _ = try connection.query("SET SESSION binlog_row_image = \(image.rawValue)")
        case 5 where options.partialJSON:
            let value = dice.pick(["PARTIAL_JSON", ""])
            _ = try connection.query("SET SESSION binlog_row_value_options = '\(value)'")
        case 1 where options.isMariaDB:
            try connection.run("SET SESSION gtid_domain_id = \(dice.pick([0, 0, 1, 77]))")
        case 1:
            let value = dice.pick(["ON", "OFF"])
            _ = try connection.query("SET SESSION binlog_transaction_compression = \(value)")
        case 2:
            let zone = dice.pick(["+00:00", "+05:30", "-08:00"])
            _ = try connection.query("SET SESSION time_zone = '\(zone)'")
        case 3 where !options.isMariaDB:
            let tag = dice.pick(["AUTOMATIC", "AUTOMATIC:audit", "AUTOMATIC:t_2"])
            _ = try connection.query("SET SESSION gtid_next = '\(tag)'")
        default: break
        }
    }

    // MARK: Statements

    private mutating func change() throws {
        let (sql, isExact) = statement(dice.pick(tables))
        try change(sql, isExact: isExact)
    }

    private mutating func change(_ sql: String, isExact: Bool = true) throws {
        let id = nextID()
        sent = id
        do {
            _ = try connection.query("/* \(id) */ \(sql)")
        } catch {
            log.undone.insert(id)
            guard case .serverError(let number) = error.code else { throw error }
            if Self.transactionLosses.contains(number) { isDead = true }
            guard
                Self.refusals.contains(number) || Self.waits.contains(number) || isDead
            else { throw error }
            sent = nil
            return
        }
        let counted = try connection.query("SELECT ROW_COUNT()").singleValue
        let count = counted.flatMap { Int($0) } ?? 0
        // REPLACE counts a row that is there already with the same values, and changes nothing.
        let isSure = count > 0 && !sql.hasPrefix("REPLACE")
        open.append((id, isExact ? .exactly(count) : .atLeast(isSure ? 1 : 0)))
        sent = nil
    }
}

extension ServerConnection {
    /// Runs a statement whose result does not matter.
    func run(_ sql: String) throws { _ = try query(sql) }
}
