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

    package init(
        gtid: GTID?, originalCommitTime: UInt64?, immediateCommitTime: UInt64?,
        transactionLength: UInt64?, domainTransaction: DomainTransaction? = nil
    ) {
        self.domainTransaction = domainTransaction
        self.gtid = gtid
        let immediate = immediateCommitTime == 0 ? nil : immediateCommitTime
        self.originalCommitTime =
            originalCommitTime == 0 ? immediate : originalCommitTime ?? immediate
        self.immediateCommitTime = immediate
        self.transactionLength = transactionLength
    }

    package init(from reader: inout ByteReader, isAnonymous: Bool) throws(DecodingError) {
        try reader.skip(1)
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
        // Logical timestamps: one type byte (2) and two numbers that only a parallel replica needs.
        if !reader.isAtEnd { try reader.skip(17) }
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
            if version & (1 << 31) != 0 { try reader.skip(4) }
        }
        if !reader.isAtEnd { try reader.skip(8) }
        self.init(
            gtid: gtid, originalCommitTime: original, immediateCommitTime: immediate,
            transactionLength: transactionLength)
    }
}
