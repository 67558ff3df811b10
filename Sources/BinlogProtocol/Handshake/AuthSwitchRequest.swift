/// The server asks for another way to prove the password, or for the same with a new nonce.
///
///     ┌──────┬────────────┬───────┬─────┐
///     │ 0xfe │ plugin NUL │ nonce │ NUL │
///     └──────┴────────────┴───────┴─────┘
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_auth_switch_request.html
package struct AuthSwitchRequest: Sendable, Equatable {
    package let plugin: String
    /// The nonce, and the NUL when there is one.
    package let data: [UInt8]

    package init(from reader: inout ByteReader) throws(DecodingError) {
        let start = reader.offset
        let first: UInt8 = try reader.read()
        guard first == 0xfe else { throw DecodingError(.invalid("auth switch request"), at: start) }
        if reader.isAtEnd {
            // A lone 0xfe is how servers before 4.1.1 ask for the old, broken password hash.
            plugin = "mysql_old_password"
            data = []
            return
        }
        plugin = PrintableText.clean(try reader.readNulTerminatedBytes(), bytesMax: 100)
        data = reader.readRemaining()
    }

    /// The nonce of a plugin with nonces of `count` bytes, or what is there instead.
    ///
    /// A random nonce may end in a NUL of its own; only one byte more than the nonce is not part of it.
    package func nonce(byteCount count: Int) -> [UInt8] {
        data.count == count + 1 && data.last == 0 ? Array(data.dropLast()) : data
    }
}
