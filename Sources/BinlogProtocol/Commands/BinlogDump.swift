/// Asks a MariaDB server for its log; where it begins stands in the session variable `@slave_connect_state`.
///
///     ┌──────┬─────────┬───────────┬───────────────┬─────────────────────┐
///     │ 0x12 │ pos u32 │ flags u16 │ server id u32 │ file name (to end)  │
///     └──────┴─────────┴───────────┴───────────────┴─────────────────────┘
/// https://mariadb.com/kb/en/com_binlog_dump/
///
/// The file name is always empty and the position always 4: the server then looks for the GTIDs.
package struct BinlogDump: Sendable, Equatable {
    private static let nonBlockingFlag: UInt16 = 1
    private static let annotateFlag: UInt16 = 2

    package let serverID: UInt32
    /// End the stream at the end of the log instead of waiting for more.
    package let isNonBlocking: Bool

    package init(serverID: UInt32, isNonBlocking: Bool) {
        self.serverID = serverID
        self.isNonBlocking = isNonBlocking
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt8(0x12))
        writer.write(UInt32(4))
        writer.write(Self.annotateFlag | (isNonBlocking ? Self.nonBlockingFlag : 0))
        writer.write(serverID)
        return writer.bytes
    }
}
