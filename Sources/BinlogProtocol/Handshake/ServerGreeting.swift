/// The first packet of a connection: who the server is and the nonce that passwords are mixed with.
///
///     ┌────────┬─────────────┬────────┬──────────┬───┬──────────┬─────────┬────────┬──────────┐
///     │ 0x0a   │ version NUL │ id u32 │ nonce 8  │ 0 │ caps u16 │ charset │ status │ caps u16 │
///     ├────────┴───────┬─────┴────────┴──┬───────┴───┴──────────┴──┬──────┴────────┴──────────┘
///     │ nonce length 1 │ reserved 10     │ nonce max(13, length−8) │ plugin NUL
///     └────────────────┴─────────────────┴─────────────────────────┘
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html
package struct ServerGreeting: Sendable, Equatable {
    package let serverVersion: String
    package let connectionID: UInt32
    package let capabilities: Capabilities
    /// 20 bytes with the plugins that we know; the NUL after them is dropped.
    package let nonce: [UInt8]
    package let plugin: String

    package init(from reader: inout ByteReader) throws(DecodingError) {
        let start = reader.offset
        let version: UInt8 = try reader.read()
        guard version == 10 else {
            throw DecodingError(.unsupported("handshake version \(version)"), at: start)
        }
        serverVersion = PrintableText.clean(try reader.readNulTerminatedBytes(), bytesMax: 200)
        connectionID = try reader.read()
        var nonce = try reader.readBytes(8)
        try reader.skip(1)
        let low: UInt16 = try reader.read()
        try reader.skip(3)
        let high: UInt16 = try reader.read()
        capabilities = Capabilities(rawValue: UInt32(high) << 16 | UInt32(low))
        let nonceBytes = Int(try reader.read(UInt8.self))
        try reader.skip(10)
        nonce += try reader.readBytes(max(13, nonceBytes - 8))
        if nonce.last == 0 { nonce.removeLast() }
        self.nonce = nonce
        // Some 5.5 servers forget the NUL after the plugin's name.
        var name = reader.readRemaining()
        if let end = name.firstIndex(of: 0) { name.removeSubrange(end...) }
        plugin = PrintableText.clean(name, bytesMax: 100)
    }
}
