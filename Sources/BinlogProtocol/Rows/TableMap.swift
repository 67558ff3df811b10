/// The table that the following rows events belong to, as it was when they were written.
///
///     ┌──────────────────────┬───────────┬────────────────────┬────────────────────┐
///     │ table id (6 or 4 B)  │ flags u16 │ u8, database, NUL  │ u8, table, NUL     │
///     ├──────────────┬───────┴────┬──────┴─────────────────┬──┴──────────────┬─────┴──────────┐
///     │ columns      │ type u8    │ lenenc, metadata bytes │ nullable bitmap │ optional       │
///     │ (lenenc)     │ per column │ of each column         │ (LSB first)     │ metadata       │
///     └──────────────┴────────────┴────────────────────────┴─────────────────┴────────────────┘
///
/// Everything that depends on the table alone is worked out here, once, so that rows only read bytes.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Table__map__event.html
public final class TableMap: Sendable {
    /// The server's number for this version of the table (48 bits); not stable over time.
    public let tableID: UInt64
    /// The name of the database.
    public let database: String
    /// The name of the table.
    public let table: String
    /// The columns in the order of the row images.
    public let columns: [Column]
    /// The indexes of the primary key's columns in the key's order; empty: none, or not known.
    ///
    /// Known only when the server runs with `binlog_row_metadata=FULL`.
    public let primaryKey: [Int]
    /// Whether the server sent the columns' names (`binlog_row_metadata=FULL`).
    public let hasColumnNames: Bool

    /// The size of the event's body.
    package let byteCount: Int
    package let storages: [ColumnStorage]
    /// `0..<columns.count`, shared by all events that carry every column.
    let allColumns: [Int]

    /// Reads the whole body of a table map event, without its checksum.
    ///
    /// Throws `.truncated`, `.trailingBytes` or `.invalid` for bytes that are no table map, and
    /// `.unsupported` for a column type number that is not known, since nothing after it can be read.
    package init(
        from reader: inout ByteReader, tableIDBytes: Int, flavor: Flavor = .mysql
    ) throws(DecodingError) {
        byteCount = reader.remaining
        tableID = try reader.readUInt(bytes: tableIDBytes)
        try reader.skip(2)
        database = try reader.readTableMapName()
        table = try reader.readTableMapName()

        let countOffset = reader.offset
        let count = try reader.readLength()
        guard count <= Limits.columnsMax else {
            throw DecodingError(.invalid("number of columns"), at: countOffset)
        }
        let codes = try reader.readBytes(count)
        var fieldMetadata = try reader.slice(try reader.readLength())
        var fields: [Field] = []
        fields.reserveCapacity(count)
        for code in codes {
            fields.append(try Field(code: code, flavor: flavor, metadata: &fieldMetadata))
        }
        try fieldMetadata.finish()
        let nullable = try reader.readBytes((count + 7) / 8)
        let metadata = try TableMapMetadata(from: &reader, fields: fields, flavor: flavor)

        columns = Column.resolve(fields, metadata, flavor, nullable: nullable)
        primaryKey = metadata.primaryKey ?? []
        hasColumnNames = metadata.names != nil
        storages = fields.map(\.storage)
        allColumns = Array(0..<count)
    }
}

extension ByteReader {
    fileprivate mutating func readTableMapName() throws(DecodingError) -> String {
        let bytes = try readLengthEncodedBytes()
        let at = offset
        guard try read(UInt8.self) == 0 else {
            throw DecodingError(.invalid("end of a name in a table map"), at: at)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
