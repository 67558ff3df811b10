import BinlogProtocol
import TestSupport
import Testing

@testable import MongoSink

/// What must hold of an audit trail after the source is at rest and `sdl` has caught up.
struct TrailChecks {
    let trail: AuditTrail
    let log: WorkloadLog
    let tables: [Table]
    /// What the source had executed where the trail begins.
    let start: GTIDSet
    let options: WorkloadOptions
    private var isMariaDB: Bool { trail.isMariaDB }

    /// Numbers for the reader of a test run.
    struct Summary {
        var transactions = 0
        var documents = 0
        var rows = 0
    }

    /// What does not hold.
    private(set) var problems: [String] = []

    init(
        trail: AuditTrail, log: WorkloadLog, tables: [Table], start: GTIDSet,
        options: WorkloadOptions = WorkloadOptions()
    ) {
        self.trail = trail
        self.log = log
        self.tables = tables
        self.start = start
        self.options = options
    }

    /// Runs every check; records one issue with the first few things that do not hold.
    @discardableResult
    mutating func verify(_ label: String) throws -> Summary {
        problems = []
        let documents = try ordered(try trail.rowChanges())
        try checkNumbers(documents)
        var summary = Summary(documents: documents.count)
        if let state = rebuild(documents) {
            checkStatements(state)
            for table in tables { summary.rows += try compare(table, state) }
        }
        summary.transactions = try checkLedger(documentCount: documents.count)
        try checkDigests(documents)
        let all = problems
        if !all.isEmpty {
            let first = all.prefix(5).map { $0.prefix(2000) }.joined(separator: "\n")
            Issue.record("\(label): \(all.count) problems, the first:\n\(first)")
        }
        return summary
    }

    private mutating func check(_ holds: Bool, _ problem: @autoclosure () -> String) {
        if !holds { problems.append(problem()) }
    }

    // MARK: Order and numbers

    private struct Place {
        let file: String
        let position: Int64
        let row: Int64
        let gtid: String
        let document: AuditValue
        let bytes: [UInt8]
    }

    /// The documents in the order in which the source committed them.
    private func ordered(_ documents: [BSONDocument]) throws -> [Place] {
        let places = try documents.map { document in
            let value = AuditValue.document(try AuditValue.members(document))
            return Place(
                file: try #require(value["src"]?["binlog"]?["file"]?.text),
                position: try #require(value["src"]?["binlog"]?["pos"]?.number),
                row: try #require(value["src"]?["row"]?.number),
                gtid: try #require(value["src"]?["gtid"]?.text), document: value,
                bytes: document.bytes)
        }
        return places.sorted {
            ($0.file, $0.position, $0.row) < ($1.file, $1.position, $1.row)
        }
    }

    /// Ids are unique, and each transaction's rows are numbered from 1 without a hole.
    private mutating func checkNumbers(_ places: [Place]) throws {
        var ids: Set<String> = []
        var counts: [String: Int64] = [:]
        var numbers: [String: Int64] = [:]
        for place in places {
            let id = try #require(place.document["_id"]?.text)
            check(ids.insert(id).inserted, "\(id) is there twice")
            check(id == "\(place.gtid)/\(place.row)", "\(id) is not its transaction and row")
            counts[place.gtid, default: 0] += 1
            check(counts[place.gtid] == place.row, "\(id) does not follow the row before it")
            let mark = try #require(place.gtid.lastIndex(of: isMariaDB ? "-" : ":"))
            let number = try #require(Int64(place.gtid[place.gtid.index(after: mark)...]))
            let last = numbers.updateValue(number, forKey: String(place.gtid[..<mark])) ?? 0
            check(last <= number, "\(id) lies behind a later transaction")
        }
    }

    // MARK: Rows

    private mutating func rebuild(_ places: [Place]) -> RebuiltState? {
        var state = RebuiltState(log.definitions, options: options)
        do {
            for place in places { try state.apply(place.document) }
            return state
        } catch {
            problems.append("\(error)")
            return nil
        }
    }

