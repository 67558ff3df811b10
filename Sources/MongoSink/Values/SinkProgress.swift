public import BinlogProtocol

/// Where the sink stands at one moment.
public struct SinkProgress: Sendable, Equatable {
    /// The transactions whose documents are committed.
    public internal(set) var committed = GTIDSet()
    /// Documents committed by this process.
    public internal(set) var events: Int64 = 0
    /// Transactions committed by this process.
    public internal(set) var transactions: Int64 = 0
    /// Bytes of documents committed by this process.
    public internal(set) var bytes: Int64 = 0
    /// MongoDB transactions committed by this process.
    public internal(set) var commits: Int64 = 0
    /// Attempts that were repeated.
    public internal(set) var retries: Int64 = 0
    /// Stored documents that the source told again with another row image.
    public internal(set) var otherImages: Int64 = 0
    /// The commit time of the last committed transaction in milliseconds since 1970.
    public internal(set) var lastEventTime: Int64?
    /// Bytes of documents that are held and not committed.
    public internal(set) var heldBytes = 0
    /// Documents that are held and not committed.
    public internal(set) var heldEvents = 0
    /// Staged batches that wait to be committed, the one being committed included.
    public internal(set) var stagingPending = 0

    /// Makes the snapshot of a sink that has done nothing.
    public init() {}
}
