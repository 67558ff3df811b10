import BinlogProtocol
import TestSupport
import Testing

/// T80: what each error packet within the log means.
@Suite("Errors that end the log")
struct StreamErrorTests {
    static let cases: [(UInt16, String, BinlogError.Code, Bool)] = [
        (
            1236,
            "The slave is connecting using CHANGE MASTER TO MASTER_AUTO_POSITION = 1, but the master "
                + "has purged binary logs containing GTIDs that the slave requires.",
            .purged(missing: nil), false
        ),
        (
            1236,
            "Cannot replicate because the source purged required binary logs. Replicate the missing "
                + "transactions from elsewhere",
            .purged(missing: nil), false
        ),
        (
            1236, "Could not find first log file name in binary log index file",
            .purged(missing: nil), false
        ),
        (
            1236, "Could not find GTID state requested by slave in any binlog files.",
            .purged(missing: nil), false
        ),
        (
            1236,
            "Replica has more GTIDs than the source has, using the source's SERVER_UUID.",
            .diverged, false
        ),
        (
            1236,
            "Client requested source to start replication from position > file size", .diverged,
            false
        ),
        (
            1236,
            "Error: connecting slave requested to start from GTID 0-1-99, which is not in the "
                + "master's binlog", .diverged, false
        ),
        (
            1236,
            "log event entry exceeded max_allowed_packet; Increase max_allowed_packet on source; "
                + "the first event 'b.1' at 4, the last event read from './b.1' at 124",
            .configuration, false
        ),
        (
            1236,
            "The replication sender thread cannot start in AUTO_POSITION mode: this server has "
                + "GTID_MODE = OFF instead of ON.", .configuration, false
        ),
        (
            1236,
            "Replica can not handle replication events with the checksum that source is configured "
                + "to log", .connectionLost, true
        ),
        (
            1236,
            "A replica with the same server_uuid/server_id as this replica has connected to the "
                + "source", .duplicateReplica, false
        ),
        (4052, "Slave with same server id", .duplicateReplica, false),
        (1236, "bogus data in log event", .corrupt, false),
        (
            1236,
            "binlog truncated in the middle of event; consider out of disk space on source; the "
                + "first event 'b.1' at 4, the last event read from './b.1' at 124", .corrupt, false
        ),
        (1236, "Could not find format_description_event in binlog file", .corrupt, false),
        (
            1236,
            "Cannot replicate GTID-transaction when @@GLOBAL.GTID_MODE = OFF, at file ./b.1, "
                + "position 158.", .configuration, false
        ),
        (
            1236,
            "Cannot replicate anonymous transaction when AUTO_POSITION = 1, at file ./b.1, "
                + "position 158.", .configuration, false
        ),
        (1236, "Misconfigured source - source server_id is 0", .configuration, false),
        (1236, "event read from binlog did not pass crc check", .corrupt, false),
        (1236, "could not find next log; the first event 'b.1' at 4", .nextFileMissing, true),
        (1236, "A text that nobody foresaw", .serverError(1236), false),
        (1773, "Malformed GTID set encoding", .configuration, false),
        (1227, "Access denied; you need REPLICATION SLAVE", .privilege, false),
        (1045, "Access denied for user 'x'@'y' (using password: YES)", .privilege, false),
        (1053, "Server shutdown in progress", .connectionLost, true),
        (1159, "Got timeout reading communication packets", .connectionLost, true),
        (9999, "Something new", .serverError(9999), false),
    ]

    @Test("T80, PY3, OJ11: number and text decide", arguments: cases)
    func classify(number: UInt16, text: String, code: BinlogError.Code, isTransient: Bool) throws {
        var reader = ByteReader(FakePackets.error(number, text))
        let error = StreamErrors.classify(try ErrorPacket(from: &reader))
        #expect(error.code == code)
        #expect(error.isTransient == isTransient)
        #expect(error.description.contains(text))
        #expect(error.description.contains("error \(number)"))
    }

    @Test("PY3: an event that is too large comes with advice")
    func advice() throws {
        var reader = ByteReader(
            FakePackets.error(1236, "log event entry exceeded max_allowed_packet"))
        let error = StreamErrors.classify(try ErrorPacket(from: &reader))
        #expect(error.description.contains("SET GLOBAL max_allowed_packet = 1073741824;"))
    }
}