    /// Every committed statement has its rows, none that was undone has any.
    private mutating func checkStatements(_ state: RebuiltState) {
        func stored(_ id: String) -> Int { state.changesOfStatements[id] ?? 0 }
        for (id, expected) in log.committed where !expected.allows(stored(id)) {
            problems.append("statement \(id) made \(expected) changes, stored \(stored(id))")
        }
        for transaction in log.uncertain {
            let isWhole = transaction.allSatisfy { $0.count.allows(stored($0.id)) }
            let isAbsent = transaction.allSatisfy { stored($0.id) == 0 }
            check(isWhole || isAbsent, "one half of a transaction is stored: \(transaction)")
        }
        let undone = log.undone.filter { state.changesOfStatements[$0] != nil }
        check(undone.isEmpty, "rolled back, yet stored: \(undone)")
        let known = Set(log.committed.keys).union(log.definitions.keys).union(log.copied)
            .union(log.uncertain.joined().map(\.id))
        let foreign = Set(state.changesOfStatements.keys).subtracting(known)
        check(foreign.isEmpty, "never committed, yet stored: \(foreign)")
        let missing = Set(log.definitions.keys).subtracting(state.definitionsSeen)
        check(missing.isEmpty, "definitions without a document: \(missing)")
    }

    /// Compares a table with what SELECT says; returns how many rows it has.
    private mutating func compare(_ table: Table, _ state: RebuiltState) throws -> Int {
        let connection = try trail.source.root()
        _ = try connection.query("SET NAMES utf8mb4")
        _ = try connection.query("SET SESSION time_zone = '+00:00'")
        let list = table.columns.map { $0.kind.selected($0.quoted, options) }.joined(separator: ",")
        let result = try connection.query("SELECT \(list) FROM \(table.quoted)")
        var expected: [RebuiltState.Row: Int] = [:]
        for texts in result.rows {
            var row: RebuiltState.Row = [:]
            for (column, text) in zip(table.columns, texts) {
                row[column.field] = try column.kind.expected(text, options)
            }
            expected[row, default: 0] += 1
        }
        let found = state.rows(.init(database: table.database, table: table.name))
        if found != expected {
            let missing = expected.filter { found[$0.key] != $0.value }.keys.first
            let extra = found.filter { expected[$0.key] != $0.value }.keys.first
            problems.append("\(table.quoted): \(Self.difference(missing, extra))")
        }
        return result.rows.count
    }

    private static func difference(
        _ selected: RebuiltState.Row?, _ rebuilt: RebuiltState.Row?
    ) -> String {
        guard let selected, let rebuilt else {
            return "only selected: \(selected ?? [:])\nonly rebuilt: \(rebuilt ?? [:])"
        }
        let names = Set(selected.keys).union(rebuilt.keys)
        return names.filter { selected[$0] != rebuilt[$0] }.sorted().map {
            "\($0): selected \(selected[$0]?.description ?? "-"), rebuilt \(rebuilt[$0]?.description ?? "-")"
        }.joined(separator: "\n")
    }

    // MARK: The sink's own records

    /// Each entry has the digest of the documents that stand there now.
    private mutating func checkDigests(_ places: [Place]) throws {
        var digests = try LedgerDigests(places.map { ($0.gtid, $0.bytes) })
        try digests.check(try trail.ledgerEntries())
        problems += digests.problems
    }

    /// The chain is whole, its sums are those of the source and of the collection, nothing is pending.
    private mutating func checkLedger(documentCount: Int) throws -> Int {
        let ledger = try trail.ledger()
        let executed = try trail.source.executed()
        // A MariaDB position has no beginning: its numbers are counted from the start's.
        let transactions =
            isMariaDB
            ? Int(executed.count - start.count) : Int(executed.subtracting(start).count)
        check(ledger.events == documentCount, "the ledger counts \(ledger.events) events")
        check(
            ledger.transactions == transactions,
            "the ledger counts \(ledger.transactions) transactions, not \(transactions)")
        let offset = try #require(try trail.offset())
        check(offset["gtid"]?.text == executed.description, "the position is \(offset)")
        check(offset["events"]?.number == Int64(documentCount), "events of \(offset)")
        check(offset["transactions"]?.number == Int64(transactions), "transactions of \(offset)")
        check(offset["partial"] == nil, "a transaction is left in its middle: \(offset)")
        let staging = try trail.stagingStatuses()
        check(Set(staging.keys).isSubset(of: ["committed"]), "staging holds \(staging)")
        return transactions
    }
}
