extension SourceInfo {
    /// The position that a MariaDB server was at when it logged what stands at a place of its log.
    ///
    /// It is asked on a connection of its own; nil when it has that place no longer.
    func position(
        at place: BinlogPosition, _ options: ConnectionOptions, cancellation: Cancellation
    ) throws(BinlogError) -> GTIDSet? {
        let connection = try ServerConnection.connect(options, cancellation: cancellation)
        let id = try connection.query("SELECT @@global.server_id").singleValue
        guard id == "\(serverID)" else {
            throw BinlogError(
                .connectionLost,
                "A second connection to \(options.address) led to another server than the one whose log is read, so"
                    + " that it cannot be asked about its log.")
        }
        let position = try Self.position(at: place, connection)
        try connection.quit()
        return position
    }

    /// The same on a connection that is there.
    static func position(
        at place: BinlogPosition, _ connection: ServerConnection
    ) throws(BinlogError) -> GTIDSet? {
        let name = place.file.replacing("\\", with: "\\\\").replacing("'", with: "''")
        // The server reads the file up to there.
        let answer = try connection.query(
            "SELECT BINLOG_GTID_POS('\(name)', \(place.offset))",
            timeout: ServerConnection.searchLimit)
        guard let text = answer.singleValue else { return nil }
        return try parsed(text, "BINLOG_GTID_POS", GTIDSet.init(parsing:))
    }
}
