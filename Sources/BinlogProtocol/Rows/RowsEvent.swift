/// Changed rows of one table: a WRITE_ROWS, UPDATE_ROWS or DELETE_ROWS event.
///
///     ┌─────────────────────┬───────────┬──────────────────────────────────────────┐
///     │ table id (6 or 4 B) │ flags u16 │ extra length u16, extra data (version 2) │
///     ├──────────────────┬──┴───────────┴───────────────┬──────────────────────────┴─┐
///     │ columns (lenenc) │ bitmap of the columns that   │ rows: images until the end │
///     │                  │ images carry (UPDATE: two)   │                            │
///     └──────────────────┴──────────────────────────────┴────────────────────────────┘
///     image: bitmap of NULLs over the columns carried, then each other column's value
///
/// An UPDATE has two images a row, the old one first. Those of PARTIAL_UPDATE_ROWS_EVENT are described at `PartialImage`.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Rows__event.html
public struct RowsEvent: Sendable {
    /// What happened to the rows.
    public enum Kind: Hashable, Sendable {
        /// Rows that came to be; they have an after image only.
        case insert
        /// Rows that changed; they have both images.
        case update
        /// Rows that are gone; they have a before image only.
        case delete
    }

    /// What happened to the rows.
    public let kind: Kind
    /// The table that the rows belong to.
    public let table: TableMap
    /// Whether this is the last rows event of its statement, after which table ids are void.
    public private(set) var isStatementEnd: Bool
    /// The partition that holds the rows now, of a partitioned table.
    public let partition: Int?
    /// The partition that an update's rows came from.
    public let sourcePartition: Int?

    /// Whether after images may hold differences of JSON documents (PARTIAL_UPDATE_ROWS).
    package let isPartial: Bool
    /// The event's bytes; cells are ranges of it.
    package private(set) var storage: [UInt8]
    /// Where the row images are.
    package private(set) var rowsRange: Range<Int>
    /// Whether these are rows of an event that was too large to be held: their bytes are not all that the log has of them.
    private(set) var isPart = false
    /// The values that were too large to be held, in the order of the log; their cells are empty.
    package private(set) var largeValues: [LargeValue] = []
    /// Indexes of the columns that the before image carries, in order; none for an insert.
    package let beforeColumns: [Int]
    /// Indexes of the columns that the after image carries, in order; none for a delete.
    package let afterColumns: [Int]

    /// The table id alone, which the caller needs to find the ``TableMap``.
    ///
    /// The id 0xffffff is a dummy that ends a statement and belongs to no table.
    package static func readTableID(
        from reader: inout ByteReader, tableIDBytes: Int
    ) throws(DecodingError) -> UInt64 {
        try reader.readUInt(bytes: tableIDBytes)
    }

    /// Reads what follows the table id, up to the reader's end (the checksum is not part of it).
    ///
    /// Throws `.invalid` when the number of columns is not that of the table map. The images are not
    /// looked at here: ``RowCursor`` does that.
    package init(
        from reader: inout ByteReader, kind: Kind, table: TableMap, layout: Layout = .version2
    ) throws(DecodingError) {
        let flags: UInt16 = try reader.read()
        let extra =
            layout.hasExtraRowInfo
            ? try ExtraRowInfo(from: &reader, isUpdate: kind == .update) : ExtraRowInfo()
        let countOffset = reader.offset
        guard try reader.readLengthEncodedInteger() == UInt64(table.columns.count) else {
            throw DecodingError(
                .invalid("number of columns, which differs from the table map's"), at: countOffset)
        }
        let first = try reader.readColumnBitmap(table)
        var second = first
        if kind == .update, !layout.hasOneBitmap { second = try reader.readColumnBitmap(table) }
        guard reader.storage.count <= Limits.eventBytesMax else {
            throw DecodingError(.invalid("size of a rows event"), at: reader.storage.count)
        }
        self.kind = kind
        isPartial = layout == .partial
        self.table = table
        isStatementEnd = flags & 1 != 0
        partition = extra.partition
        sourcePartition = extra.sourcePartition
        if layout.isCompressed {
            storage = try reader.readCompressed()
            rowsRange = 0..<storage.count
        } else {
            storage = reader.storage
            rowsRange = try reader.readRange(reader.remaining)
        }
        beforeColumns = kind == .insert ? [] : first
        afterColumns = kind == .delete ? [] : kind == .insert ? first : second
    }

    /// The same event with some of its rows.
    ///
    /// - Parameters:
    ///   - rows: the images, without the bytes of `largeValues`, whose length is 0 there.
    ///   - isLast: whether no other part of the event follows.
    func part(_ rows: [UInt8], _ largeValues: [LargeValue], isLast: Bool) -> RowsEvent {
        var part = self
        part.storage = rows
        part.rowsRange = 0..<rows.count
        part.largeValues = largeValues
        part.isPart = true
        part.isStatementEnd = isStatementEnd && isLast
        return part
    }
}

extension ByteReader {
    /// The indexes of the columns whose bit is set, least significant bit of the first byte first.
    fileprivate mutating func readColumnBitmap(_ table: TableMap) throws(DecodingError) -> [Int] {
        let bitmap = try readRange((table.allColumns.count + 7) / 8)
        let isPresent = { (column: Int) in
            storage[bitmap.lowerBound + column / 8] & (1 << (column % 8)) != 0
        }
        return table.allColumns.allSatisfy(isPresent)
            ? table.allColumns : table.allColumns.filter(isPresent)
    }
}
