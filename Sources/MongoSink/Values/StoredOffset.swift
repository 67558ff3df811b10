public import BinlogProtocol

/// The server that a position belongs to.
public struct SourceIdentity: Sendable, Equatable {
    /// `@@server_uuid`; empty when the flavor has none.
    public var uuid: String
    /// `@@version`.
    public var version: String
    /// `mysql` or `mariadb`.
    public var flavor: String

    /// `@@server_id`, which is all that tells MariaDB servers apart; nil when the document does not say.
    public var serverID: UInt32?

    /// Makes an identity from its parts.
    public init(uuid: String, version: String, flavor: String, serverID: UInt32? = nil) {
        self.serverID = serverID
        self.uuid = uuid
        self.version = version
        self.flavor = flavor
    }
}

/// The position in MongoDB: which transactions of the source are stored.
public struct StoredOffset: Sendable, Equatable {
    /// How much of a large transaction is stored whose GTID is not in the set yet.
    public struct Partial: Sendable, Equatable {
        /// The transaction's GTID.
        public let gtid: String
        /// How many of its documents, counted from its first, are stored.
        public let rows: Int64
    }

    /// The executed set as it is stored.
    public let gtid: GTIDSet
    /// The binlog file of the last transaction.
    public let file: String
    /// The position behind it.
    public let position: UInt64
    /// Set only while a large transaction is being stored.
    public let partial: Partial?
    /// The server that the position came from; nil when the document does not say.
    public let server: SourceIdentity?
    /// The last transaction of the set, by which the source is recognised; nil when it is not known.
    public let last: LastTransaction?
    /// Row changes stored since the start.
    public let events: Int64
    /// Transactions passed since the start.
    public let transactions: Int64
    /// The commit time of the last transaction in milliseconds since 1970; nil before the first.
    public let lastEventTime: Int64?
}
