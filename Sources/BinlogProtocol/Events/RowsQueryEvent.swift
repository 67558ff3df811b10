/// The text of the statement that made the row events after it.
///
///     ┌───────────────────────────┬────────────────────┐
///     │ length u8, to be ignored  │ statement, to end  │   MySQL, `binlog_rows_query_log_events=ON`
///     └───────────────────────────┴────────────────────┘
///     ┌────────────────────┐
///     │ statement, to end  │                               MariaDB, `binlog_annotate_row_events=ON`
///     └────────────────────┘
public struct RowsQueryEvent: Equatable, Sendable {
    /// The statement's bytes; of one that is too large to be held only the beginning.
    package let statement: [UInt8]
    /// The length of the whole statement in bytes.
    package let statementByteCount: Int

    /// The beginning of a statement.
    package init(beginning statement: [UInt8], of byteCount: Int) {
        self.statement = statement
        statementByteCount = byteCount
    }

    /// MariaDB's ANNOTATE_ROWS_EVENT.
    package init(annotation reader: inout ByteReader) {
        statement = reader.readRemaining()
        statementByteCount = statement.count
    }

    package init(from reader: inout ByteReader) throws(DecodingError) {
        // The byte counts at most 255 characters and says nothing of a longer text.
        try reader.skip(1)
        statement = reader.readRemaining()
        statementByteCount = statement.count
    }

    /// The statement as text; bytes that are not UTF-8 are shown as U+FFFD.
    public var sql: String { String(decoding: statement, as: UTF8.self) }
}
