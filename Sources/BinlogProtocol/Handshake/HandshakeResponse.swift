/// Our answer to the greeting; its first 32 bytes alone are the request to start TLS.
///
///     ┌──────────┬───────────────┬────────────┬─────────┐
///     │ caps u32 │ largest packet│ charset u8 │ zero 23 │      HandshakeResponse and SSLRequest
///     │          │ u32           │            │         │
///     ├──────────┴──┬────────────┴───────────┬┴─────────┴─┬───────────────────────┐
///     │ user NUL    │ lenenc (or u8) proof   │ plugin NUL │ lenenc attributes     │
///     └─────────────┴────────────────────────┴────────────┴───────────────────────┘
/// With zstd compression the level follows in one byte.
///
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_response.html
package struct HandshakeResponse: Sendable, Equatable {
    /// utf8mb4_general_ci, which every server of both families knows.
    private static let charset: UInt8 = 45

    package let capabilities: Capabilities
    package let user: String
    package let proof: [UInt8]
    package let plugin: String
    package let attributes: [ConnectionAttribute]

    package static func tlsRequest(_ capabilities: Capabilities) -> [UInt8] {
        var writer = ByteWriter()
        writeHead(capabilities, to: &writer)
        return writer.bytes
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter()
        HandshakeResponse.writeHead(capabilities, to: &writer)
        writer.writeNulTerminated(user)
        if capabilities.contains(.lengthEncodedAuthenticationData) {
            writer.writeLengthEncoded(proof)
        } else {
            // A proof is at most 32 bytes long: clear passwords never go here.
            precondition(proof.count <= 250)
            writer.write(UInt8(proof.count))
            writer.write(proof)
        }
        writer.writeNulTerminated(plugin)
        if capabilities.contains(.connectAttributes) {
            var pairs = ByteWriter()
            for attribute in attributes {
                pairs.writeLengthEncoded(Array(attribute.name.utf8))
                pairs.writeLengthEncoded(Array(attribute.value.utf8))
            }
            writer.writeLengthEncoded(pairs.bytes)
        }
        if capabilities.contains(.zstdCompression) {
            writer.write(UInt8(truncatingIfNeeded: FrameCodec.zstdLevel))
        }
        return writer.bytes
    }

    private static func writeHead(_ capabilities: Capabilities, to writer: inout ByteWriter) {
        writer.write(capabilities.rawValue)
        writer.write(UInt32(Limits.eventBytesMax))
        writer.write(charset)
        writer.write([UInt8](repeating: 0, count: 23))
    }
}
