package import BinlogProtocol

extension TransactionEncoder {
    /// A place in the transaction that it can be rolled back to.
    struct Savepoint: Sendable {
        let name: String
        /// The documents before it, taken ones included.
        let documents: Int
        /// The number of the last change before it.
        let changeCount: Int64
    }

    /// Remembers a savepoint.
    package mutating func setSavepoint(_ name: String) {
        let key = name.lowercased()
        savepoints.removeAll { $0.name == key }
        savepoints.append(
            Savepoint(name: key, documents: takenCount + ends.count, changeCount: changeCount))
    }

    /// Undoes the changes since a savepoint; their numbers stay used, as the log still holds them.
    ///
    /// - Throws: `invalid` for a savepoint that the log did not name.
    package mutating func rollBack(toSavepoint name: String) throws(DecodingError) {
        guard let index = savepoints.firstIndex(where: { $0.name == name.lowercased() }) else {
            throw DecodingError(.invalid("ROLLBACK TO SAVEPOINT: no such savepoint"), at: 0)
        }
        let savepoint = savepoints[index]
        savepoints.removeSubrange((index + 1)...)
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
