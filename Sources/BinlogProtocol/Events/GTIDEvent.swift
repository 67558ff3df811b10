/// Begins a transaction and gives its GTID (GTID_LOG_EVENT and, without a GTID, ANONYMOUS_GTID_LOG_EVENT).
///
///     ┌──────────┬─────────┬─────────┬───────────┬────────────────────┬─────────────────────┐
///     │ flags u8 │ uuid 16 │ gno i64 │ type u8 2 │ last committed i64 │ sequence number i64 │
///     ├──────────┴─────────┴─────────┴───────────┴────────────────────┴─────────────────────┤
///     │ immediate commit time u56 µs (bit 55: original commit time u56 follows)             │
///     │ transaction length, length-encoded                                                  │
///     │ immediate server version u32 (bit 31: original server version u32 follows)          │
///     │ commit group ticket u64                                                             │
///     └──────────────────────────────────────────────────────────────────────────────────────┘
/// MySQL 5.7 ends after the sequence number; each later field may be missing at the end.
public struct GTIDEvent: Equatable, Sendable {
    /// The GTID; nil in an anonymous transaction.
    public let gtid: GTID?
    /// When the transaction was committed on the server where it began, in µs since 1970 (UTC); nil before MySQL 8.0.
    ///
    /// A replica of a server that does not log the time writes 0 for it: then the replica's own commit time stands here.
    public let originalCommitTime: UInt64?
    /// When the server that wrote this log committed it, in µs since 1970 (UTC); nil before MySQL 8.0.
    public let immediateCommitTime: UInt64?
    /// The length of the whole transaction in the log, in bytes; nil when the server does not say.
    public let transactionLength: UInt64?
    /// What only MariaDB's GTID_EVENT says; nil for MySQL's.
    public let domainTransaction: DomainTransaction?

    /// What only replicas need.
    package let scheduling: Scheduling

    /// What replicas need to apply transactions side by side; nil for what the server does not say.
    package struct Scheduling: Equatable, Sendable {
        /// Bit 0: the transaction may hold a statement that cannot be rolled back.
        package var flags: UInt64?
        /// The transaction after whose commit this one may begin, by its number in the file.
        package var lastCommitted: Int64?
        /// The transaction's own number in the file.
        package var sequenceNumber: Int64?
        /// The version of the server that wrote this log, as 80036 for 8.0.36.
        package var immediateServerVersion: UInt64?
        /// The version of the server where the transaction began.
        package var originalServerVersion: UInt64?
        /// The group that committed together.
        package var commitGroupTicket: UInt64?

        package init(
            flags: UInt64? = nil, lastCommitted: Int64? = nil, sequenceNumber: Int64? = nil,
            immediateServerVersion: UInt64? = nil, originalServerVersion: UInt64? = nil,
            commitGroupTicket: UInt64? = nil
        ) {
            self.flags = flags
            self.lastCommitted = lastCommitted
            self.sequenceNumber = sequenceNumber
            self.immediateServerVersion = immediateServerVersion
            self.originalServerVersion = originalServerVersion
            self.commitGroupTicket = commitGroupTicket
        }
    }

    package init(
        gtid: GTID?, originalCommitTime: UInt64?, immediateCommitTime: UInt64?,
        transactionLength: UInt64?, scheduling: Scheduling = Scheduling(),
        domainTransaction: DomainTransaction? = nil
    ) {
        self.domainTransaction = domainTransaction
        self.gtid = gtid
        self.scheduling = scheduling
        let immediate = immediateCommitTime == 0 ? nil : immediateCommitTime
        self.originalCommitTime =
            originalCommitTime == 0 ? immediate : originalCommitTime ?? immediate
        self.immediateCommitTime = immediate
        self.transactionLength = transactionLength
    }

    package init(from reader: inout ByteReader, isAnonymous: Bool) throws(DecodingError) {
        var scheduling = Scheduling()
        scheduling.flags = UInt64(try reader.read(UInt8.self))
        let uuid = ServerUUID(bytes: try reader.readBytes(16))
        let numberOffset = reader.offset
        let number: Int64 = try reader.read()
        var gtid: GTID?
        if !isAnonymous {
            guard (1...GTID.numberMax).contains(number) else {
                throw DecodingError(.invalid("transaction number"), at: numberOffset)
            }
            gtid = GTID(source: GTID.Source(uuid: uuid), number: number)
        }
        if !reader.isAtEnd {
            // The type of the two numbers that follow; there is only one, 2.
            try reader.skip(1)
            scheduling.lastCommitted = try reader.read()
            scheduling.sequenceNumber = try reader.read()
        }
        var immediate: UInt64?
        var original: UInt64?
        if !reader.isAtEnd {
            let field = try reader.readUInt(bytes: 7)
            immediate = field & ~(1 << 55)
            original = field & (1 << 55) == 0 ? immediate : try reader.readUInt(bytes: 7)
        }
        let transactionLength = reader.isAtEnd ? nil : try reader.readLengthEncodedInteger()
        if !reader.isAtEnd {
            let version: UInt32 = try reader.read()
            scheduling.immediateServerVersion = UInt64(version & ~(1 << 31))
            if version & (1 << 31) != 0 {
                scheduling.originalServerVersion = UInt64(try reader.read(UInt32.self))
            }
        }
        if !reader.isAtEnd { scheduling.commitGroupTicket = try reader.read() }
        self.init(
            gtid: gtid, originalCommitTime: original, immediateCommitTime: immediate,
            transactionLength: transactionLength, scheduling: scheduling)
    }
}
