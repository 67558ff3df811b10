internal import BinlogProtocol

/// Writes the parts of one row's document.
struct RowBSON {
    let layout: TableLayout
    let operation: ChangeOperation
    /// Where in the writer the document must have ended.
    let limit: Int

    /// Writes one value, unless the document would become too large with it.
    private func write(
        _ column: ColumnLayout, as name: BSONKey, _ cell: CellRange, of bytes: [UInt8],
        to writer: inout BSONWriter
    ) throws(DecodingError) {
        try checkRoom(try column.byteCount(cell, of: bytes), cell, in: writer)
        try column.write(name, cell, of: bytes, to: &writer)
    }

    /// To be called before a copy of the value: it can be a gigabyte.
    private func checkRoom(
        _ byteCount: Int, _ cell: CellRange, in writer: BSONWriter
    ) throws(DecodingError) {
        guard byteCount <= limit - writer.count else {
            throw DecodingError(
                .unable(
                    "a change in table \(layout.table.database).\(layout.table.table) with a value of"
                        + " \(byteCount) bytes, whose document would pass MongoDB's limit of 16 MB,"
                ),
                at: cell.start)
        }
    }

    // MARK: Key

    /// Writes `pk`, and `pkBefore` when an update changed the key.
    func writeKey(_ row: borrowing RowCursor, to writer: inout BSONWriter) throws(DecodingError) {
        let key = layout.table.primaryKey
        guard !key.isEmpty else {
            writer.appendNull(DocumentKeys.pk)
            return
        }
        var isChanged = false
        if operation == .update {
            for index in key where !row.before[index].isAbsent {
                let current = Self.current(row, index)
                isChanged =
                    isChanged
                    || !CellRange.sameValue(row.before[index], current, in: row.storage)
            }
        }
        try writeKey(DocumentKeys.pk, row, isOld: operation == .delete, to: &writer)
        if isChanged { try writeKey(DocumentKeys.pkBefore, row, isOld: true, to: &writer) }
    }

    /// A column's value after the change; one that the after image leaves out has kept its value.
    private static func current(_ row: borrowing RowCursor, _ index: Int) -> CellRange {
        row.after[index].isAbsent ? row.before[index] : row.after[index]
    }

    private func writeKey(
        _ name: BSONKey, _ row: borrowing RowCursor, isOld: Bool, to writer: inout BSONWriter
    ) throws(DecodingError) {
        let key = layout.table.primaryKey
        if key.count == 1 {
            let cell = isOld ? row.before[key[0]] : Self.current(row, key[0])
            if cell.isAbsent {
                writer.appendNull(name)
            } else {
                try write(layout.columns[key[0]], as: name, cell, of: row.storage, to: &writer)
            }
            return
        }
        let document = writer.beginDocument(name)
        for index in key {
            let cell = isOld ? row.before[index] : Self.current(row, index)
            if cell.isAbsent { continue }
            let column = layout.columns[index]
            try write(column, as: column.key, cell, of: row.storage, to: &writer)
        }
        writer.end(document)
    }

    // MARK: Changes

    /// Writes the fields of `chg`: every column of an insert or delete, the changed ones of an update.
    func writeChanges(
        _ row: borrowing RowCursor, to writer: inout BSONWriter
    ) throws(DecodingError) {
        for (index, column) in layout.columns.enumerated() {
            let from = row.before[index]
            let to = row.after[index]
            switch operation {
            case .insert:
                if to.isAbsent { continue }
            case .delete:
                if from.isAbsent { continue }
            default:
                // Without a value after the change there was none to report.
                if Self.hasDifferences(row, index) {
                    try writeDifferences(column, from, to, of: row.storage, to: &writer)
                    continue
                }
                if to.isAbsent || CellRange.sameValue(from, to, in: row.storage) { continue }
            }
            let field = writer.beginDocument(column.key)
            if !from.isAbsent {
                try write(column, as: DocumentKeys.from, from, of: row.storage, to: &writer)
            }
            if !to.isAbsent {
                try write(column, as: DocumentKeys.to, to, of: row.storage, to: &writer)
            }
            writer.end(field)
        }
    }

    private static func hasDifferences(_ row: borrowing RowCursor, _ index: Int) -> Bool {
        !row.isDifference.isEmpty && row.isDifference[index]
    }

    /// Writes `{ diff: [ { op, path, value } ] }`, with `f` when the log holds the old document.
    private func writeDifferences(
        _ column: ColumnLayout, _ from: CellRange, _ cell: CellRange, of bytes: [UInt8],
        to writer: inout BSONWriter
    ) throws(DecodingError) {
        let field = writer.beginDocument(column.key)
        if !from.isAbsent {
            try write(column, as: DocumentKeys.from, from, of: bytes, to: &writer)
        }
        let array = writer.beginArray(DocumentKeys.diff)
        for (number, difference) in try JSONDiffCell.all(in: cell, of: bytes).enumerated() {
            try checkRoom(cell.count, cell, in: writer)
            let document = writer.beginDocument(BSONKey(index: number))
            writer.append(DocumentKeys.op, string: difference.operation.name)
            writer.append(DocumentKeys.path, utf8: bytes, difference.path.range)
            if let value = difference.value {
                try JSONDocumentWriter.append(
                    DocumentKeys.value, value, in: bytes, to: &writer, levelsAbove: 2)
            }
            writer.end(document)
        }
        writer.end(array)
        writer.end(field)
    }

    // MARK: Images

    /// Writes `before` and `after` with every column that the log carries.
    func writeImages(
        _ row: borrowing RowCursor, to writer: inout BSONWriter
    ) throws(DecodingError) {
        if operation != .insert {
            let image = writer.beginDocument(DocumentKeys.before)
            for (cell, column) in zip(row.before, layout.columns) where !cell.isAbsent {
                try write(column, as: column.key, cell, of: row.storage, to: &writer)
            }
            writer.end(image)
        }
        if operation != .delete {
            let image = writer.beginDocument(DocumentKeys.after)
            for (index, column) in layout.columns.enumerated() where !row.after[index].isAbsent {
                // Of a document whose differences alone are known the new one is not.
                if Self.hasDifferences(row, index) { continue }
                try write(column, as: column.key, row.after[index], of: row.storage, to: &writer)
            }
            writer.end(image)
        }
    }
}

extension JSONDiff.Operation {
    fileprivate var name: String {
        switch self {
        case .replace: "replace"
        case .insert: "insert"
        case .remove: "remove"
        }
    }
}
