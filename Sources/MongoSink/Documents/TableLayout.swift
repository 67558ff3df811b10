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
        columns = table.columns.map(ColumnLayout.init)
        var names = BSONWriter()
        names.append(DocumentKeys.db, string: table.database)
        names.append(DocumentKeys.tbl, string: table.table)
        self.names = names.bytes
    }
}
