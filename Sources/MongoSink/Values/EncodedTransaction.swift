public import BinlogProtocol

/// One complete transaction of the source, its documents ready to be stored.
public struct EncodedTransaction: Sendable {
    /// The transaction's GTID; it joins the stored set with this transaction's documents.
    public var gtid: GTID
    /// Finished BSON documents one after another; none when every change was filtered out.
    public var documents: [UInt8]
    /// The offset in ``documents`` after each document.
    public var ends: [Int]
    /// The commit time on the source in milliseconds since 1970.
    public var commitTime: Int64
    /// The binlog file that holds the transaction's end, and the position behind it.
    public var file: String
    /// The position behind the transaction's end.
    public var position: UInt64
    /// The same transaction as a server is asked for it again; nil when it is not known.
    public var last: LastTransaction?

    /// Makes a transaction from its parts.
    public init(
        gtid: GTID, documents: [UInt8] = [], ends: [Int] = [], commitTime: Int64, file: String,
        position: UInt64, last: LastTransaction? = nil
    ) {
        self.gtid = gtid
        self.documents = documents
        self.ends = ends
        self.commitTime = commitTime
        self.file = file
        self.position = position
        self.last = last
    }
}

/// A part of a transaction that is too large for one batch, handed over before its end was read.
///
/// Nothing of it is applied before ``MongoSink/finishLarge(_:xid:)``.
public struct EncodedChunk: Sendable {
    /// The GTID of the transaction that these documents belong to.
    public var gtid: GTID
    /// Finished BSON documents one after another, `src.xid` still a placeholder.
    public var documents: [UInt8]
    /// The offset in ``documents`` after each document.
    public var ends: [Int]

    /// Makes a chunk from its parts.
    public init(gtid: GTID, documents: [UInt8], ends: [Int]) {
        self.gtid = gtid
        self.documents = documents
        self.ends = ends
    }
}
