/// What a server says about itself, as far as following its log depends on it.
package struct SourceInfo: Sendable, Equatable {
    /// Without the `5.5.5-` that MariaDB puts in front for very old clients.
    package let version: String
    package let versionComment: String
    package let flavor: Flavor
    package let serverID: UInt32
    /// nil on MariaDB, which has none.
    package let serverUUID: ServerUUID?
    package let isLogOn: Bool
    /// nil on MariaDB, where GTIDs are always on.
    package let gtidMode: String?
    package let enforceGTIDConsistency: String?
    /// nil where the variable no longer exists, which means ROW.
    package let binlogFormat: String?
    package let binlogRowImage: String?
    /// nil on servers that do not know it; they send no column names.
    package let binlogRowMetadata: String?
    package let binlogChecksum: String?
    /// Transactions that are being committed: replicas can have them before they are in ``executed``; empty on MariaDB.
    package let owned: GTIDSet
    /// Every transaction that the server has executed; on MariaDB its log's position, `gtid_binlog_pos`.
    package let executed: GTIDSet
    /// Those of `executed` that are no longer in its log; on MariaDB the position at which its oldest log file begins.
    package let purged: GTIDSet
    /// How MariaDB 12.3 and later store the log, when it is not in files of its own; nil elsewhere.
    package let binlogStorageEngine: String?

    private static let variables = [
        "version", "version_comment", "server_id", "server_uuid", "log_bin", "gtid_mode",
        "enforce_gtid_consistency", "binlog_format", "binlog_row_image", "binlog_row_metadata",
        "binlog_checksum", "binlog_storage_engine",
    ]

    /// Asks the server; needs no privilege on MySQL, and BINLOG MONITOR (REPLICATION CLIENT) on MariaDB.
    ///
    /// - Throws: ``BinlogError`` as ``ServerConnection/query(_:timeout:)``, or `corrupt`.
    package static func read(_ connection: ServerConnection) throws(BinlogError) -> SourceInfo {
        let names = variables.map { "'\($0)'" }.joined(separator: ", ")
        // SHOW leaves out what a version does not know, where SELECT @@name would fail.
        let values = try connection.query(
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN (\(names))"
        ).dictionary
        let rawVersion = values["version"] ?? connection.greeting.serverVersion
        let comment = values["version_comment"] ?? ""
        let flavor = SourceInfo.flavor(version: rawVersion, comment: comment)
        var owned = GTIDSet()
        var executed = GTIDSet()
        var purged = GTIDSet()
        let isLogOn = values["log_bin"]?.uppercased() == "ON"
        let engine = values["binlog_storage_engine"].flatMap { $0.isEmpty ? nil : $0 }
        switch flavor {
        case .mysql:
            // Before the executed ones: what is committed between the two questions is then in both, not in neither.
            owned = try gtidSet("gtid_owned", connection) { text throws(DecodingError) in
                try GTIDSet(parsingOwned: text)
            }
            // SHOW would cut a long set off.
            executed = try gtidSet("gtid_executed", connection)
            purged = try gtidSet("gtid_purged", connection)
        case .mariadb:
            executed = try gtidSet("gtid_binlog_pos", connection)
            if isLogOn, engine == nil { purged = try oldestPosition(connection) }
        }
        return SourceInfo(
            version: SourceInfo.version(rawVersion), versionComment: comment, flavor: flavor,
            serverID: values["server_id"].flatMap { UInt32($0) } ?? 0,
            serverUUID: values["server_uuid"].flatMap { ServerUUID($0) },
            isLogOn: isLogOn,
            gtidMode: values["gtid_mode"],
            enforceGTIDConsistency: values["enforce_gtid_consistency"],
            binlogFormat: values["binlog_format"],
            binlogRowImage: values["binlog_row_image"],
            binlogRowMetadata: values["binlog_row_metadata"],
            binlogChecksum: values["binlog_checksum"], owned: owned, executed: executed,
            purged: purged, binlogStorageEngine: engine)
    }

    static func flavor(version: String, comment: String) -> Flavor {
        let text = "\(version) \(comment)".lowercased()
        return text.contains("mariadb") ? .mariadb : .mysql
    }

    static func version(_ text: String) -> String {
        let prefix = "5.5.5-"
        let isMasked = text.hasPrefix(prefix) && text.lowercased().contains("mariadb")
        return isMasked ? String(text.dropFirst(prefix.count)) : text
    }

    private static func binaryLogs(
        _ connection: ServerConnection
    ) throws(BinlogError) -> [[String?]] {
        do {
            return try connection.query("SHOW BINARY LOGS").rows
        } catch {
            guard error.code == .privilege else { throw error }
            throw BinlogError(
                .privilege,
                "The MariaDB account may not see which log files there are. "
                    + "Run: GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO <user>;",
                underlying: error)
        }
    }

    /// The position at which the oldest log file of a MariaDB server begins.
    private static func oldestPosition(
        _ connection: ServerConnection
    ) throws(BinlogError) -> GTIDSet {
        // A file can be purged between the two questions.
        for _ in 0..<3 {
            let files = try binaryLogs(connection)
            guard let file = files.first?.first ?? nil else { return GTIDSet() }
            let start = BinlogPosition(file: file, offset: 4)
            if let position = try position(at: start, connection) { return position }
        }
        throw BinlogError(
            .connectionLost,
            "The MariaDB server purged its oldest log file each time that it was asked where it begins."
        )
    }

    private static func gtidSet(
        _ variable: String, _ connection: ServerConnection,
        parse: (String) throws(DecodingError) -> GTIDSet = GTIDSet.init(parsing:)
    ) throws(BinlogError) -> GTIDSet {
        let text = try connection.query("SELECT @@global.\(variable)").singleValue ?? ""
        return try parsed(text, variable, parse)
    }

    static func parsed(
        _ text: String, _ variable: String, _ parse: (String) throws(DecodingError) -> GTIDSet
    ) throws(BinlogError) -> GTIDSet {
        do {
            return try parse(text)
        } catch {
            throw BinlogError(
                .corrupt, "The server's \(variable) cannot be read: \(error).", underlying: error)
        }
    }
}
