package import BinlogProtocol

extension TransactionEncoder {
    /// Remembers a savepoint.
    package mutating func setSavepoint(_ name: String) {
        savepoints.set(name, documents: takenCount + ends.count, changeCount: changeCount)
    }

    /// Undoes the changes since a savepoint; their numbers stay used, as the log still holds them.
    ///
    /// - Throws: `invalid` for a savepoint that the log did not name.
    package mutating func rollBack(toSavepoint name: String) throws(DecodingError) {
        guard let savepoint = savepoints.rollBack(to: name) else {
            throw DecodingError(.invalid("ROLLBACK TO SAVEPOINT: no such savepoint"), at: 0)
        }
        try undo(after: savepoint.changeCount, documents: savepoint.documents)
    }

    /// Undoes all changes of the transaction.
    package mutating func rollBack() throws(DecodingError) {
        try undo(after: 0, documents: 0)
    }

    /// Drops the documents of rows behind the first `documents` and marks those of statements.
    private mutating func undo(after number: Int64, documents: Int) throws(DecodingError) {
        guard number < changeCount else { return }
        let all = (number + 1)...changeCount
        if documents < takenCount {
            undone.insert(all)
            guard undone.ranges.count <= UndoneChanges.rangesMax else {
                throw DecodingError(
                    .unsupported(
                        "a transaction that rolls back to more than \(UndoneChanges.rangesMax) savepoints"
                    ),
                    at: 0)
            }
        }
        let keep = max(0, documents - takenCount)
        let start = keep == 0 ? 0 : ends[keep - 1]
        let undoneHere = try DocumentSequence(
            bytes: Array(writer.bytes[start...]), ends: ends[keep...].map { $0 - start })
        let left = try UndoneChanges([all]).applied(to: undoneHere)
        writer.truncate(to: start)
        ends.removeSubrange(keep...)
        xidOffsets.removeSubrange(keep...)
        for index in 0..<left.count {
            writer.bytes.append(contentsOf: left.bytes[left.range(index)])
            ends.append(writer.count)
            xidOffsets.append(-1)
        }
    }
}
