public import BinlogProtocol

/// The last transaction before a position, as it is recognised when a server sends it again.
///
/// A source that was reset or restored uses the same GTIDs for other transactions: their commit times differ.
public struct LastTransaction: Sendable, Equatable {
    /// The transaction's GTID.
    public var gtid: GTID
    /// When it was committed on the server where it began, in µs since 1970 (UTC); in whole seconds where the log says no more.
    public var commitTime: UInt64
    /// The transaction before it in its MariaDB domain; nil for MySQL, and where it is not known.
    public var previous: GTID?

    /// Makes a value from its parts.
    public init(gtid: GTID, commitTime: UInt64, previous: GTID?) {
        self.gtid = gtid
        self.commitTime = commitTime
        self.previous = previous
    }
}

extension LastTransaction {
    /// The element `last: { gtid, time, previous }`.
    func append(to writer: inout BSONWriter) {
        writer.append("last") { fields in
            fields.append("gtid", string: "\(gtid)")
            fields.append("time", int64: Int64(clamping: commitTime))
            if let previous { fields.append("previous", string: "\(previous)") }
        }
    }

    /// Nil when there is none, or nothing that can be used: it is a check that is left out then.
    init?(in document: BSONDocument) throws(DecodingError) {
        guard let fields = try document.document("last"),
            let gtid = try fields.string("gtid").flatMap(GTID.init(parsing:)),
            let time = try fields.integer("time").flatMap(UInt64.init(exactly:))
        else { return nil }
        self.init(
            gtid: gtid, commitTime: time,
            previous: try fields.string("previous").flatMap(GTID.init(parsing:)))
    }
}
