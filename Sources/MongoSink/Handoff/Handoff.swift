internal import BinlogProtocol

/// What the reader, the stager and the committer share.
struct Handoff: Sendable {
    /// The first failure of any thread.
    var failure: SinkError?
    /// No more transactions come; what is there is still committed.
    var isFinishing = false
    /// No more transactions are taken, but the end has not been asked for yet.
    var isInterrupted = false
    var runningThreads = 0
    var stagerEnded = false

    /// Every transaction that was submitted.
    private(set) var assigned: GTIDSet
    /// The executed set behind the last sealed batch, as text.
    private var sealed: String
    private var open = Batch()
    private var openedAt: ContinuousClock.Instant?
    private var large: LargeInFlight?

    /// For the stager, in order.
    private var stagerJobs: [StagerJob] = []
    /// For the committer, in order.
    var committerJobs: [CommitterJob] = []
    var progress = SinkProgress()

    /// A transaction whose parts arrive.
    private struct LargeInFlight: Sendable {
        var gtid: GTID
        var parts: Int64 = 0
        var rows: Int64 = 0
    }

    init(executed: GTIDSet, text: String) {
        assigned = executed
        sealed = text
        progress.committed = executed
    }

    /// - Throws: the failure that ended the sink.
    func check() throws(SinkError) {
        if let failure { throw failure }
        if isFinishing || isInterrupted {
            throw SinkError(.cancelled, "the sink is finishing and takes no more transactions")
        }
    }

    // MARK: The reader's side

    /// Whether `bytes` more fit; something larger than all the room is taken alone.
    func hasRoom(_ bytes: Int, limit: Int) -> Bool {
        progress.heldBytes == 0 || bytes <= limit - progress.heldBytes
    }

    /// Adds a transaction to the open batch, which is sealed before or after it when it is full.
    mutating func add(
        _ transaction: EncodedTransaction, _ settings: SinkSettings
    ) throws(SinkError) {
        try checkNew(transaction.gtid)
        let bytes = transaction.ends.last ?? 0
        if !open.documents.isEmpty,
            open.documents.byteCount + bytes > settings.batchBytes
                || open.documents.count + transaction.ends.count > settings.batchSize
        {
            seal()
        }
        if open.isEmpty { openedAt = .now }
        do {
            try open.append(transaction)
        } catch {
            throw Self.malformed(transaction.gtid, error)
        }
        assigned.insert(transaction.gtid)
        hold(bytes: bytes, events: transaction.ends.count)
        if open.documents.count >= settings.batchSize
            || open.documents.byteCount >= settings.batchBytes
        {
            seal()
        }
    }

    /// Adds a part of a large transaction.
    mutating func add(_ documents: DocumentSequence, of gtid: GTID) throws(SinkError) {
        if large == nil {
            guard !assigned.contains(gtid) else { throw Self.twice(gtid) }
            if !open.isEmpty { seal() }
            large = LargeInFlight(gtid: gtid)
        }
        guard var current = large, current.gtid == gtid else {
            throw Self.interleaved(gtid, large?.gtid)
        }
        current.parts += 1
        stagerJobs.append(
            .chunk(
                ChunkJob(
                    gtid: "\(gtid)", number: current.parts, rowsBefore: current.rows,
                    documents: documents, previous: sealed)))
        current.rows += Int64(documents.count)
        large = current
        hold(bytes: documents.byteCount, events: documents.count)
    }

    /// Adds the last part of a large transaction, perhaps without documents.
    mutating func finish(
        _ transaction: EncodedTransaction, _ end: PlaceholderXID.End
    ) throws(SinkError) {
        guard let current = large, current.gtid == transaction.gtid else {
            throw Self.interleaved(transaction.gtid, large?.gtid)
        }
        let documents: DocumentSequence
        do {
            documents = try DocumentSequence(bytes: transaction.documents, ends: transaction.ends)
        } catch {
            throw Self.malformed(transaction.gtid, error)
        }
        let batch = moved(past: transaction)
        stagerJobs.append(
            .chunk(
                ChunkJob(
                    gtid: "\(transaction.gtid)", number: current.parts + 1,
                    rowsBefore: current.rows, documents: documents, previous: batch.previous,
                    end: (end, batch))))
        hold(bytes: documents.byteCount, events: documents.count)
        large = nil
    }

