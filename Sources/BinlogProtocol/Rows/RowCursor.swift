/// Steps through the rows of an event and says where each column's value lies.
///
/// Nothing is decoded and nothing is allocated per row: the two arrays are filled again by each
/// ``next()``. They have one cell per column of the table, whatever the images carry.
package struct RowCursor {
    private let event: RowsEvent
    private let storages: [ColumnStorage]
    /// What is needed of the table to read partial after images; nil for all other events.
    private let partial: PartialImage?
    /// The bytes that the cells are ranges of: the event's, then JSON documents that were put together.
    package private(set) var storage: [UInt8]
    /// The columns whose cell in ``after`` is a list of differences (``JSONDiffCell``) and no value; empty when there can be none.
    package private(set) var isDifference: [Bool] = []
    /// What the log holds for the columns of the after image that it gives as differences, put together or not.
    package private(set) var differences: [(column: Int, cell: CellRange)] = []
    private var offset: Int
    private var isFirst = true
    /// Where the row begins that ``next()`` reached, or could not read.
    private var rowStart: Int
    private var rowNumber = 0
    /// The first of the event's large values that no row was given yet.
    private var nextLargeValue = 0
    /// The old values; all absent for an insert.
    package private(set) var before: [CellRange]
    /// The new values; all absent for a delete.
    package private(set) var after: [CellRange]

    package init(_ event: RowsEvent) {
        self.event = event
        storages = event.table.storages
        storage = event.storage
        partial = event.isPartial ? PartialImage(event.table) : nil
        offset = event.rowsRange.lowerBound
        rowStart = offset
        before = Array(repeating: .absent, count: event.table.columns.count)
        after = before
    }

    /// Moves to the next row; false after the last.
    ///
    /// Throws `.truncated` when an image ends too early, and `.unsupported` at a value whose length
    /// cannot be known. The rows are over only when every byte is consumed.
    package mutating func next() throws(DecodingError) -> Bool {
        let end = event.rowsRange.upperBound
        let start = offset
        rowStart = start
        if start == end {
            // Images that carry no column at all take no bytes: such an event holds one row.
            let isEmptyRow = isFirst && event.beforeColumns.isEmpty && event.afterColumns.isEmpty
            isFirst = false
            return isEmptyRow
        }
        isFirst = false
        if event.kind != .insert {
            try RowCursor.scan(
                event, event.beforeColumns, storages, from: &offset, into: &before)
        }
        if let partial {
            try scan(partial)
        } else if event.kind != .delete {
            try RowCursor.scan(event, event.afterColumns, storages, from: &offset, into: &after)
        }
        guard offset > start else {
            throw DecodingError(.trailingBytes(count: end - start), at: start)
        }
        if !event.largeValues.isEmpty { markLargeValues() }
        return true
    }

    /// The event's bytes without its other rows; of a compressed event the row alone.
    ///
    /// - Parameter isUnread: whether ``next()`` failed at the row, so that nobody knows where it ends: then all that is left.
    package func rowBytes(isUnread: Bool) -> (head: ArraySlice<UInt8>, row: ArraySlice<UInt8>) {
        let rows = event.rowsRange
        return (
            event.storage[..<rows.lowerBound],
            event.storage[rowStart..<(isUnread ? rows.upperBound : offset)]
        )
    }

    private mutating func markLargeValues() {
        let values = event.largeValues
        while nextLargeValue < values.count, values[nextLargeValue].row == rowNumber {
            let value = values[nextLargeValue]
            if value.isAfter {
                after[value.column] = .moved(nextLargeValue)
            } else {
                before[value.column] = .moved(nextLargeValue)
            }
            nextLargeValue += 1
        }
        rowNumber += 1
    }

    /// Whether two cells of the row hold the same value.
    package func isSame(_ first: CellRange, _ second: CellRange) -> Bool {
        guard let one = first.movedIndex, let other = second.movedIndex else {
            return CellRange.sameValue(first, second, in: storage)
        }
        return event.largeValues[one].isSame(as: event.largeValues[other])
    }

    private mutating func scan(_ partial: PartialImage) throws(DecodingError) {
        if storage.count > event.storage.count { storage.removeSubrange(event.storage.count...) }
        let columns = try partial.differenceColumns(event, from: &offset)
        var storages = self.storages
        // Whatever the column's own length takes, that of differences takes four bytes.
        for column in columns { storages[column] = .prefixed(4) }
        try RowCursor.scan(event, event.afterColumns, storages, from: &offset, into: &after)
        isDifference = Array(repeating: false, count: columns.isEmpty ? 0 : after.count)
        differences.removeAll(keepingCapacity: true)
        for column in columns where after[column].hasValue {
            differences.append((column, after[column]))
            let whole = try PartialImage.whole(
                after[column], before: before[column], event, appendingTo: &storage)
            if let whole { after[column] = whole } else { isDifference[column] = true }
        }
    }

    private static func scan(
        _ event: RowsEvent, _ present: [Int], _ columnStorages: [ColumnStorage],
        from offset: inout Int, into cells: inout [CellRange]
    ) throws(DecodingError) {
        let bytes = event.storage.span
        let storages = columnStorages.span
        let columns = present.span
        var out = cells.mutableSpan
        let end = event.rowsRange.upperBound
        let nulls = offset
        let nullByteCount = (columns.count + 7) / 8
        var at = nulls + nullByteCount
        guard at <= end else {
            throw DecodingError(
                .truncated(needed: nullByteCount, available: end - nulls), at: nulls)
        }
        for ordinal in 0..<columns.count {
            let column = columns[ordinal]
            if bytes[nulls + ordinal >> 3] & (1 << UInt8(truncatingIfNeeded: ordinal & 7)) != 0 {
                out[column] = .null
                continue
            }
            let count: Int
            switch storages[column] {
            case .fixed(let size): count = Int(size)
            case .prefixed(let size):
                guard Int(size) <= end - at else {
                    throw DecodingError(.truncated(needed: Int(size), available: end - at), at: at)
                }
                var length = 0
                for index in 0..<Int(size) { length |= Int(bytes[at + index]) << (8 * index) }
                count = length
                at += Int(size)
            case .undecodable:
                throw DecodingError(.unsupported(event.table.reason(column)), at: at)
            }
            guard count <= end - at else {
                throw DecodingError(.truncated(needed: count, available: end - at), at: at)
            }
            out[column] = CellRange(start: at, count: count)
            at += count
        }
        offset = at
    }
}

extension TableMap {
    fileprivate func reason(_ column: Int) -> String {
        columns[column].refusal ?? "type of column \(columns[column].name)"
    }
}
