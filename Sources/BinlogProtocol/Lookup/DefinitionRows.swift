/// Puts a table's definition together from the rows of `information_schema.COLUMNS`.
struct DefinitionRows {
    private let collationIDs: [String: Int]
    private var columns: [TableDefinition.Column] = []
    private var isSystemVersioned = false
    /// The column that ends a row's period in a system-versioned table, when it was declared.
    private var periodEnd: Int?

    init(collationIDs: [String: Int]) {
        self.collationIDs = collationIDs
    }

    var isEmpty: Bool { columns.isEmpty }

    /// Adds a row: name, position, type, nullable, collation, octets, extra, generation, type of the table.
    ///
    /// - Returns: false when a column before this one is not shown to us.
    mutating func add(_ row: ArraySlice<String?>) -> Bool {
        let values = Array(row)
        guard values.count == 9, let name = values[0], let type = values[2],
            values[1].flatMap({ Int($0) }) == columns.count + 1
        else { return false }
        let extra = values[6]?.uppercased() ?? ""
        columns.append(
            TableDefinition.Column(
                name: name, type: type, isNullable: values[3]?.uppercased() == "YES",
                collationID: values[4].flatMap { collationIDs[$0] },
                byteCountMax: values[5].flatMap { Int($0) },
                isVisible: !extra.split(whereSeparator: { ", ".contains($0) }).contains("INVISIBLE")
            ))
        if values[7]?.uppercased() == "ROW END" { periodEnd = columns.count - 1 }
        if values[8]?.uppercased() == "SYSTEM VERSIONED" { isSystemVersioned = true }
        return true
    }

    /// The definition; nil when a column of the key is not shown to us.
    ///
    /// - Parameter key: the names of the primary key's columns in the key's order.
    func definition(key: [String]) -> TableDefinition? {
        var columns = columns
        var periodEnd = periodEnd
        if isSystemVersioned, periodEnd == nil {
            // Not shown unless they were declared; in the log all the same.
            for name in ["row_start", "row_end"] {
                columns.append(
                    TableDefinition.Column(
                        name: name, type: "timestamp(6)", isNullable: false, isVisible: false))
            }
            periodEnd = columns.count - 1
        }
        var primaryKey: [Int] = []
        for name in key {
            guard let index = columns.firstIndex(where: { $0.name == name }) else { return nil }
            primaryKey.append(index)
        }
        if isSystemVersioned, let periodEnd, !key.isEmpty, !primaryKey.contains(periodEnd) {
            primaryKey.append(periodEnd)
        }
        return TableDefinition(columns: columns, primaryKey: primaryKey)
    }
}
