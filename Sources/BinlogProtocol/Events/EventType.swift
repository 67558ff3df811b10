/// The type code of a binary log event.
///
/// Every code that MySQL 5.7 to 9.x and MariaDB 10.4 to 12 write has a name here.
/// `libs/mysql/binlog/event/binlog_event.h` of MySQL, `sql/log_event.h` of MariaDB.
public struct EventType: RawRepresentable, Hashable, Sendable {
    /// The code as it stands in the event header.
    public let rawValue: UInt8

    /// Makes a type from its code; any code is accepted.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let query = EventType(rawValue: 2)
    package static let stop = EventType(rawValue: 3)
    package static let rotate = EventType(rawValue: 4)
    package static let intVar = EventType(rawValue: 5)
    package static let appendBlock = EventType(rawValue: 9)
    package static let deleteFile = EventType(rawValue: 11)
    package static let rand = EventType(rawValue: 13)
    package static let userVar = EventType(rawValue: 14)
    package static let formatDescription = EventType(rawValue: 15)
    package static let xid = EventType(rawValue: 16)
    package static let beginLoadQuery = EventType(rawValue: 17)
    package static let executeLoadQuery = EventType(rawValue: 18)
    package static let tableMap = EventType(rawValue: 19)
    package static let incident = EventType(rawValue: 26)
    package static let heartbeat = EventType(rawValue: 27)
    package static let ignorable = EventType(rawValue: 28)
    package static let rowsQuery = EventType(rawValue: 29)
    package static let writeRows = EventType(rawValue: 30)
    package static let updateRows = EventType(rawValue: 31)
    package static let deleteRows = EventType(rawValue: 32)
    package static let gtid = EventType(rawValue: 33)
    package static let anonymousGTID = EventType(rawValue: 34)
    package static let previousGTIDs = EventType(rawValue: 35)
    package static let transactionContext = EventType(rawValue: 36)
    package static let viewChange = EventType(rawValue: 37)
    package static let xaPrepare = EventType(rawValue: 38)
    package static let partialUpdateRows = EventType(rawValue: 39)
    package static let transactionPayload = EventType(rawValue: 40)
    package static let heartbeatV2 = EventType(rawValue: 41)
    package static let gtidTagged = EventType(rawValue: 42)
    package static let writeRowsV0 = EventType(rawValue: 20)
    package static let updateRowsV0 = EventType(rawValue: 21)
    package static let deleteRowsV0 = EventType(rawValue: 22)
    package static let writeRowsV1 = EventType(rawValue: 23)
    package static let updateRowsV1 = EventType(rawValue: 24)
    package static let deleteRowsV1 = EventType(rawValue: 25)
    // MariaDB's own.
    package static let annotateRows = EventType(rawValue: 160)
    package static let binlogCheckpoint = EventType(rawValue: 161)
    package static let domainGTID = EventType(rawValue: 162)
    package static let gtidList = EventType(rawValue: 163)
    package static let startEncryption = EventType(rawValue: 164)
    package static let queryCompressed = EventType(rawValue: 165)
    package static let writeRowsCompressedV1 = EventType(rawValue: 166)
    package static let updateRowsCompressedV1 = EventType(rawValue: 167)
    package static let deleteRowsCompressedV1 = EventType(rawValue: 168)
    package static let writeRowsCompressed = EventType(rawValue: 169)
    package static let updateRowsCompressed = EventType(rawValue: 170)
    package static let deleteRowsCompressed = EventType(rawValue: 171)
}

extension EventType {
    /// Whether the event holds rows.
    var isRows: Bool {
        switch self {
        case .writeRows, .writeRowsV1, .writeRowsV0, .writeRowsCompressed, .writeRowsCompressedV1,
            .updateRows, .updateRowsV1, .updateRowsV0, .updateRowsCompressed,
            .updateRowsCompressedV1, .partialUpdateRows, .deleteRows, .deleteRowsV1, .deleteRowsV0,
            .deleteRowsCompressed, .deleteRowsCompressedV1:
            true
        default: false
        }
    }

