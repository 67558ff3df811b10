/// How the sink reaches MongoDB, where it writes and how much it holds.
///
/// ``uri`` may hold a password: a description of this value prints it as `***`.
public struct SinkSettings: Sendable {
    /// A MongoDB connection string; may hold a password.
    public var uri: String
    /// The database of every collection below.
    public var database: String
    /// The collection of the audit trail, for instance `row_changes`.
    public var collection: String
    /// The collection of the stored positions, for instance `binlog_offsets`.
    public var offsetsCollection: String
    /// The collection of batches in flight.
    public var stagingCollection: String
    /// The `_id` of this source's position.
    public var streamName: String
    /// The largest number of row changes in a batch.
    public var batchSize: Int
    /// The largest size of a batch in bytes of BSON, at most ``batchBytesMax``.
    public var batchBytes: Int
    /// The longest that a moved position without documents waits to be stored.
    public var flushInterval: Duration
    /// Bytes of work not yet committed that are held at most; a larger transaction is taken alone.
    public var memoryLimit: Int
    /// Attempts at one piece of work before giving up; 0 means for ever.
    public var retryMax: Int
    /// The first wait after a transient failure; it doubles from there.
    public var retryInitial: Duration
    /// The longest wait between two attempts.
    public var retryMaxDelay: Duration
    /// How long one piece of work may fail before giving up, from its first failure on; zero means for ever.
    public var retryMaxTime: Duration
    /// How long a user who was accepted before must be refused until that ends the sink.
    public var loginPatience: Duration
    /// How long a committed staging document is kept.
    public var stagingTTL: Duration
    /// Who we are: `host/pid`.
    public var owner: String
    /// How long a lease that nobody renews stays valid.
    public var leaseDuration: Duration
    /// Whether to wait for the lease for as long as another instance holds it.
    public var standby: Bool
    /// The settings that decide what is stored, which the ledger records; none by default.
    public var recorded: RecordedSettings
    /// The name under which the server's log lists our connections.
    public var applicationName: String
    /// By which the lease of one sink is told from that of any other; each sink makes its own.
    var leaseToken = ""

    /// The largest ``batchBytes``: a staging document stays under 8 MB with room for its own fields.
    public static let batchBytesMax = 7 << 20

    /// Makes settings with the defaults of the command `sdl run`.
    public init(uri: String, streamName: String, owner: String) {
        self.uri = uri
        self.database = "audit"
        self.collection = "row_changes"
        self.offsetsCollection = "binlog_offsets"
        self.stagingCollection = "row_changes_staging"
        self.streamName = streamName
        self.batchSize = 1000
        self.batchBytes = 4 << 20
        self.flushInterval = .seconds(1)
        self.memoryLimit = 256 << 20
        self.retryMax = 0
        self.retryInitial = .milliseconds(100)
        self.retryMaxDelay = .seconds(10)
        self.retryMaxTime = .zero
        self.loginPatience = .seconds(60)
        self.stagingTTL = .seconds(7 * 86_400)
        self.owner = owner
        self.leaseDuration = .seconds(10)
        self.standby = false
        self.recorded = RecordedSettings()
        self.applicationName = "sdl"
    }

    /// The collection of the ledger.
    public var ledgerCollection: String { "\(collection)_ledger" }
    /// The collection of values that are too large for documents.
    public var blobsCollection: String { "\(collection)_blobs" }
}

extension SinkSettings: CustomStringConvertible, CustomDebugStringConvertible {
    /// The settings without the URI's user info.
    public var description: String {
        "\(Redaction.uri(uri)) \(database).\(collection) as \(streamName)"
    }

    /// The same as ``description``: a debugger's or a log's dump must not show the password.
    public var debugDescription: String { description }
}

extension SinkSettings {
    /// Throws ``SinkError/Code/configuration`` naming the first setting that cannot be used.
    package func validate() throws(SinkError) {
        func require(_ holds: Bool, _ sentence: String) throws(SinkError) {
            if !holds { throw SinkError(.configuration, sentence) }
        }
        for (name, value) in [
            ("MONGO_DB", database), ("MONGO_COLL", collection),
            ("MONGO_OFFSETS_COLL", offsetsCollection), ("MONGO_STAGING_COLL", stagingCollection),
            ("STREAM_NAME", streamName),
        ] {
            try require(!value.isEmpty, "\(name) is empty: set it to a name")
            try require(!value.utf8.contains(0), "\(name) holds a NUL character: remove it")
            try require(value.utf8.count <= 255, "\(name) is longer than 255 bytes: shorten it")
        }
        let collections = [
            collection, offsetsCollection, stagingCollection, ledgerCollection, blobsCollection,
        ]
        try require(
            Set(collections).count == collections.count,
            "the collections \(collections.joined(separator: ", ")) must all differ")
        try require(batchSize >= 1, "BATCH_SIZE is \(batchSize): it must be at least 1")
        try require(batchSize <= 100_000, "BATCH_SIZE is \(batchSize): it must be at most 100000")
        try require(
            batchBytes >= 1024 && batchBytes <= Self.batchBytesMax,
            "BATCH_BYTES is \(batchBytes): it must be between 1024 and \(Self.batchBytesMax)")
        try require(
            memoryLimit >= batchBytes,
            "MEMORY_LIMIT is \(memoryLimit): it must be at least BATCH_BYTES (\(batchBytes))")
        try require(retryMax >= 0, "RETRY_MAX is \(retryMax): it must be 0 (for ever) or more")
        try require(retryInitial > .zero, "RETRY_INITIAL must be above zero")
        try require(
            retryMaxDelay >= retryInitial, "RETRY_MAX_DELAY must not be below RETRY_INITIAL")
        try require(retryMaxTime >= .zero, "RETRY_MAX_TIME must not be negative")
        try require(flushInterval > .zero, "FLUSH_INTERVAL must be above zero")
        try require(stagingTTL >= .zero, "STAGING_TTL must not be negative")
        try require(leaseDuration >= .milliseconds(100), "the lease must last at least 100 ms")
        try require(!owner.isEmpty, "the owner of the lease must have a name")
    }
}
