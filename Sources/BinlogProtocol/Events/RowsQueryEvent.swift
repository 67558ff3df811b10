/// The text of the statement that made the row events after it.
///
///     ┌───────────────────────────┬────────────────────┐
///     │ length u8, to be ignored  │ statement, to end  │   MySQL, `binlog_rows_query_log_events=ON`
///     └───────────────────────────┴────────────────────┘
///     ┌────────────────────┐
///     │ statement, to end  │                               MariaDB, `binlog_annotate_row_events=ON`
///     └────────────────────┘
public struct RowsQueryEvent: Equatable, Sendable {
    /// The statement's bytes.
    package let statement: [UInt8]

    /// MariaDB's ANNOTATE_ROWS_EVENT.
    package init(annotation reader: inout ByteReader) {
        statement = reader.readRemaining()
    }

    package init(from reader: inout ByteReader) throws(DecodingError) {
        // The byte counts at most 255 characters and says nothing of a longer text.
        try reader.skip(1)
        statement = reader.readRemaining()
    }

    /// The statement as text; bytes that are not UTF-8 are shown as U+FFFD.
    public var sql: String { String(decoding: statement, as: UTF8.self) }
}
