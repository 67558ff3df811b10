/// One image of a row: a value for each column that the image carries.
public struct Row: Hashable, Sendable {
    /// One for each column carried: a table can have thousands of columns, and a row only two bytes.
    private let values: [ColumnValue]
    /// The indexes of the columns carried, in order; shared by the rows of an event.
    private let columns: [Int]
    /// The number of columns of the table, carried or not.
    public let columnCount: Int

    init(
        _ cells: [CellRange], carrying columns: [Int], of event: RowsEvent, in bytes: [UInt8],
        isDifference: [Bool] = []
    ) throws(DecodingError) {
        var values: [ColumnValue] = []
        var missing: Set<Int> = []
        values.reserveCapacity(columns.count)
        for index in columns {
            if !isDifference.isEmpty, isDifference[index] {
                values.append(try ColumnValue(differences: cells[index], in: bytes))
            } else if let value = try ColumnValue(
                cells[index], of: event.table.columns[index], in: bytes)
            {
                values.append(value)
            } else {
                // Nothing changed in a document whose old value is not carried.
                missing.insert(index)
            }
        }
        self.values = values
        self.columns = missing.isEmpty ? columns : columns.filter { !missing.contains($0) }
        columnCount = event.table.columns.count
    }

    /// The value of a column by its index in ``TableMap/columns``.
    ///
    /// Nil when the image does not carry the column, which is not the same as ``ColumnValue/null``.
    public subscript(column: Int) -> ColumnValue? {
        precondition(column >= 0 && column < columnCount)
        if columns.count == columnCount { return values[column] }
        var low = 0
        var high = columns.count
        while low < high {
            let middle = (low + high) / 2
            if columns[middle] < column { low = middle + 1 } else { high = middle }
        }
        return low < columns.count && columns[low] == column ? values[low] : nil
    }
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
                        ? nil
                        : try Row(
                            cursor.before, carrying: beforeColumns, of: self, in: cursor.storage),
                    after: kind == .delete
                        ? nil
                        : try Row(
                            cursor.after, carrying: afterColumns, of: self, in: cursor.storage,
                            isDifference: cursor.isDifference)))
        }
    }
}
