/// What is known of a transaction before its changes.
public struct TransactionStart: Sendable, Equatable {
    /// The GTID; nil in a log written without GTIDs.
    public let gtid: GTID?
    /// When it was committed on the server where it began, in µs since 1970 (UTC); in whole seconds from servers before 8.0.
    public let commitTime: UInt64
    /// The `server_id` of that server.
    public let serverID: UInt32
    /// Where its first event begins in this log.
    public let position: BinlogPosition

    /// The GTID's text, or file and position where there is none; the same after a replay.
    public var id: String { gtid?.description ?? position.description }
}
