/// A statement in text form: BEGIN and COMMIT of a group, DDL, and DML logged as statements.
///
///     ┌────────────────┬───────────────────┬───────────────┬────────────────┬───────────────────┐
///     │ thread id u32  │ execution time u32│ schema len u8 │ error code u16 │ status length u16 │
///     ├────────────────┴───────────────────┴───────────────┴────────────────┴───────────────────┤
///     │ status variables │ schema, NUL │ SQL to the end                                         │
///     └──────────────────────────────────────────────────────────────────────────────────────────┘
/// The status variables are stepped over as a block by their length: new ones cannot shift what follows.
public struct QueryEvent: Equatable, Sendable {
    /// The connection that ran the statement (`CONNECTION_ID()`).
    public let threadID: UInt32
    /// The error that the statement ended with on the source; 0 for none.
    public let errorCode: UInt16
    /// The default database of the connection; may be empty.
    public let schema: String
    /// The statement's bytes, in the character set of the connection that sent it.
    package let statement: [UInt8]

    package init(from reader: inout ByteReader) throws(DecodingError) {
        threadID = try reader.read()
        try reader.skip(4)
        let schemaLength: UInt8 = try reader.read()
        errorCode = try reader.read()
        let statusLength: UInt16 = try reader.read()
        try reader.skip(Int(statusLength))
        schema = String(decoding: try reader.readBytes(Int(schemaLength)), as: UTF8.self)
        let endOffset = reader.offset
        let end: UInt8 = try reader.read()
        guard end == 0 else { throw DecodingError(.invalid("schema name"), at: endOffset) }
        statement = reader.readRemaining()
    }

    /// The statement as text; bytes that are not UTF-8 are shown as U+FFFD.
    public var sql: String { String(decoding: statement, as: UTF8.self) }
}
