internal import BinlogProtocol

/// Writes the parts of one row's document.
struct RowBSON {
    let layout: TableLayout
    let operation: ChangeOperation
    /// Where in the writer the document must have ended.
    let limit: Int
    /// The values that stand outside of the document; nil while there is none.
    var outside: OversizeValues?
    /// Whether a value found no room: what was written is of no use then.
    private(set) var isTooLarge = false

    init(layout: TableLayout, operation: ChangeOperation, limit: Int) {
        self.layout = layout
        self.operation = operation
        self.limit = limit
    }

    /// To be called before the document is written once more, with more of its values outside.
    mutating func begin() {
        isTooLarge = false
    }

    /// Writes one value, unless the document would become too large with it.
    private mutating func write(
        _ index: Int, isAfter: Bool, as name: BSONKey, _ cell: CellRange, of bytes: [UInt8],
        to writer: inout BSONWriter
    ) throws(DecodingError) {
        if isTooLarge { return }
        if let reference = outside?.use(OversizeValues.Place(isAfter: isAfter, column: index)) {
            writer.append(name, document: reference)
            return
        }
        let column = layout.columns[index]
        // Before a copy of the value: it can be a gigabyte.
        guard try column.byteCount(cell, of: bytes) <= limit - writer.count else {
            isTooLarge = true
            return
        }
        try column.write(name, cell, of: bytes, to: &writer)
    }

    // MARK: Key

    /// Writes `pk`, and `pkBefore` when an update changed the key.
    mutating func writeKey(
        _ row: borrowing RowCursor, to writer: inout BSONWriter
    ) throws(DecodingError) {
        let key = layout.table.primaryKey
        guard !key.isEmpty else {
            writer.appendNull(DocumentKeys.pk)
            return
        }
        var isChanged = false
        if operation == .update {
            for index in key where !row.before[index].isAbsent {
                isChanged =
                    isChanged || !row.isSame(row.before[index], Self.current(row, index))
            }
        }
        try writeKey(DocumentKeys.pk, row, isOld: operation == .delete, to: &writer)
        if isChanged { try writeKey(DocumentKeys.pkBefore, row, isOld: true, to: &writer) }
    }

    /// A column's value after the change; one that the after image leaves out has kept its value.
    private static func current(_ row: borrowing RowCursor, _ index: Int) -> CellRange {
        row.after[index].isAbsent ? row.before[index] : row.after[index]
    }

    private mutating func writeKey(
        _ name: BSONKey, _ row: borrowing RowCursor, isOld: Bool, to writer: inout BSONWriter
    ) throws(DecodingError) {
        let key = layout.table.primaryKey
        if key.count == 1 {
            let isAfter = !isOld && !row.after[key[0]].isAbsent
            let cell = isAfter ? row.after[key[0]] : row.before[key[0]]
            if cell.isAbsent {
                writer.appendNull(name)
            } else {
                try write(
                    key[0], isAfter: isAfter, as: name, cell, of: row.storage, to: &writer)
            }
            return
        }
        let document = writer.beginDocument(name)
        for index in key {
            let isAfter = !isOld && !row.after[index].isAbsent
            let cell = isAfter ? row.after[index] : row.before[index]
            if cell.isAbsent { continue }
            try write(
                index, isAfter: isAfter, as: layout.columns[index].key, cell, of: row.storage,
                to: &writer)
        }
        writer.end(document)
    }

    // MARK: Changes

    /// Writes the fields of `chg`: every column of an insert or delete, the changed ones of an update.
    mutating func writeChanges(
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
                    try writeDifferences(index, from, to, of: row.storage, to: &writer)
                    continue
                }
                if to.isAbsent || row.isSame(from, to) { continue }
            }
            let field = writer.beginDocument(column.key)
            if !from.isAbsent {
                try write(
                    index, isAfter: false, as: DocumentKeys.from, from, of: row.storage,
                    to: &writer)
            }
            if !to.isAbsent {
                try write(
                    index, isAfter: true, as: DocumentKeys.to, to, of: row.storage, to: &writer)
            }
            writer.end(field)
        }
    }

    static func hasDifferences(_ row: borrowing RowCursor, _ index: Int) -> Bool {
        !row.isDifference.isEmpty && row.isDifference[index]
    }

    /// Writes `{ diff: [ { op, path, value } ] }`, with `f` when the log holds the old document.
    private mutating func writeDifferences(
        _ index: Int, _ from: CellRange, _ cell: CellRange, of bytes: [UInt8],
        to writer: inout BSONWriter
    ) throws(DecodingError) {
        let field = writer.beginDocument(layout.columns[index].key)
        if !from.isAbsent {
            try write(
                index, isAfter: false, as: DocumentKeys.from, from, of: bytes, to: &writer)
        }
        let array = writer.beginArray(DocumentKeys.diff)
        for (number, difference) in try JSONDiffCell.all(in: cell, of: bytes).enumerated() {
            guard cell.count <= limit - writer.count else {
                isTooLarge = true
                break
            }
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
    mutating func writeImages(
        _ row: borrowing RowCursor, to writer: inout BSONWriter
    ) throws(DecodingError) {
        if operation != .insert {
            let image = writer.beginDocument(DocumentKeys.before)
            for (index, column) in layout.columns.enumerated() where !row.before[index].isAbsent {
                try write(
                    index, isAfter: false, as: column.key, row.before[index], of: row.storage,
                    to: &writer)
            }
            writer.end(image)
        }
        if operation != .delete {
            let image = writer.beginDocument(DocumentKeys.after)
            for (index, column) in layout.columns.enumerated() where !row.after[index].isAbsent {
                // Of a document whose differences alone are known the new one is not.
                if Self.hasDifferences(row, index) { continue }
                try write(
                    index, isAfter: true, as: column.key, row.after[index], of: row.storage,
                    to: &writer)
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
