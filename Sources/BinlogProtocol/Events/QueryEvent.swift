/// A statement in text form: BEGIN and COMMIT of a group, DDL, and DML logged as statements.
///
///     ┌────────────────┬───────────────────┬───────────────┬────────────────┬───────────────────┐
///     │ thread id u32  │ execution time u32│ schema len u8 │ error code u16 │ status length u16 │
///     ├────────────────┴───────────────────┴───────────────┴────────────────┴───────────────────┤
///     │ status variables │ schema, NUL │ SQL to the end                                         │
///     └──────────────────────────────────────────────────────────────────────────────────────────┘
/// What follows the status variables is found by their length: new ones cannot shift it.
public struct QueryEvent: Equatable, Sendable {
    /// The connection that ran the statement (`CONNECTION_ID()`).
    public let threadID: UInt32
    /// The error that the statement ended with on the source; 0 for none.
    public let errorCode: UInt16
    /// The default database of the connection; may be empty.
    public let schema: String
    /// The character set of the connection that sent the statement.
    public var charset: Charset { status.charset }
    /// The statement's bytes, in the character set of the connection that sent it.
    package let statement: [UInt8]
    /// The statement in UTF-8; nil when it is not certain how its bytes are to be read.
    package let utf8: [UInt8]?
    /// How the connection read its statements.
    package let status: QueryStatus

    /// - Parameter isCompressed: MariaDB's QUERY_COMPRESSED_EVENT, where the SQL is compressed and nothing else.
    package init(
        from reader: inout ByteReader, isCompressed: Bool = false
    ) throws(DecodingError) {
        try self.init(from: &reader, isCompressed: isCompressed) { _ in }
    }

    /// Reads an event with further fields in its head, which `readFields` takes.
    init(
        from reader: inout ByteReader, isCompressed: Bool = false,
        readFields: (inout ByteReader) throws(DecodingError) -> Void
    ) throws(DecodingError) {
        threadID = try reader.read()
        try reader.skip(4)
        let schemaLength: UInt8 = try reader.read()
        errorCode = try reader.read()
        let statusLength: UInt16 = try reader.read()
        try readFields(&reader)
        var variables = try reader.slice(Int(statusLength))
        status = try QueryStatus(from: &variables)
        schema = String(decoding: try reader.readBytes(Int(schemaLength)), as: UTF8.self)
        let endOffset = reader.offset
        let end: UInt8 = try reader.read()
        guard end == 0 else { throw DecodingError(.invalid("schema name"), at: endOffset) }
        statement = isCompressed ? try reader.readCompressed() : reader.readRemaining()
        utf8 = status.charset.statementInUTF8(statement)
    }

    /// The statement as text; bytes that cannot be read are shown as U+FFFD.
    public var sql: String { String(decoding: utf8 ?? statement, as: UTF8.self) }
}
