/// Turns the error packet that ends a dump into what it means for us.
///
/// MySQL and MariaDB send number 1236 for nearly everything, so the text decides; a text that
/// nobody foresaw stops the program instead of being tried again for ever.
package enum StreamErrors {
    private static let replicationFailed: UInt16 = 1236
    private static let malformedGTIDSet: UInt16 = 1773
    private static let duplicateOnMariaDB: UInt16 = 4052

    private enum Meaning {
        case purged, diverged, configuration(String), corrupt, duplicate, nextFile, transient
    }

    /// The first text found in the lower-case message wins, so the narrow ones come first.
    private static let meanings: [(text: String, meaning: Meaning)] = [
        ("same server_uuid/server_id", .duplicate),
        ("purged binary logs containing gtids", .purged),
        ("purged required binary logs", .purged),
        ("could not find first log file name", .purged),
        ("could not find gtid state requested by slave", .purged),
        ("has more gtids than", .diverged),
        ("position > file size", .diverged),
        ("not in the master's binlog", .diverged),
        ("slave has diverged", .diverged),
        ("is missing the gtid", .diverged),
        (
            "max_allowed_packet",
            .configuration(
                "Raise it on the server: SET GLOBAL max_allowed_packet = 1073741824; and check the "
                    + "log with mysqlbinlog --verify-binlog-checksum.")
        ),
        // Its binlog_checksum changed while we connected; a new connection asks for the new one.
        ("can not handle replication events with the checksum", .transient),
        ("auto_position", .configuration(gtidAdvice)),
        ("anonymous", .configuration(gtidAdvice)),
        ("gtid-transaction when", .configuration(gtidAdvice)),
        (
            "server_id is 0",
            .configuration("Give it a number of its own: SET GLOBAL server_id = 1;")
        ),
        ("crc check", .corrupt),
        ("checksum", .corrupt),
        ("bogus data in log event", .corrupt),
        ("truncated in the middle of event", .corrupt),
        ("could not find format_description_event", .corrupt),
        ("could not find next log", .nextFile),
        ("binary log is not open", .configuration("Turn its binary log on (log_bin).")),
    ]
    private static let gtidAdvice = "Its transactions need GTIDs: SET PERSIST gtid_mode = ON;"

    package static func classify(_ error: ErrorPacket) -> BinlogError {
        let said = "error \(error.number): \(error.message)"
        switch error.number {
        case replicationFailed: return classifyText(error, said: said)
        case malformedGTIDSet:
            return BinlogError(
                .configuration,
                "The MySQL server does not understand our position (\(said)). A set with tags needs "
                    + "MySQL 8.3 or later.")
        case duplicateOnMariaDB: return duplicate(said)
        default: break
        }
        // 1045 is what announcing a replica without the privilege gives; logging in is long past.
        if error.number == 1045 || ServerErrorNumber.privilege.contains(error.number) {
            return BinlogError(
                .privilege,
                "The user may not read the binary log (\(said)). "
                    + "Run: GRANT REPLICATION SLAVE ON *.* TO <user>;")
        }
        if ServerErrorNumber.transient.contains(error.number) {
            return ended(.connectionLost, said)
        }
        return ended(.serverError(error.number), said)
    }

    private static func ended(_ code: BinlogError.Code, _ said: String) -> BinlogError {
        BinlogError(
            code,
            "The MySQL server ended the stream (\(said)). Its error log may tell more.")
    }

    private static func classifyText(_ error: ErrorPacket, said: String) -> BinlogError {
        let text = error.message.lowercased()
        guard let known = meanings.first(where: { text.contains($0.text) }) else {
            return ended(.serverError(error.number), said)
        }
        switch known.meaning {
        case .purged:
            return BinlogError(
                .purged(missing: nil),
                "The MySQL server no longer has all the transactions after our position (\(said)). "
                    + PositionAdvice.purged)
        case .diverged:
            return BinlogError(
                .diverged,
                "The MySQL server's history is not the one our position comes from (\(said)). "
                    + PositionAdvice.diverged)
        case .configuration(let advice):
            return BinlogError(
                .configuration, "The MySQL server cannot stream (\(said)). \(advice)")
        case .corrupt:
            return BinlogError(
                .corrupt,
                "The MySQL server's binary log is damaged (\(said)). Check it there with mysqlbinlog "
                    + "--verify-binlog-checksum, or follow a replica whose log is whole.")
        case .duplicate: return duplicate(said)
        case .nextFile:
            return BinlogError(
                .nextFileMissing,
                "The MySQL server does not find the next file of its binary log (\(said)).")
        case .transient: return ended(.connectionLost, said)
        }
    }

    private static func duplicate(_ said: String) -> BinlogError {
        BinlogError(
            .duplicateReplica,
            "Another client follows this server as the same replica (\(said)). Stop it, or choose "
                + "another MYSQL_SERVER_ID.")
    }
}
