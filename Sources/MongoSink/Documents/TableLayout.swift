internal import BinlogProtocol

/// What the documents of one table need, worked out once for each table map.
final class TableLayout: Sendable {
    let table: TableMap
    let isIncluded: Bool
    let columns: [ColumnLayout]
    /// `meta.db` and `meta.tbl` as ready bytes.
    let names: [UInt8]

    init(_ table: TableMap, isIncluded: Bool) {
        self.table = table
        self.isIncluded = isIncluded
        let keys = Self.keys(of: table.columns.map(\.name))
        columns = zip(table.columns, keys).map { ColumnLayout($0, key: $1) }
        var names = BSONWriter()
        names.append(DocumentKeys.db, string: table.database)
        names.append(DocumentKeys.tbl, string: table.table)
        self.names = names.bytes
    }

    /// The field names of columns: a name that is another's after its escapes gets a number behind it.
    private static func keys(of names: [String]) -> [BSONKey] {
        var uses: [BSONKey: Int] = [:]
        return names.map { name in
            let wanted = BSONKey(columnName: name)
            var key = wanted
            while uses[key] != nil {
                uses[wanted, default: 1] += 1
                key = BSONKey(columnName: "\(name)#\(uses[wanted, default: 1])")
            }
            uses[key] = 1
            return key
        }
    }
}
