/// The server's "done", without a result set.
///
///     ┌──────┬──────────────────────┬────────────────────────┬────────────┬──────────────┐
///     │ 0x00 │ affected rows lenenc │ last insert id lenenc  │ status u16 │ warnings u16 │ info …
///     └──────┴──────────────────────┴────────────────────────┴────────────┴──────────────┘
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_ok_packet.html
package struct OKPacket: Sendable, Equatable {
    package let affectedRows: UInt64
    package let lastInsertID: UInt64
    package let status: UInt16
    package let warnings: UInt16

    package init(from reader: inout ByteReader) throws(DecodingError) {
        let start = reader.offset
        let first: UInt8 = try reader.read()
        guard first == 0 else { throw DecodingError(.invalid("OK packet"), at: start) }
        affectedRows = try reader.readLengthEncodedInteger()
        lastInsertID = try reader.readLengthEncodedInteger()
        status = try reader.read()
        warnings = try reader.read()
        // What follows is text for people.
        _ = reader.readRemaining()
    }
}
