/// Announces us as a replica, so that `SHOW REPLICAS` lists us and a missing privilege shows early.
///
///     ┌──────┬───────────────┬──────────────────────────────────┬──────────┬──────────┬───────────┐
///     │ 0x15 │ server id u32 │ host, user, password: u8 + bytes │ port u16 │ rank u32 │ source u32│
///     └──────┴───────────────┴──────────────────────────────────┴──────────┴──────────┴───────────┘
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_register_replica.html
package struct RegisterReplica: Sendable, Equatable {
    package let serverID: UInt32
    /// Shown in the column `Host`; at most 60 bytes.
    package let host: String

    package init(serverID: UInt32, host: String) {
        self.serverID = serverID
        self.host = host
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt8(0x15))
        writer.write(serverID)
        let name = host.utf8.prefix(60)
        writer.write(UInt8(truncatingIfNeeded: name.count))
        writer.write(name)
        // No user and no password: the columns would show them to everybody.
        writer.write(UInt8(0))
        writer.write(UInt8(0))
        writer.write(UInt16(0))
        writer.write(UInt32(0))
        writer.write(UInt32(0))
        return writer.bytes
    }
}
