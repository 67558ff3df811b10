/// The after image of a PARTIAL_UPDATE_ROWS event, in which JSON columns may be differences to the before image.
///
///     ┌──────────────────┬────────────────────────────────────────┬──────────────────────────┐
///     │ options (lenenc) │ if options & 1: a bit for each JSON    │ image as of UPDATE_ROWS, │
///     │                  │ column of the table, carried or not    │ bitmap of NULLs first    │
///     └──────────────────┴────────────────────────────────────────┴──────────────────────────┘
///     a column whose bit is set: length u32, then differences; none of them: it did not change
struct PartialImage: Sendable {
    private let jsonColumns: [Int]

    init(_ table: TableMap) {
        jsonColumns = table.columns.indices.filter { table.columns[$0].type == .json }
    }

    /// Reads what stands before the image: the columns that are differences.
    func differenceColumns(
        _ event: RowsEvent, from offset: inout Int
    ) throws(DecodingError) -> [Int] {
        var reader = ByteReader(event.storage, in: offset..<event.rowsRange.upperBound)
        let options = try reader.readLengthEncodedInteger()
        guard options <= 1 else {
            throw DecodingError(.unsupported("options of a partial update"), at: offset)
        }
        var columns: [Int] = []
        if options == 1 {
            let bits = try reader.readBytes((jsonColumns.count + 7) / 8)
            for (number, column) in jsonColumns.enumerated()
            where bits[number / 8] & (1 << (number % 8)) != 0 {
                columns.append(column)
            }
        }
        offset = reader.offset
        return columns
    }

    /// The document that differences make of the one before; nil when that is not known, or not worth the time.
    static func whole(
        _ cell: CellRange, before: CellRange, _ event: RowsEvent,
        appendingTo storage: inout [UInt8]
    ) throws(DecodingError) -> CellRange? {
        let differences = try JSONDiffCell.all(in: cell, of: event.storage)
        // Also where the old value is not there: what did not change is as if it were not carried.
        if differences.isEmpty { return before }
        guard !before.isAbsent else { return nil }
        guard before.hasValue else {
            throw DecodingError(.invalid("JSON difference to NULL"), at: cell.start)
        }
        return try JSONEdit.apply(
            differences, to: before, in: event.storage, appendingTo: &storage)
    }
}
