extension ServerConnection {
    private static let netTimeoutSeconds = 3600

    /// Tells the server, in variables of the session, how we want its log.
    ///
    /// - Returns: whether events carry a CRC-32.
    func prepareSession(
        from executed: GTIDSet, replicaUUID: ServerUUID
    ) throws(BinlogError) -> Bool {
        let nanoseconds = try heartbeatNanoseconds()
        // The texts of errors within the log are told apart, so they must not be translated.
        let common = """
            SESSION net_write_timeout = \(Self.netTimeoutSeconds), \
            SESSION net_read_timeout = \(Self.netTimeoutSeconds), \
            SESSION lc_messages = 'en_US'
            """
        let checksumVariable: String
        switch options.flavor {
        case .mysql:
            // Both the old and the new name of each variable: which one counts depends on the version.
            _ = try query(
                """
                SET @source_heartbeat_period = \(nanoseconds), \
                @master_heartbeat_period = \(nanoseconds), \
                @source_binlog_checksum = @@global.binlog_checksum, \
                @master_binlog_checksum = @@global.binlog_checksum, \
                @replica_uuid = '\(replicaUUID)', @slave_uuid = '\(replicaUUID)', \(common)
                """)
            checksumVariable = "@source_binlog_checksum"
        case .mariadb:
            // Capability 4 is a replica that knows GTIDs: less, and some events come as dummies. Every domain has its
            // GTID here, also one that is idle: the server sends a domain that is missing from its first event on.
            _ = try query(
                """
                SET @mariadb_slave_capability = 4, \
                @master_heartbeat_period = \(nanoseconds), \
                @master_binlog_checksum = @@global.binlog_checksum, \
                @slave_connect_state = '\(executed.withoutUnusedDomains)', \
                @slave_gtid_strict_mode = 0, @slave_gtid_ignore_duplicates = 0, \(common)
                """)
            checksumVariable = "@master_binlog_checksum"
        }
        let values = try query("SELECT \(checksumVariable), \(identityExpression)").rows.first ?? []
        sourceIdentity = values.last ?? nil
        let checksum = values.first ?? nil
        switch checksum?.uppercased() {
        case "NONE": return false
        case "CRC32": return true
        default:
            throw BinlogError(
                .undecodable,
                "The server's binlog_checksum is \(checksum ?? "NULL"), which is not known here.")
        }
    }

    /// What tells the server at the other end from every other one, as it is asked for.
    var identityExpression: String {
        switch options.flavor {
        case .mysql: "@@global.server_uuid"
        // A MariaDB server has no UUID.
        case .mariadb:
            "CONCAT_WS(' ', @@global.server_id, @@global.hostname, @@global.port, @@global.datadir)"
        }
    }

    /// The heartbeat period as servers want it.
    private func heartbeatNanoseconds() throws(BinlogError) -> Int64 {
        let period = options.heartbeatPeriod
        guard period >= .milliseconds(1), period <= .seconds(4_294_967) else {
            throw BinlogError(
                .configuration, "The heartbeat period must be from 1 ms to 4,294,967 s.")
        }
        let (seconds, attoseconds) = period.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
