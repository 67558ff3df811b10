import BinlogProtocol

@testable import MongoSink

/// The rows of all tables, rebuilt from the documents of the audit trail and from nothing else.
///
/// Each document must fit what those before it left: an insert finds no row with its key, an update or delete finds
/// the row, and the old values that it names are the row's.
struct RebuiltState {
    struct Misfit: Error, CustomStringConvertible {
        let description: String
    }

    struct TableName: Hashable {
        let database: String
        let table: String
    }

    typealias Row = [String: AuditValue]

    /// Rows of tables with a key, by their key.
    private(set) var keyed: [TableName: [AuditValue: Row]] = [:]
    /// Rows of tables without one, with how often each is there.
    private(set) var bags: [TableName: [Row: Int]] = [:]
    private(set) var changesOfStatements: [String: Int] = [:]
    /// Changes of XA transactions of which it is not known yet whether they happened.
    private(set) var prepared: [String: [AuditValue]] = [:]
    private(set) var definitionsSeen: Set<String> = []
    private let definitions: [String: WorkloadLog.Definition]
    private let options: WorkloadOptions
    private var hasWholeImages: Bool { options.hasWholeImages }

    init(
        _ definitions: [String: WorkloadLog.Definition],
        options: WorkloadOptions = WorkloadOptions()
    ) {
        self.definitions = definitions
        self.options = options
    }

    /// The rows of a table with how often each is there.
    func rows(_ name: TableName) -> [Row: Int] {
        var rows = bags[name] ?? [:]
        for row in (keyed[name] ?? [:]).values { rows[row, default: 0] += 1 }
        return rows
    }

    /// The number that a workload wrote in front of a statement.
    static func statementID(_ sql: String) -> String? {
        guard sql.hasPrefix("/* ") else { return nil }
        return sql.dropFirst(3).split(separator: " ").first.map(String.init)
    }

    mutating func apply(_ change: AuditValue) throws {
        do {
            try applyUnlabelled(change)
        } catch let misfit as Misfit {
            throw Misfit(description: "\(change["_id"]?.text ?? "?"): \(misfit)\n\(change)")
        }
    }

    private mutating func applyUnlabelled(_ change: AuditValue) throws {
        guard let xa = change["xa"] else { return try applyCommitted(change) }
        let id = try required(xa["id"]?.text, "xa.id")
        if let isCommitted = xa["committed"] {
            let changes = prepared.removeValue(forKey: id) ?? []
            if isCommitted == .bool(true) { try changes.forEach { try applyCommitted($0) } }
        } else if try required(xa["prepared"], "xa.prepared") == .bool(true) {
            prepared[id, default: []].append(change)
        } else {
            try applyCommitted(change)
        }
    }

    private mutating func applyCommitted(_ change: AuditValue) throws {
        let operation = try required(change["op"]?.text, "op")
        let meta = try required(change["meta"], "meta")
        if ["ddl", "truncate", "statement"].contains(operation) {
            try define(try required(change["sql"]?.text, "sql"), meta)
            return
        }
        let name = TableName(
            database: try required(meta["db"]?.text, "meta.db"),
            table: try required(meta["tbl"]?.text, "meta.tbl"))
        let query = try required(change["src"]?["query"]?.text, "src.query")
        let statement = try required(Self.statementID(query), "a statement's number")
        changesOfStatements[statement, default: 0] += 1
        let key = try required(meta["pk"], "meta.pk")
        let fields = try required(change["chg"], "chg").fields
        if key == .null {
            try applyWithoutKey(operation, change, fields, name)
        } else {
            try apply(operation, change, fields, name, Self.sorted(key))
        }
    }

    // MARK: Tables with a key

    private mutating func apply(
        _ operation: String, _ change: AuditValue, _ fields: [AuditValue.Member],
        _ name: TableName, _ key: AuditValue
    ) throws {
        switch operation {
        case "i":
            guard keyed[name]?[key] == nil else { throw Misfit(description: "the row is there") }
            keyed[name, default: [:]][key] = try image(fields, "t", other: "f")
        case "d":
            let row = try required(keyed[name]?.removeValue(forKey: key), "the row")
            let image = try image(fields, "f", other: "t")
            try require(matches(image, row), "the deleted row is \(row)")
        default:
            let before = (change["meta"]?["pkBefore"]).map(Self.sorted)
            try require(before != key, "pkBefore equals pk")
            let row = try required(
                keyed[name]?.removeValue(forKey: before ?? key), "the row")
            guard keyed[name]?[key] == nil else {
                throw Misfit(description: "the new key is there")
            }
            let updated = try update(row, fields)
            keyed[name, default: [:]][key] = updated
            try checkImages(change, before: row, after: updated)
        }
    }

