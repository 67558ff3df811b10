internal import BinlogProtocol

/// The thread that writes batches to staging, one ahead of the committer, over its own connection.
final class Stager {
    private let link: MongoLink
    private let epoch: Int64
    private var sequence: Int64
    private let monitor: Monitor<Handoff>
    /// The staged parts of the large transaction whose end has not come.
    private var parts: [LargeTransaction.Part] = []
    private var partBytes = 0
    private var settings: SinkSettings { link.environment.settings }

    init(
        _ environment: SinkEnvironment, epoch: Int64, sequence: Int64, monitor: Monitor<Handoff>
    ) {
        link = MongoLink(environment)
        self.epoch = epoch
        self.sequence = sequence
        self.monitor = monitor
    }

    /// Works until the sink is finished or failed.
    func run() throws {
        let interval = settings.flushInterval
        while let job = monitor.wait(
            as: .stager, { $0.stagerTurn(flushInterval: interval) })
        {
            switch job {
            case .batch(let batch): try stage(batch)
            case .chunk(let chunk): try stage(chunk)
            case .drop(let gtid, let batch): try drop(gtid, then: batch)
            case .blob(let chunk): try store(chunk)
            case .dropBlobs(let prefix): try dropBlobs(prefix)
            }
        }
    }

    private func stage(_ batch: Batch) throws {
        let digest = batch.documents.digest
        var id: String?
        if !batch.documents.isEmpty {
            id = try insert(
                batch, documents: batch.documents, digest: digest, previous: batch.previous,
                chunk: nil)
        }
        pass(.batch(batch, stagingID: id, digest: digest))
    }

    private func stage(_ job: ChunkJob) throws {
        let chunk = StagedBatch.Chunk(
            gtid: job.gtid, number: job.number, isLast: job.end != nil,
            rowsBefore: job.rowsBefore, end: job.end?.0)
        if job.number == 1 {
            parts = []
            partBytes = 0
        }
        let id = try insert(
            job.end?.1, documents: job.documents, digest: job.documents.digest,
            previous: job.previous, chunk: chunk)
        parts.append(
            LargeTransaction.Part(
                id: id, rowsBefore: job.rowsBefore, count: Int64(job.documents.count)))
        partBytes += job.documents.byteCount
        let bytes = job.documents.byteCount
        let events = job.documents.count
        monitor.withLock { state in
            state.progress.heldBytes -= bytes
            state.progress.heldEvents -= events
            return ((), [.reader])
        }
        guard let (end, batch) = job.end else { return }
        let large = LargeTransaction(
            gtid: job.gtid, parts: parts, end: end, next: batch.next.description)
        pass(.large(large, batch, bytes: partBytes))
        parts = []
    }

    private func store(_ chunk: BlobChunk) throws {
        try perform("storing \(chunk.id)") { try $0.store(chunk, $1) }
        monitor.withLock { state in
            state.progress.heldBytes -= chunk.bytes.count
            return ((), [.reader])
        }
    }

    private func dropBlobs(_ prefix: String) throws {
        try perform("deleting the blobs of \(prefix)") { try $0.delete(prefix, $1) }
    }

    private func perform(
        _ operation: String, _ body: (BlobCollection, MongoConnection) throws -> Void
    ) throws {
        let blobs = BlobCollection(settings: settings, epoch: epoch)
        do {
            try link.performTransaction(operation) { try body(blobs, $0) }
        } catch let lost as BlobCollection.LeaseLost {
            throw Committer(link, epoch: epoch, tip: LedgerTip()).fenced(lost.owner)
        }
    }

    private func insert(
        _ batch: Batch?, documents: DocumentSequence, digest: [UInt8], previous: String,
        chunk: StagedBatch.Chunk?
    ) throws -> String {
        var staged = StagedBatch(
            epoch: epoch, sequence: sequence, previous: previous,
            next: batch?.next.description ?? previous, documents: documents, digest: digest,
            chunk: chunk, transactions: batch?.transactions ?? 0, times: batch?.times,
            coordinates: batch?.coordinates ?? BinlogCoordinates(),
            settings: settings.recorded.digest)
        let staging = StagingCollection(settings: settings)
        while true {
            staged.sequence = sequence
            let id = StagedBatch.id(stream: settings.streamName, epoch: epoch, sequence: sequence)
            sequence += 1
            let isStored = try link.perform("staging of batch \(id)") {
                try staging.insert(staged, $0, now: link.environment.now)
            }
            if isStored { return id }
        }
    }

    private func drop(_ gtid: String, then batch: Batch?) throws {
        let staging = StagingCollection(settings: settings)
        let count = try link.perform("deleting staged parts of \(gtid)") {
            try staging.deleteChunks(of: gtid, epoch: epoch, $0)
        }
        parts = []
        if count > 0 {
            link.environment.notice(.chunksDropped(gtid: gtid, count: Int(clamping: count)))
        }
        if let batch { pass(.batch(batch, stagingID: nil, digest: batch.documents.digest)) }
    }

    private func pass(_ job: CommitterJob) {
        monitor.withLock { state in
            state.committerJobs.append(job)
            state.progress.stagingPending += 1
            return ((), [.committer])
        }
    }
}
