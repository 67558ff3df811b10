package import BinlogProtocol

/// Builds whole events, header and CRC-32 included.
package enum EventBuilder {
    package static func event(
        _ type: UInt8, _ body: [UInt8], flags: UInt16 = 0, timestamp: UInt32 = 1_700_000_000,
        logPosition: UInt32 = 0, hasChecksum: Bool = true
    ) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(timestamp)
        writer.write(type)
        writer.write(UInt32(7))
        writer.write(UInt32(19 + body.count + (hasChecksum ? 4 : 0)))
        writer.write(logPosition)
        writer.write(flags)
        writer.write(body)
        return hasChecksum ? sealed(writer.bytes + [0, 0, 0, 0]) : writer.bytes
    }

    /// The event with its last four bytes replaced by the CRC-32 of the others.
    package static func sealed(_ event: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(event.dropLast(4))
        writer.write(crc32(event, 0..<(event.count - 4)))
        return writer.bytes
    }

    package static func query(_ sql: String, schema: String = "shop", thread: UInt32 = 5) -> [UInt8]
    {
        query(Array(sql.utf8), schema: schema, thread: thread)
    }

    /// A statement in any bytes, of a connection with this `character_set_client` and `sql_mode`.
    package static func query(
        _ sql: [UInt8], schema: String = "shop", thread: UInt32 = 5, collation: UInt16? = nil,
        sqlMode: UInt64 = 0
    ) -> [UInt8] {
        var status = ByteWriter()
        if let collation {
            status.write(UInt8(0))
            status.write(UInt32(0))
            status.write(UInt8(1))
            status.write(sqlMode)
            status.write([6, 3] + Array("std".utf8))
            status.write(UInt8(4))
            for _ in 0..<3 { status.write(collation) }
            status.write([12, 1] + Array("shop".utf8) + [0])
        }
        var writer = ByteWriter()
        writer.write(thread)
        writer.write(UInt32(0))
        writer.write(UInt8(schema.utf8.count))
        writer.write(UInt16(0))
        writer.write(UInt16(status.bytes.count))
        writer.write(status.bytes)
        writer.writeNulTerminated(schema)
        writer.write(sql)
        return event(2, writer.bytes)
    }

    package static func gtid(_ uuid: ServerUUID, _ number: Int64, commitTime: UInt64 = 5) -> [UInt8]
    {
        var writer = ByteWriter()
        writer.write(UInt8(0))
        writer.write(uuid.bytes)
        writer.write(number)
        writer.write(UInt8(2))
        writer.write(UInt64(0))
        writer.write(UInt64(1))
        writer.write(commitTime, bytes: 7)
        return event(33, writer.bytes)
    }

    package static func xid(_ number: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(number)
        return event(16, writer.bytes)
    }

    /// As a server sends it before its first file.
    package static func rotate(_ file: String, position: UInt64 = 4) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(position)
        writer.write(file.utf8)
        return event(4, writer.bytes, flags: 0x20, timestamp: 0)
    }

    /// A whole transaction without changes.
    package static func transaction(_ uuid: ServerUUID, _ number: Int64) -> [[UInt8]] {
        [gtid(uuid, number), query("BEGIN"), xid(UInt64(number))]
    }
}
