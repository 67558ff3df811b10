/// The table maps of the current statement, and those of earlier ones as long as they are few.
///
/// Table ids mean something only within one statement, and servers reuse them after a restart. But the
/// same bytes give the same ``TableMap`` object again, so that work per table is done once and not per statement.
struct TableMapCache: Sendable {
    private struct Entry: Sendable {
        let bytes: [UInt8]
        var table: TableMap
        var statement: UInt64
    }

    private var entries: [UInt64: Entry] = [:]
    private var byteCount = 0
    private var holdsSettled = false
    private var statement: UInt64 = 0
    /// The statement during which the entries of earlier ones were dropped last.
    private var tidied: UInt64?
    /// Tables of the current statement whose maps could not be decoded.
    private var refused: Set<UInt64> = []

    /// The table that a row event of the current statement means.
    func table(_ id: UInt64) -> TableMap? {
        guard let entry = entries[id], entry.statement == statement else { return nil }
        return entry.table
    }

    /// The table whose map had these same bytes, now of the current statement too.
    mutating func use(_ id: UInt64, _ storage: [UInt8], _ body: Range<Int>) -> TableMap? {
        guard let index = entries.index(forKey: id) else { return nil }
        let entry = entries.values[index]
        guard entry.bytes.count == body.count,
            entry.bytes.span.hasSameBytes(at: 0, storage.span, at: body.lowerBound, body.count)
        else { return nil }
        if entry.statement != statement { entries.values[index].statement = statement }
        return entry.table
    }

    /// Adds a table of the current statement; false when that has more tables than any can have.
    mutating func insert(_ table: TableMap, _ id: UInt64, _ bytes: [UInt8]) -> Bool {
        if let old = entries.removeValue(forKey: id) { byteCount -= old.bytes.count }
        makeRoom(bytes.count)
        guard entries.count < Limits.statementTableMapsMax,
            byteCount + bytes.count <= Limits.statementTableMapBytesMax
        else { return false }
        entries[id] = Entry(bytes: bytes, table: table, statement: statement)
        byteCount += bytes.count
        if !refused.isEmpty { refused.remove(id) }
        return true
    }

    /// Notes that the map of a table could not be decoded.
    mutating func refuse(_ id: UInt64) {
        if let old = entries.removeValue(forKey: id) { byteCount -= old.bytes.count }
        // A statement has no more tables than that.
        if refused.count < Limits.statementTableMapsMax { refused.insert(id) }
    }

    /// Whether rows of the current statement with this table id cannot be decoded.
    func isRefused(_ id: UInt64) -> Bool { refused.contains(id) }

    /// Puts the same table, with what was looked up for it, in the place of `table`.
    mutating func settle(_ table: TableMap, as settled: TableMap) {
        guard let index = entries.index(forKey: table.tableID),
            entries.values[index].table === table
        else { return }
        entries.values[index].table = settled
        holdsSettled = true
    }

    /// Drops what was looked up: a definition has changed.
    mutating func removeSettled() {
        guard holdsSettled else { return }
        holdsSettled = false
        entries = entries.filter { !$0.value.table.isSettled }
        byteCount = entries.values.reduce(0) { $0 + $1.bytes.count }
    }

    private mutating func makeRoom(_ count: Int) {
        guard
            entries.count >= Limits.tableMapsMax
                || byteCount + count > Limits.tableMapBytesMax,
            tidied != statement
        else { return }
        let current = statement
        entries = entries.filter { $0.value.statement == current }
        byteCount = entries.values.reduce(0) { $0 + $1.bytes.count }
        tidied = statement
    }

    /// The statement is over: its table ids name nothing any more.
    mutating func endStatement() {
        statement &+= 1
        if !refused.isEmpty { refused.removeAll() }
    }

    /// A new file begins.
    mutating func removeAll() {
        endStatement()
        entries.removeAll()
        byteCount = 0
    }
}
