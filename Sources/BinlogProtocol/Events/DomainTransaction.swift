/// What MariaDB's GTID_EVENT says of its transaction; the event also takes the place of BEGIN.
///
///     ┌──────────────┬────────────┬──────────┐
///     │ sequence u64 │ domain u32 │ flags u8 │
///     ├──────────────┴────────────┴──────────┴───────────────────────────────────────────────┐
///     │ flag 2:         commit id u64                                                        │
///     │ flag 64 or 128: format id u32, gtrid length u8, bqual length u8, gtrid, bqual        │
///     │ if more follows: further flags u8 and their fields, then padding with zeros          │
///     └──────────────────────────────────────────────────────────────────────────────────────┘
///     further flags: 1 engines u8, 2 ALTER starts, 4 commits (sequence u64), 8 rolls back (sequence u64), 16 thread id u64
/// The server's number stands in the event's header. `sql/log_event.cc` of MariaDB.
public struct DomainTransaction: Equatable, Sendable {
    /// Flags of MariaDB's GTID_EVENT.
    public struct Flags: OptionSet, Sendable {
        /// The bits as they stand in the event.
        public let rawValue: UInt8

        /// Makes flags from their bits; unknown bits are kept.
        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// One event follows and nothing ends the transaction: DDL, mostly.
        public static let standalone = Flags(rawValue: 1)
        /// The transaction was committed together with others, whose commit id is the same.
        public static let groupCommitID = Flags(rawValue: 2)
        /// All changes are to transactional tables.
        public static let transactional = Flags(rawValue: 4)
        /// A replica may apply it in parallel.
        public static let allowParallel = Flags(rawValue: 8)
        /// It waited for another transaction's locks.
        public static let waited = Flags(rawValue: 16)
        /// It holds a change of a definition.
        public static let ddl = Flags(rawValue: 32)
        /// The first part of an XA transaction, up to XA PREPARE.
        public static let preparedXA = Flags(rawValue: 64)
        /// The end of an XA transaction: XA COMMIT or XA ROLLBACK.
        public static let completedXA = Flags(rawValue: 128)
    }

    /// The parts of an ALTER TABLE that replicas begin before it is done (`binlog_alter_two_phase=ON`).
    public enum AlterPhase: Sendable {
        /// It was begun; a later transaction with the same statement says how it ended.
        case start
        /// It was done.
        case commit
        /// It failed.
        case rollback
    }

    /// The flags.
    public let flags: Flags
    /// Which part of an ALTER TABLE in two parts the transaction is; nil for all others.
    public let alterPhase: AlterPhase?
    /// The same for all transactions that were committed together; nil for one alone.
    public let commitID: UInt64?
    /// The XA transaction that it is a part of.
    public let xa: XAIdentifier?

    /// Reads the event's body.
    ///
    /// - Parameter serverID: from the event's header.
    package static func decode(
        from reader: inout ByteReader, serverID: UInt32
    ) throws(DecodingError) -> GTIDEvent {
        let sequenceOffset = reader.offset
        let sequence: UInt64 = try reader.read()
        guard (1...UInt64(GTID.numberMax)).contains(sequence) else {
            throw DecodingError(.invalid("sequence number of a GTID_EVENT"), at: sequenceOffset)
        }
        let domain: UInt32 = try reader.read()
        let flags = Flags(rawValue: try reader.read())
        let commitID: UInt64? = flags.contains(.groupCommitID) ? try reader.read() : nil
        let isXA = flags.contains(.preparedXA) || flags.contains(.completedXA)
        let xa = isXA ? try readXA(from: &reader) : nil
        let further: UInt8 = reader.isAtEnd ? 0 : try reader.read()
        let alterPhase: AlterPhase? =
            further & 2 != 0
            ? .start : further & 4 != 0 ? .commit : further & 8 != 0 ? .rollback : nil
        // Engines, the number of the ALTER's start, the thread: nothing that is needed.
        try reader.skip(reader.remaining)
        return GTIDEvent(
            gtid: GTID(
                domain: domain, serverID: serverID,
                sequence: Int64(truncatingIfNeeded: sequence)),
            originalCommitTime: nil, immediateCommitTime: nil, transactionLength: nil,
            domainTransaction: DomainTransaction(
                flags: flags, alterPhase: alterPhase, commitID: commitID, xa: xa))
    }

    private static func readXA(
        from reader: inout ByteReader
    ) throws(DecodingError) -> XAIdentifier {
        let format: UInt32 = try reader.read()
        let lengthOffset = reader.offset
        let globalCount: UInt8 = try reader.read()
        let branchCount: UInt8 = try reader.read()
        return try XAIdentifier(
            formatID: format, globalCount: Int(globalCount), branchCount: Int(branchCount),
            lengthsAt: lengthOffset, from: &reader)
    }
}
