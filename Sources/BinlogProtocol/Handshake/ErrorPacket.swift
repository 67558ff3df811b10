/// The server's refusal.
///
///     ┌──────┬────────────┬──────────────────────────────────────┬─────────┐
///     │ 0xff │ number u16 │ '#' and SQL state 5 (not before the  │ message │
///     └──────┴────────────┤ greeting)                            ├─────────┘
///                         └──────────────────────────────────────┘
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_err_packet.html
package struct ErrorPacket: Sendable, Equatable {
    package let number: UInt16
    /// Five characters; empty when the server sent none.
    package let sqlState: String
    /// Fit to be printed: without control characters and at most 2,000 bytes long.
    package let message: String

    package init(from reader: inout ByteReader) throws(DecodingError) {
        let start = reader.offset
        let first: UInt8 = try reader.read()
        guard first == 0xff else { throw DecodingError(.invalid("ERR packet"), at: start) }
        number = try reader.read()
        if reader.peek() == UInt8(ascii: "#") {
            try reader.skip(1)
            sqlState = PrintableText.clean(try reader.readBytes(5), bytesMax: 5)
        } else {
            sqlState = ""
        }
        message = PrintableText.clean(reader.readRemaining(), bytesMax: 2000)
    }
}
