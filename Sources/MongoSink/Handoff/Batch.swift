internal import BinlogProtocol

/// Whole transactions that are staged and committed together.
struct Batch: Sendable {
    var documents = DocumentSequence()
    var transactions: Int64 = 0
    var times: ClosedRange<Int64>?
    var coordinates = BinlogCoordinates()
    /// The executed set before, as text; set when the batch is sealed.
    var previous = ""
    /// The executed set with this batch; set when the batch is sealed.
    var next = GTIDSet()

    var isEmpty: Bool { transactions == 0 }

    mutating func append(_ transaction: EncodedTransaction) throws(DecodingError) {
        try documents.append(transaction.documents, ends: transaction.ends)
        pass(transaction)
    }

    /// Counts a transaction without its documents.
    mutating func pass(_ transaction: EncodedTransaction) {
        transactions += 1
        let time = transaction.commitTime
        times = min(times?.lowerBound ?? time, time)...max(times?.upperBound ?? time, time)
        coordinates = BinlogCoordinates(
            file: transaction.file, position: transaction.position, last: transaction.last)
    }
}

/// A part of a transaction that is larger than a batch.
struct ChunkJob: Sendable {
    var gtid: String
    var number: Int64
    var rowsBefore: Int64
    var documents: DocumentSequence
    /// The executed set before the transaction, as text.
    var previous: String
    /// Set in the last part: how the transaction ended, and the batch that holds everything but documents.
    var end: (PlaceholderXID.End, Batch)?
}

/// What the stager does next.
enum StagerJob: Sendable {
    case batch(Batch)
    case chunk(ChunkJob)
    /// Deletes the parts of a transaction; the batch, if any, moves the position past it.
    case drop(gtid: String, then: Batch?)
    /// Stores a part of a value that stands outside of its document.
    case blob(BlobChunk)
    /// Deletes the blobs whose `_id` begins so, up to a `/`, unless a stored document refers to them.
    case dropBlobs(prefix: String)

    /// Whether the job begins something new, which is bounded: what waits in staging must not grow without end.
    var waitsForCommitter: Bool {
        switch self {
        case .batch: true
        case .chunk(let chunk): chunk.number == 1
        case .drop, .blob, .dropBlobs: false
        }
    }
}

/// What the committer does next.
enum CommitterJob: Sendable {
    case batch(Batch, stagingID: String?, digest: [UInt8])
    case large(LargeTransaction, Batch, bytes: Int)
}