    private func update(_ row: Row, _ fields: [AuditValue.Member]) throws -> Row {
        var updated = row
        for field in fields {
            let to = try required(field.value["t"], "t of \(field.name)")
            updated[field.name] = to
            guard let from = field.value["f"] else {
                try require(!hasWholeImages, "f of \(field.name) is missing")
                try require(row[field.name] != nil, "no column \(field.name)")
                continue
            }
            try require(row[field.name] == from, "\(field.name) was \(row[field.name] ?? .null)")
            // SQL NULL and a JSON null are both null in BSON: between them a change shows no difference.
            // Differences of a JSON document can undo each other.
            try require(
                from != to || from == .null || options.partialJSON, "\(field.name) did not change")
        }
        return updated
    }

    private func checkImages(_ change: AuditValue, before: Row, after: Row) throws {
        guard let first = change["before"], let second = change["after"] else { return }
        try requireMatch("before", Self.row(first), before)
        try requireMatch("after", Self.row(second), after)
    }

    private func requireMatch(_ name: String, _ image: Row, _ row: Row) throws {
        let wrong = Set(image.keys).union(hasWholeImages ? Array(row.keys) : [])
            .filter { image[$0] != row[$0] }.sorted()
        let differences = wrong.map {
            "\($0) is \(image[$0]?.description ?? "-") and was \(row[$0]?.description ?? "-")"
        }
        try require(wrong.isEmpty, "\(name) is not the row: \(differences)")
    }

    /// Whether an image shows a row; one that is not whole shows some of its columns.
    private func matches(_ image: Row, _ row: Row) -> Bool {
        hasWholeImages ? image == row : image.allSatisfy { row[$0.key] == $0.value }
    }

    // MARK: Tables without a key

    private mutating func applyWithoutKey(
        _ operation: String, _ change: AuditValue, _ fields: [AuditValue.Member],
        _ name: TableName
    ) throws {
        switch operation {
        case "i":
            bags[name, default: [:]][try image(fields, "t", other: "f"), default: 0] += 1
        case "d":
            try remove(try image(fields, "f", other: "t"), name)
        default:
            let before = Self.row(try required(change["before"], "before"))
            let after = Self.row(try required(change["after"], "after"))
            let updated = try update(before, fields)
            try require(matches(after, updated), "chg is not the difference")
            try remove(before, name)
            bags[name, default: [:]][updated, default: 0] += 1
        }
    }

    private mutating func remove(_ row: Row, _ name: TableName) throws {
        guard let count = bags[name]?[row] else { throw Misfit(description: "no such row") }
        bags[name]?[row] = count == 1 ? nil : count - 1
    }

    // MARK: Definitions

    private mutating func define(_ sql: String, _ meta: AuditValue) throws {
        let id = Self.statementID(sql) ?? "copy of \(meta["tbl"]?.text ?? "")"
        guard let definition = definitions[id] else { return }
        try require(definitionsSeen.insert(id).inserted, "the definition came twice")
        switch definition {
        case .create, .other: break
        case .empty(let database, let table):
            let name = TableName(database: database, table: table)
            try require(meta["tbl"]?.text == table && meta["db"]?.text == database, "meta")
            keyed[name] = nil
            bags[name] = nil
        case .addColumn(let database, let table, let field, let value):
            change(TableName(database: database, table: table)) { $0[field] = value }
        case .dropColumn(let database, let table, let field):
            change(TableName(database: database, table: table)) { $0[field] = nil }
        case .rename(let database, let from, let to):
            let old = TableName(database: database, table: from)
            let new = TableName(database: database, table: to)
            keyed[new] = keyed.removeValue(forKey: old)
            bags[new] = bags.removeValue(forKey: old)
        }
    }

    private mutating func change(_ name: TableName, _ body: (inout Row) -> Void) {
        keyed[name] = keyed[name]?.mapValues { row in
            var row = row
            body(&row)
            return row
        }
        guard let bag = bags[name] else { return }
        var changed: [Row: Int] = [:]
        for (row, count) in bag {
            var row = row
            body(&row)
            changed[row, default: 0] += count
        }
        bags[name] = changed
    }

    // MARK: Parts

    private static func row(_ image: AuditValue) -> Row {
        Dictionary(image.fields.map { ($0.name, $0.value) }) { one, _ in one }
    }

    /// One side of the changes, which must be the only side.
    private func image(
        _ fields: [AuditValue.Member], _ side: String, other: String
    ) throws -> Row {
        var row: Row = [:]
        for field in fields {
            try require(field.value[other] == nil, "\(field.name) has \(other)")
            try require(row[field.name] == nil, "\(field.name) is there twice")
            row[field.name] = try required(field.value[side], "\(side) of \(field.name)")
        }
        return row
    }

    /// A composite key whose fields stand in the order of their names: an ALTER may reorder the columns.
    static func sorted(_ key: AuditValue) -> AuditValue {
        guard case .document(let members) = key else { return key }
        return .document(members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
    }

    private func required<T>(_ value: T?, _ what: String) throws -> T {
        guard let value else { throw Misfit(description: "\(what) is missing") }
        return value
    }

    private func require(_ holds: Bool, _ what: @autoclosure () -> String) throws {
        if !holds { throw Misfit(description: what()) }
    }
}