    /// Adds a part of a value that stands outside of its document, which comes later.
    mutating func add(_ chunk: BlobChunk) {
        stagerJobs.append(.blob(chunk))
        hold(bytes: chunk.bytes.count, events: 0)
    }

    /// Deletes blobs that no document will refer to.
    mutating func dropBlobs(_ prefix: String) {
        stagerJobs.append(.dropBlobs(prefix: prefix))
    }

    /// Gives up a large transaction: its parts go; `transaction` moves the position when it ended in ROLLBACK.
    mutating func dropLarge(past transaction: EncodedTransaction?) throws(SinkError) {
        guard let current = large else {
            guard let transaction else { return }
            throw Self.interleaved(transaction.gtid, nil)
        }
        if let transaction, transaction.gtid != current.gtid {
            throw Self.interleaved(transaction.gtid, current.gtid)
        }
        let batch = transaction.map { moved(past: $0) }
        stagerJobs.append(.drop(gtid: "\(current.gtid)", then: batch))
        large = nil
    }

    private mutating func moved(past transaction: EncodedTransaction) -> Batch {
        var batch = Batch()
        batch.pass(transaction)
        batch.previous = sealed
        assigned.insert(transaction.gtid)
        batch.next = assigned
        sealed = assigned.description
        return batch
    }

    private mutating func hold(bytes: Int, events: Int) {
        progress.heldBytes += bytes
        progress.heldEvents += events
    }

    private mutating func seal() {
        var batch = open
        batch.previous = sealed
        batch.next = assigned
        sealed = assigned.description
        stagerJobs.append(.batch(batch))
        open = Batch()
        openedAt = nil
    }

    private func checkNew(_ gtid: GTID) throws(SinkError) {
        if let large { throw Self.interleaved(gtid, large.gtid) }
        if assigned.contains(gtid) { throw Self.twice(gtid) }
    }

    // MARK: The stager's side

    /// What the stager does now; nothing passes what is staged and waits for the committer, except the further
    /// parts of a large transaction on their way out of memory.
    mutating func stagerTurn(flushInterval: Duration) -> Monitor<Handoff>.Turn<StagerJob?> {
        if failure != nil { return .ready(nil, waking: []) }
        if isFinishing { large.map { abandoned in drop(abandoned) } }
        if let job = stagerJobs.first {
            if job.waitsForCommitter, !committerJobs.isEmpty { return .wait(until: nil) }
            stagerJobs.removeFirst()
            return .ready(job, waking: [])
        }
        guard !open.isEmpty else {
            return isFinishing ? .ready(nil, waking: []) : .wait(until: nil)
        }
        guard committerJobs.isEmpty else { return .wait(until: nil) }
        let due = (openedAt ?? .now) + flushInterval
        guard !open.documents.isEmpty || isFinishing || ContinuousClock.now >= due else {
            return .wait(until: due)
        }
        seal()
        return .ready(stagerJobs.removeFirst(), waking: [])
    }

    private mutating func drop(_ abandoned: LargeInFlight) {
        stagerJobs.append(.drop(gtid: "\(abandoned.gtid)", then: nil))
        large = nil
    }

    // MARK: Errors

    private static func malformed(_ gtid: GTID, _ error: DecodingError) -> SinkError {
        SinkError(
            .permanent, "the documents of transaction \(gtid) are not encoded as announced",
            detail: "\(error)")
    }

    private static func twice(_ gtid: GTID) -> SinkError {
        SinkError(
            .integrity,
            "the source sent transaction \(gtid) again, which is in the executed set already: check"
                + " whether the source was reset")
    }

    private static func interleaved(_ gtid: GTID, _ other: GTID?) -> SinkError {
        SinkError(
            .permanent,
            "transaction \(gtid) was submitted "
                + (other.map { "inside the large transaction \($0)" }
                    ?? "as the end of a large transaction that did not begin"))
    }
}