    /// Whether MariaDB compressed a part of the body, so that offsets in that part are none in the event.
    package var hasCompressedBody: Bool {
        switch self {
        case .queryCompressed, .writeRowsCompressed, .updateRowsCompressed, .deleteRowsCompressed,
            .writeRowsCompressedV1, .updateRowsCompressedV1, .deleteRowsCompressedV1:
            true
        default: false
        }
    }
}

extension EventType: CustomStringConvertible {
    /// The server's own name, such as `WRITE_ROWS_EVENT`, or `event type 99`.
    public var description: String { Self.names[rawValue] ?? "event type \(rawValue)" }

    /// Whether the code has a name here.
    var isKnown: Bool { Self.names[rawValue] != nil }

    private static let names: [UInt8: String] = [
        0: "UNKNOWN_EVENT", 1: "START_EVENT_V3", 2: "QUERY_EVENT", 3: "STOP_EVENT",
        4: "ROTATE_EVENT", 5: "INTVAR_EVENT", 6: "LOAD_EVENT", 7: "SLAVE_EVENT",
        8: "CREATE_FILE_EVENT", 9: "APPEND_BLOCK_EVENT", 10: "EXEC_LOAD_EVENT",
        11: "DELETE_FILE_EVENT", 12: "NEW_LOAD_EVENT", 13: "RAND_EVENT", 14: "USER_VAR_EVENT",
        15: "FORMAT_DESCRIPTION_EVENT", 16: "XID_EVENT", 17: "BEGIN_LOAD_QUERY_EVENT",
        18: "EXECUTE_LOAD_QUERY_EVENT", 19: "TABLE_MAP_EVENT", 20: "PRE_GA_WRITE_ROWS_EVENT",
        21: "PRE_GA_UPDATE_ROWS_EVENT", 22: "PRE_GA_DELETE_ROWS_EVENT", 23: "WRITE_ROWS_EVENT_V1",
        24: "UPDATE_ROWS_EVENT_V1", 25: "DELETE_ROWS_EVENT_V1", 26: "INCIDENT_EVENT",
        27: "HEARTBEAT_LOG_EVENT", 28: "IGNORABLE_LOG_EVENT", 29: "ROWS_QUERY_LOG_EVENT",
        30: "WRITE_ROWS_EVENT", 31: "UPDATE_ROWS_EVENT", 32: "DELETE_ROWS_EVENT",
        33: "GTID_LOG_EVENT", 34: "ANONYMOUS_GTID_LOG_EVENT", 35: "PREVIOUS_GTIDS_LOG_EVENT",
        36: "TRANSACTION_CONTEXT_EVENT", 37: "VIEW_CHANGE_EVENT", 38: "XA_PREPARE_LOG_EVENT",
        39: "PARTIAL_UPDATE_ROWS_EVENT", 40: "TRANSACTION_PAYLOAD_EVENT",
        41: "HEARTBEAT_LOG_EVENT_V2", 42: "GTID_TAGGED_LOG_EVENT",
        160: "ANNOTATE_ROWS_EVENT", 161: "BINLOG_CHECKPOINT_EVENT", 162: "GTID_EVENT",
        163: "GTID_LIST_EVENT", 164: "START_ENCRYPTION_EVENT", 165: "QUERY_COMPRESSED_EVENT",
        166: "WRITE_ROWS_COMPRESSED_EVENT_V1", 167: "UPDATE_ROWS_COMPRESSED_EVENT_V1",
        168: "DELETE_ROWS_COMPRESSED_EVENT_V1", 169: "WRITE_ROWS_COMPRESSED_EVENT",
        170: "UPDATE_ROWS_COMPRESSED_EVENT", 171: "DELETE_ROWS_COMPRESSED_EVENT",
    ]
}
