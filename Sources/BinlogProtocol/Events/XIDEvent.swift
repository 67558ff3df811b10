/// Commits a transaction of a transactional engine.
///
///     ┌────────────┐
///     │ xid u64 LE │
///     └────────────┘
public struct XIDEvent: Equatable, Sendable {
    /// The server's own transaction number; not a GTID.
    public let number: UInt64

    package init(from reader: inout ByteReader) throws(DecodingError) {
        number = try reader.read()
    }
}
