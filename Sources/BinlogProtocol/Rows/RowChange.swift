/// One image of a row: a value for each column that the image carries.
public struct Row: Hashable, Sendable {
    private let values: [ColumnValue?]

    init(
        _ cells: [CellRange], of event: RowsEvent, in bytes: [UInt8], isDifference: [Bool] = []
    ) throws(DecodingError) {
        var values: [ColumnValue?] = []
        values.reserveCapacity(cells.count)
        for (index, column) in event.table.columns.enumerated() {
            if !isDifference.isEmpty, isDifference[index] {
                values.append(try ColumnValue(differences: cells[index], in: bytes))
            } else {
                values.append(try ColumnValue(cells[index], of: column, in: bytes))
            }
        }
        self.values = values
    }

    /// The number of columns of the table, carried or not.
    public var columnCount: Int { values.count }

    /// The value of a column by its index in ``TableMap/columns``.
    ///
    /// Nil when the image does not carry the column, which is not the same as ``ColumnValue/null``.
    public subscript(column: Int) -> ColumnValue? { values[column] }
}

/// One row that came to be, changed or went.
public struct RowChange: Hashable, Sendable {
    /// The old values; nil for an insert.
    public let before: Row?
    /// The new values; nil for a delete.
    public let after: Row?
}

extension RowsEvent {
    /// All rows of the event, decoded.
    ///
    /// Throws when one of them cannot be decoded: `.unsupported` for a type or character set that
    /// this library does not know, else for bytes that do not follow their format. To hold one row
    /// at a time use ``forEachRow(_:)``.
    public var rows: [RowChange] {
        get throws(DecodingError) {
            var rows: [RowChange] = []
            try forEachRow { rows.append($0) }
            return rows
        }
    }

    /// Decodes row after row and hands each to `body`.
    ///
    /// Throws as ``rows`` does; rows before the one that cannot be decoded have been handed over.
    public func forEachRow(_ body: (RowChange) -> Void) throws(DecodingError) {
        var cursor = RowCursor(self)
        while try cursor.next() {
            body(
                RowChange(
                    before: kind == .insert
                        ? nil : try Row(cursor.before, of: self, in: cursor.storage),
                    after: kind == .delete
                        ? nil
                        : try Row(
                            cursor.after, of: self, in: cursor.storage,
                            isDifference: cursor.isDifference)))
        }
    }
}
