internal import BinlogProtocol

/// Settles what an earlier run left in staging, before anything is streamed.
///
/// Covered by the position: marked. Continues from the position and whole: applied. Parts of a transaction whose end
/// is missing: deleted, they are read again. Anything else stays, unapplied, and is reported.
struct Recovery {
    let committer: Committer
    private(set) var position: Position
    private var covered: GTIDSet
    private var environment: SinkEnvironment { committer.link.environment }
    private var staging: StagingCollection { StagingCollection(settings: environment.settings) }

    init(_ committer: Committer, position: Position, executed: GTIDSet) {
        self.committer = committer
        self.position = position
        self.covered = executed
    }

    /// Settles every pending batch of the stream.
    mutating func run() throws {
        let found = try committer.link.perform("reading staging") { try staging.pending($0) }
        environment.notice(.recovering(batches: found.count))
        guard !found.isEmpty else { return }
        for group in groups(try headers(found)) {
            if let chunk = group[0].chunk {
                try settle(group, of: chunk.gtid)
            } else {
                try settle(group[0])
            }
        }
    }

    private func headers(_ found: [BSONDocument]) throws -> [StagedBatch.Header] {
        var headers: [StagedBatch.Header] = []
        for document in found {
            do {
                headers.append(
                    try StagedBatch.Header(document, stream: environment.settings.streamName))
            } catch let flaw as StagedBatchFlaw {
                keep(try document.string("_id") ?? "without an _id", "\(flaw)")
            }
        }
        return headers.sorted { ($0.epoch, $0.sequence) < ($1.epoch, $1.sequence) }
    }

    /// The parts of one transaction together, everything else alone.
    private func groups(_ headers: [StagedBatch.Header]) -> [[StagedBatch.Header]] {
        var groups: [[StagedBatch.Header]] = []
        for header in headers {
            if let chunk = header.chunk, let last = groups.last?.last, let other = last.chunk,
                other.gtid == chunk.gtid, last.epoch == header.epoch
            {
                groups[groups.count - 1].append(header)
            } else {
                groups.append([header])
            }
        }
        return groups
    }

    // MARK: One batch

    private mutating func settle(_ header: StagedBatch.Header) throws {
        guard let previous = set(header.previous), let next = set(header.next) else {
            return keep(header.id, "its prev or next is not a GTID set")
        }
        if next.isSubset(of: covered) { return try mark([header]) }
        guard previous == covered else { return keep(header.id, Self.elsewhere) }
        let document = try committer.link.perform("reading \(header.id)") {
            try staging.read(header.id, $0)
        }
        guard let document else { return }
        let batch: StagedBatch
        do {
            batch = try StagedBatch(document, stream: environment.settings.streamName)
        } catch let flaw as StagedBatchFlaw {
            return keep(header.id, "\(flaw); it is read again from the source")
        } catch let error as DecodingError {
            return keep(header.id, "\(error); it is read again from the source")
        }
        let unit = CommitUnit(
            documents: batch.documents, digest: batch.digest, before: position,
            after: Position(gtid: batch.next, partial: nil), transactions: batch.transactions,
            times: batch.times, coordinates: batch.coordinates, stagingID: header.id)
        try committer.commit(unit, merging: true)
        position = unit.after
        covered = next
        environment.notice(.batchApplied(id: header.id, events: batch.documents.count))
    }

    // MARK: Parts of a large transaction

    private mutating func settle(_ group: [StagedBatch.Header], of gtid: String) throws {
        let first = group[0]
        guard let transaction = set(gtid), let previous = set(first.previous) else {
            return keep(first.id, "its chunk or prev is not a GTID set")
        }
        if transaction.isSubset(of: covered) { return try mark(group) }
        guard group.last?.chunk?.end != nil else { return try drop(gtid, epoch: first.epoch) }
        guard previous == covered else { return keep(first.id, Self.elsewhere) }
        guard let large = large(group, of: gtid), let next = set(large.next) else {
            return try drop(gtid, epoch: first.epoch)
        }
        position = try committer.apply(large, from: position, merging: true) { _ in }
        covered = next
        environment.notice(
            .batchApplied(id: first.id, events: Int(large.parts.reduce(0) { $0 + $1.count })))
    }

    /// The transaction that goes on where the position says; nil when a part of it is missing.
    private func large(_ group: [StagedBatch.Header], of gtid: String) -> LargeTransaction? {
        guard let last = group.last, let end = last.chunk?.end else { return nil }
        var rows = position.partial?.gtid == gtid ? position.partial?.rows ?? 0 : 0
        var parts: [LargeTransaction.Part] = []
        for header in group {
            guard let chunk = header.chunk, chunk.rowsBefore == rows else { return nil }
            parts.append(
                LargeTransaction.Part(
                    id: header.id, rowsBefore: chunk.rowsBefore, count: header.eventCount))
            rows += header.eventCount
        }
        return LargeTransaction(gtid: gtid, parts: parts, end: end, next: last.next)
    }

    private func drop(_ gtid: String, epoch: Int64) throws {
        let count = try committer.link.perform("deleting staged parts of \(gtid)") {
            try staging.deleteChunks(of: gtid, epoch: epoch, $0)
        }
        environment.notice(.chunksDropped(gtid: gtid, count: Int(clamping: count)))
    }

    // MARK: Parts

    private static let elsewhere =
        "it continues from another position than the stored one; its changes are read from the source"

    private func mark(_ group: [StagedBatch.Header]) throws {
        for header in group {
            _ = try committer.link.perform("marking \(header.id)") {
                try staging.markCommitted(
                    header.id, $0, inTransaction: false, now: environment.now)
            }
            environment.notice(.batchCovered(id: header.id))
        }
    }

    private func keep(_ id: String, _ reason: String) {
        environment.notice(.batchKept(id: id, reason: reason))
    }

    private func set(_ text: String) -> GTIDSet? {
        do {
            return try GTIDSet(parsing: text)
        } catch {
            return nil
        }
    }
}
