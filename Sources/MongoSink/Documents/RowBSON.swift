internal import BinlogProtocol

/// Writes the parts of one row's document.
struct RowBSON {
    let bytes: [UInt8]
    let layout: TableLayout
    let before: [CellRange]
    let after: [CellRange]
    /// The columns whose cell in `after` is a list of differences; empty when there can be none.
    let isDifference: [Bool]
    /// Where in the writer the document must have ended.
    let limit: Int

    /// Writes one value, unless the document would become too large with it.
    private func write(
        _ index: Int, as name: BSONKey, _ cell: CellRange, to writer: inout BSONWriter
    ) throws(DecodingError) {
        try checkRoom(try layout.columns[index].byteCount(cell, of: bytes), cell, in: writer)
        try layout.columns[index].write(name, cell, of: bytes, to: &writer)
    }

    /// To be called before a copy of the value: it can be a gigabyte.
    private func checkRoom(
        _ byteCount: Int, _ cell: CellRange, in writer: BSONWriter
    ) throws(DecodingError) {
        guard byteCount <= limit - writer.count else {
            throw DecodingError(
                .unsupported(
                    "a change in table \(layout.table.database).\(layout.table.table) with a value of"
                        + " \(byteCount) bytes, whose document would pass MongoDB's limit of 16 MB,"
                ),
                at: cell.start)
        }
    }

    // MARK: Key

    /// Writes `pk`, and `pkBefore` when an update changed the key.
    func writeKey(_ operation: ChangeOperation, to writer: inout BSONWriter) throws(DecodingError) {
        let key = layout.table.primaryKey
        guard !key.isEmpty else {
            writer.appendNull(DocumentKeys.pk)
            return
        }
        switch operation {
        case .insert:
            try writeKey(DocumentKeys.pk, after, to: &writer)
        case .delete:
            try writeKey(DocumentKeys.pk, before, to: &writer)
        default:
            // A column that the after image leaves out has kept its value.
            let current = key.map { after[$0].isAbsent ? before[$0] : after[$0] }
            let isChanged = zip(key, current).contains { index, cell in
                !before[index].isAbsent && !CellRange.sameValue(before[index], cell, in: bytes)
            }
            var cells = after
            for (index, cell) in zip(key, current) { cells[index] = cell }
            try writeKey(DocumentKeys.pk, cells, to: &writer)
            if isChanged { try writeKey(DocumentKeys.pkBefore, before, to: &writer) }
        }
    }

    private func writeKey(
        _ name: BSONKey, _ cells: [CellRange], to writer: inout BSONWriter
    ) throws(DecodingError) {
        let key = layout.table.primaryKey
        if key.count == 1 {
            let index = key[0]
            if cells[index].isAbsent {
                writer.appendNull(name)
            } else {
                try write(index, as: name, cells[index], to: &writer)
            }
            return
        }
        let document = writer.beginDocument(name)
        for index in key where !cells[index].isAbsent {
            try write(index, as: layout.columns[index].key, cells[index], to: &writer)
        }
        writer.end(document)
    }

    // MARK: Changes

    /// Writes the fields of `chg`: every column of an insert or delete, the changed ones of an update.
    func writeChanges(
        _ operation: ChangeOperation, to writer: inout BSONWriter
    ) throws(DecodingError) {
        let columns = layout.columns
        for index in columns.indices {
            let from = before[index]
            let to = after[index]
            switch operation {
            case .insert:
                if to.isAbsent { continue }
            case .delete:
                if from.isAbsent { continue }
            default:
                // Without a value after the change there was none to report.
                if hasDifferences(index) {
                    try writeDifferences(index, from, to, to: &writer)
                    continue
                }
                if to.isAbsent || CellRange.sameValue(from, to, in: bytes) { continue }
            }
            let field = writer.beginDocument(columns[index].key)
            if !from.isAbsent { try write(index, as: DocumentKeys.from, from, to: &writer) }
            if !to.isAbsent { try write(index, as: DocumentKeys.to, to, to: &writer) }
            writer.end(field)
        }
    }

    private func hasDifferences(_ index: Int) -> Bool {
        !isDifference.isEmpty && isDifference[index]
    }

    /// Writes `{ diff: [ { op, path, value } ] }`, with `f` when the log holds the old document.
    private func writeDifferences(
        _ index: Int, _ from: CellRange, _ cell: CellRange, to writer: inout BSONWriter
    ) throws(DecodingError) {
        let field = writer.beginDocument(layout.columns[index].key)
        if !from.isAbsent { try write(index, as: DocumentKeys.from, from, to: &writer) }
        let array = writer.beginArray(DocumentKeys.diff)
        for (number, difference) in try JSONDiffCell.all(in: cell, of: bytes).enumerated() {
            try checkRoom(cell.count, cell, in: writer)
            let document = writer.beginDocument(BSONKey(index: number))
            writer.append(DocumentKeys.op, string: difference.operation.name)
            writer.append(DocumentKeys.path, utf8: bytes[difference.path.range])
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
        _ operation: ChangeOperation, to writer: inout BSONWriter
    ) throws(DecodingError) {
        if operation != .insert { try writeImage(DocumentKeys.before, before, to: &writer) }
        if operation != .delete { try writeImage(DocumentKeys.after, after, to: &writer) }
    }

    private func writeImage(
        _ name: BSONKey, _ cells: [CellRange], to writer: inout BSONWriter
    ) throws(DecodingError) {
        let image = writer.beginDocument(name)
        for index in cells.indices where !cells[index].isAbsent {
            // Of a document whose differences alone are known the new one is not.
            if name == DocumentKeys.after, hasDifferences(index) { continue }
            try write(index, as: layout.columns[index].key, cells[index], to: &writer)
        }
        writer.end(image)
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
