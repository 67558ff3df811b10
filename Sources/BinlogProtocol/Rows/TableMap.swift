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
    /// Known only when the server runs with `binlog_row_metadata=FULL`, or from a ``TableDefinition``.
    public let primaryKey: [Int]
    /// Where the columns' names and the key come from.
    public let schema: Schema
    /// Whether the columns have names; else they are called by their numbers, `@1` and so on.
    public var hasColumnNames: Bool { schema == .log || schema == .lookup }

    /// Where the columns' names and the key come from.
    public enum Schema: String, Hashable, Sendable {
        /// From the log itself (`binlog_row_metadata=FULL`): they are those of the moment of the change.
        case log
        /// From a ``TableDefinition`` that agrees with all that the log says, though it may be of another moment.
        case lookup
        /// From nowhere: the ``TableDefinition`` is that of another table than the log's.
        case mismatch
        /// From nowhere: nobody was asked, or nobody knows the table any more.
        case none
    }

    /// Whether a definition was asked for, so that what is missing stays missing.
    package let isSettled: Bool
    /// What the log says of a table without names, for ``settled(with:)``.
    private let nameless: Nameless?
    private let flavor: Flavor

    private struct Nameless: Sendable {
        let fields: [Field]
        let metadata: TableMapMetadata
        let nullable: [UInt8]
    }

    /// Whether a definition would tell what the log leaves open, and nobody was asked for one.
    package var needsDefinition: Bool {
        guard !isSettled else { return false }
        return nameless != nil || flavor == .mariadb && columns.contains(where: \.hidesItsType)
    }

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
        schema = metadata.names == nil ? .none : .log
        isSettled = false
        nameless =
            metadata.names == nil
            ? Nameless(fields: fields, metadata: metadata, nullable: nullable) : nil
        self.flavor = flavor
        storages = fields.map(\.storage)
        allColumns = Array(0..<count)
    }

    private init(_ table: TableMap, columns: [Column], primaryKey: [Int], schema: Schema) {
        tableID = table.tableID
        database = table.database
        self.table = table.table
        self.columns = columns
        self.primaryKey = primaryKey
        self.schema = schema
        isSettled = true
        nameless = nil
        flavor = table.flavor
        byteCount = table.byteCount
        storages = columns.map(\.storage)
        allColumns = table.allColumns
    }

    /// The same table with what `definition` adds to it; nil says that there is none to be had.
    package func settled(with definition: TableDefinition?) -> TableMap {
        guard let definition else {
            return TableMap(self, columns: columns, primaryKey: primaryKey, schema: schema)
        }
        guard let nameless else {
            return TableMap(
                self, columns: definition.types(forNamed: columns), primaryKey: primaryKey,
                schema: schema)
        }
        guard
            let metadata = definition.completing(
                nameless.metadata, of: nameless.fields, flavor, nullable: nameless.nullable)
        else {
            return TableMap(self, columns: columns, primaryKey: primaryKey, schema: .mismatch)
        }
        let named = Column.resolve(
            nameless.fields, metadata, flavor, nullable: nameless.nullable)
        return TableMap(
            self, columns: definition.types(forNamed: named),
            primaryKey: metadata.primaryKey ?? [], schema: .lookup)
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
