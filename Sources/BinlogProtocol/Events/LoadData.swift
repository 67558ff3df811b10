/// A part of the file that LOAD DATA in statement format reads: BEGIN_LOAD_QUERY_EVENT or APPEND_BLOCK_EVENT.
///
///     ┌─────────────┬──────────────────┐
///     │ file id u32 │ bytes to the end │
///     └─────────────┴──────────────────┘
/// The bytes are not kept.
public struct LoadBlockEvent: Equatable, Sendable {
    /// The file, by a number of the server's.
    public let fileID: UInt32
    /// How many bytes of it are in this event.
    public let byteCount: Int

    package init(from reader: inout ByteReader) throws(DecodingError) {
        fileID = try reader.read()
        byteCount = reader.remaining
        try reader.skip(byteCount)
    }
}

/// LOAD DATA in statement format, after the events with its file: a ``QueryEvent`` with four fields more.
///
///     head of a query event │ file id u32 │ name start u32 │ name end u32 │ duplicates u8 │ rest of a query event
///
/// Start and end say where the file's name stands in the statement.
public struct ExecuteLoadQueryEvent: Equatable, Sendable {
    /// The file, by a number of the server's.
    public let fileID: UInt32
    /// The statement.
    public let query: QueryEvent

    package init(from reader: inout ByteReader) throws(DecodingError) {
        var file: UInt32 = 0
        query = try QueryEvent(from: &reader) { head throws(DecodingError) in
            file = try head.read()
            try head.skip(4 + 4 + 1)
        }
        fileID = file
    }
}

/// LOAD DATA was given up: its file is void.
///
///     ┌─────────────┐
///     │ file id u32 │
///     └─────────────┘
public struct DeleteFileEvent: Equatable, Sendable {
    /// The file, by a number of the server's.
    public let fileID: UInt32

    package init(from reader: inout ByteReader) throws(DecodingError) {
        fileID = try reader.read()
    }
}
