package import BinlogProtocol

/// Packets as servers send them, for scripts and transcripts.
package enum FakePackets {
    /// Bytes 1 to 20.
    package static let nonce = [UInt8](1...20)
    /// Bytes 101 to 120.
    package static let otherNonce = [UInt8](101...120)

    package static func greeting(
        version: String = "9.7.0", plugin: String = "caching_sha2_password",
        nonce: [UInt8] = nonce,
        capabilities: Capabilities = Capabilities.announced.union([.tls, .deprecateEOF])
    ) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt8(10))
        writer.writeNulTerminated(version)
        writer.write(UInt32(77))
        writer.write(nonce.prefix(8))
        writer.write(UInt8(0))
        writer.write(UInt16(truncatingIfNeeded: capabilities.rawValue))
        writer.write(UInt8(255))
        writer.write(UInt16(2))
        writer.write(UInt16(truncatingIfNeeded: capabilities.rawValue >> 16))
        writer.write(UInt8(truncatingIfNeeded: nonce.count + 1))
        writer.write([UInt8](repeating: 0, count: 10))
        writer.write(nonce.dropFirst(8))
        writer.write(UInt8(0))
        writer.writeNulTerminated(plugin)
        return writer.bytes
    }

    /// A greeting that offers no TLS.
    package static func clearGreeting(plugin: String = "caching_sha2_password") -> [UInt8] {
        greeting(plugin: plugin, capabilities: .announced)
    }

    package static let ok: [UInt8] = [0, 0, 0, 2, 0, 0, 0]
    package static let eof: [UInt8] = [0xfe, 0, 0, 2, 0]
    package static let fastAuthenticationDone: [UInt8] = [1, 3]
    package static let fullAuthenticationNeeded: [UInt8] = [1, 4]

    package static func error(
        _ number: UInt16, _ message: String, state: String? = "HY000"
    ) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt8(0xff))
        writer.write(number)
        if let state { writer.write(Array("#\(state)".utf8)) }
        writer.write(Array(message.utf8))
        return writer.bytes
    }

    package static func authSwitch(_ plugin: String, nonce: [UInt8] = otherNonce) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt8(0xfe))
        writer.writeNulTerminated(plugin)
        writer.write(nonce)
        writer.write(UInt8(0))
        return writer.bytes
    }

    /// The packets of a result set.
    package static func result(columns: [String], rows: [[String?]]) -> [[UInt8]] {
        var packets: [[UInt8]] = [[UInt8(truncatingIfNeeded: columns.count)]]
        for column in columns {
            var writer = ByteWriter()
            for text in ["def", "", "", "", column, ""] {
                writer.writeLengthEncoded(Array(text.utf8))
            }
            writer.write(UInt8(12))
            writer.write([45, 0, 0xff, 0, 0, 0, 0xfd, 0, 0, 0, 0, 0])
            packets.append(writer.bytes)
        }
        packets.append(eof)
        for row in rows {
            var writer = ByteWriter()
            for value in row {
                if let value {
                    writer.writeLengthEncoded(Array(value.utf8))
                } else {
                    writer.write(UInt8(0xfb))
                }
            }
            packets.append(writer.bytes)
        }
        packets.append(eof)
        return packets
    }
}
