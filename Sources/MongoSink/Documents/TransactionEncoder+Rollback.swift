package import BinlogProtocol

extension TransactionEncoder {
    /// Remembers a savepoint.
    package mutating func setSavepoint(_ name: String) {
        savepoints.set(name, changeCount: changeCount)
    }

    /// Undoes the changes since a savepoint; their numbers stay used, as the log still holds them.
    ///
    /// - Returns: the number of the last change that stays.
    /// - Throws: `invalid` for a savepoint that the log did not name.
    @discardableResult
    package mutating func rollBack(toSavepoint name: String) throws(DecodingError) -> Int64 {
        guard let changeCount = savepoints.rollBack(to: name) else {
            throw DecodingError(.invalid("ROLLBACK TO SAVEPOINT: no such savepoint"), at: 0)
        }
        try undo(after: changeCount)
        return changeCount
    }

    /// Undoes all changes of the transaction.
    package mutating func rollBack() throws(DecodingError) {
        try undo(after: 0)
    }

    private static let undoneBytesMin = 64 << 10

    /// Notes what was undone; the documents are gone through when they have grown to twice what was left of them
    /// the last time, so that rollbacks take time in proportion to the changes, however often they come.
    private mutating func undo(after number: Int64) throws(DecodingError) {
        guard number < changeCount else { return }
        let all = (number + 1)...changeCount
        if number < takenNumber {
            undone.insert(all)
            guard undone.ranges.count <= UndoneChanges.rangesMax else {
                throw DecodingError(
                    .unsupported(
                        "a transaction that rolls back to more than \(UndoneChanges.rangesMax) savepoints"
                    ),
                    at: 0)
            }
        }
        // Ranges that no document lies in are not kept, or filtered changes could add them without end.
        guard number < encodedNumber else { return }
        undoneHere.insert(all)
        if writer.count / 2 > leftByteCount + Self.undoneBytesMin { try dropUndone() }
    }

    /// Drops the documents of rows that were undone and marks those of statements.
    mutating func dropUndone() throws(DecodingError) {
        if undoneHere.isEmpty { return }
        let whole = try DocumentSequence(bytes: writer.bytes, ends: ends)
        var left = DocumentSequence()
        var offsets: [Int] = []
        for index in 0..<whole.count {
            let document = try whole.document(index)
            guard let bytes = try undoneHere.applied(to: document) else { continue }
            let offset = xidOffsets[index]
            // Rows that are left are unchanged; a statement has no place for an xid.
            offsets.append(
                offset < 0 ? offset : offset - document.range.lowerBound + left.byteCount)
            left.append(bytes)
        }
        writer.truncate(to: 0)
        writer.appendRaw(left.bytes)
        ends = left.ends
        xidOffsets = offsets
        undoneHere = UndoneChanges()
        leftByteCount = left.byteCount
    }
}
