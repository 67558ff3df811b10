/// Asks for every transaction that is not in a GTID set.
///
///     ┌──────┬───────────┬───────────────┬─────────────────┬─────────┬──────────────┬──────────┐
///     │ 0x1e │ flags u16 │ server id u32 │ name length u32 │ pos u64 │ set size u32 │ set      │
///     └──────┴───────────┴───────────────┴─────────────────┴─────────┴──────────────┴──────────┘
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_binlog_dump_gtid.html
///
/// The file name is always empty and the position always 4: a server that gets a name starts
/// there, even when the set asks for transactions in earlier files.
package struct BinlogDumpGTID: Sendable, Equatable {
    private static let nonBlockingFlag: UInt16 = 1

    package let serverID: UInt32
    /// The transactions that the server must not send.
    package let executed: GTIDSet
    /// End the stream at the end of the log instead of waiting for more.
    package let isNonBlocking: Bool

    package init(serverID: UInt32, executed: GTIDSet, isNonBlocking: Bool) {
        self.serverID = serverID
        self.executed = executed
        self.isNonBlocking = isNonBlocking
    }

    package func encoded() -> [UInt8] {
        let set = executed.encoded()
        var writer = ByteWriter()
        writer.write(UInt8(0x1e))
        writer.write(isNonBlocking ? BinlogDumpGTID.nonBlockingFlag : 0)
        writer.write(serverID)
        writer.write(UInt32(0))
        writer.write(UInt64(4))
        // A set is bounded by the number of its sources and intervals, far below 4 GiB.
        writer.write(UInt32(clamping: set.count))
        writer.write(set)
        return writer.bytes
    }
}
