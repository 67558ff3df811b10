internal import BinlogProtocol

/// Settles what an earlier run left in staging, before anything is streamed.
///
/// Covered by the position, its documents stored: marked. Continues from the position, whole, and made with the settings that
/// the position records: applied. Parts of a transaction whose end was never staged: deleted, they are read again.
/// Anything else stays, unapplied, and is reported.
struct Recovery {
    let committer: Committer
    private(set) var position: Position
    private var covered: GTIDSet
    /// The digest of the settings that the position records: those of the changes behind it.
    private let settings: [UInt8]?
    /// The `_id` of those that cannot be read, which may belong to one of the others.
    private var unreadable: [String] = []
    var environment: SinkEnvironment { committer.link.environment }
    private var staging: StagingCollection { StagingCollection(settings: environment.settings) }

    init(
        _ committer: Committer, position: Position, executed: GTIDSet, settings: RecordedSettings?
    ) {
        self.settings = settings?.digest
        self.committer = committer
        self.position = position
        self.covered = executed
    }

    /// Reports the pending batches of a stream that has no position, and leaves them.
    static func keepAll(_ link: MongoLink) throws {
        let staging = StagingCollection(settings: link.environment.settings)
        let found = try link.perform("reading staging") { try staging.pending($0) }
        link.environment.notice(.recovering(batches: found.count))
        for document in found {
            link.environment.notice(
                .batchKept(
                    id: try document.string("_id") ?? "without an _id",
                    reason: "no position is stored that it could continue from"))
        }
    }

    /// Settles every pending batch of the stream.
    mutating func run() throws {
        let found = try committer.link.perform("reading staging") { try staging.pending($0) }
        environment.notice(.recovering(batches: found.count))
        for group in groups(try headers(found)) {
            if let chunk = group[0].chunk {
                try settle(group, of: chunk.gtid)
            } else {
                try settle(group[0])
            }
        }
        try SetAsideBatches(environment, covered: covered).check(committer.link)
    }

    private mutating func headers(_ found: [BSONDocument]) throws -> [StagedBatch.Header] {
        var headers: [StagedBatch.Header] = []
        for document in found {
            do {
                headers.append(
                    try StagedBatch.Header(document, stream: environment.settings.streamName))
            } catch let flaw as StagedBatchFlaw {
                let id = try document.string("_id")
                unreadable.append(id ?? "")
                keep(id ?? "without an _id", "\(flaw)")
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
        if next.isSubset(of: covered) { return try settleCovered(header) }
        guard previous.isSubset(of: covered), covered.isSubset(of: next) else {
            return keep(header.id, Self.elsewhere)
        }
        guard header.settings == settings else { return keep(header.id, Self.otherSettings) }
        guard let batch = try whole(header) else { return }
        guard previous.isSubset(of: next), try batch.leads(from: previous, to: next) else {
            return keep(header.id, Self.otherTransactions)
        }
        // It may have been too much for one MongoDB transaction, and some of its transactions are stored.
        let rest = previous == covered ? batch : try batch.without(covered, on: next)
        let interrupted = position.partial.flatMap { partial in
            set(partial.gtid)?.isSubset(of: next) == false ? partial : nil
        }
        let unit = CommitUnit(
            documents: rest.documents, digest: rest.digest, before: position,
            after: Position(gtid: rest.next, partial: interrupted), transactions: rest.transactions,
            times: rest.times, coordinates: rest.coordinates, stagingID: header.id)
        try committer.commit(unit, merging: true)
        position = unit.after
        covered = next
        environment.notice(.batchApplied(id: header.id, events: rest.documents.count))
    }

    /// The batch with its documents; nil after it was reported as one that cannot be used.
    private func whole(_ header: StagedBatch.Header) throws -> StagedBatch? {
        let document = try committer.link.perform("reading \(header.id)") {
            try staging.read(header.id, $0)
        }
        guard let document else { return nil }
        do {
            return try StagedBatch(document, stream: environment.settings.streamName)
        } catch let flaw as StagedBatchFlaw {
            keep(header.id, "\(flaw); what the position does not cover is read again")
        } catch let error as DecodingError {
            keep(header.id, "\(error); what the position does not cover is read again")
        }
        return nil
    }

    /// Marks a batch that the position covers, once its documents were seen: someone may have moved the position.
    ///
    /// - Parameter end: how the transaction ended of which this is a part: what was rolled back is stored nowhere.
    private func settleCovered(
        _ header: StagedBatch.Header, end: PlaceholderXID.End? = nil
    ) throws {
        guard let batch = try whole(header) else { return }
        let documents =
            try end.map { try PlaceholderXID.finish(batch.documents, $0) }
            ?? batch.documents
        let merge = DocumentMerge(settings: environment.settings)
        let missing = try committer.link.perform("looking for the documents of \(header.id)") {
            try merge.missing(documents, $0)
        }
        guard missing == 0 else {
            let known =
                "the position covers it, but \(missing) of its \(documents.count) documents are not stored"
            return keep(
                header.id,
                header.settings == settings
                    ? "\(known); to have them read again, set the position back before it"
                    : "\(known); it was staged with other settings of what is stored than the position records, and"
                        + " its transactions were stored with those")
        }
        _ = try committer.link.perform("marking \(header.id)") {
            try staging.markCommitted(header.id, $0, inTransaction: false, now: environment.now)
        }
        environment.notice(.batchCovered(id: header.id))
    }

    // MARK: Parts of a large transaction

    private mutating func settle(_ group: [StagedBatch.Header], of gtid: String) throws {
        let first = group[0]
        guard let transaction = set(gtid), let previous = set(first.previous) else {
            return keep(first.id, "its chunk or prev is not a GTID set")
        }
        if transaction.isSubset(of: covered) {
            let end = group.last?.chunk?.end
            return try group.forEach { try settleCovered($0, end: end) }
        }
        guard group.contains(where: { $0.chunk?.end != nil }) else {
            let ofSameRun = "\(environment.settings.streamName)/\(first.epoch)/"
            if unreadable.contains(where: { $0.isEmpty || $0.hasPrefix(ofSameRun) }) {
                return keep(first.id, Self.withoutEnd)
            }
            return try drop(gtid, epoch: first.epoch)
        }
        guard previous == covered else { return keep(first.id, Self.elsewhere) }
        guard group.allSatisfy({ $0.settings == settings }) else {
            return keep(first.id, Self.otherSettings)
        }
        let large: LargeTransaction
        switch parts(group, of: gtid) {
        case .whole(let found): large = found
        case .missing(let rows):
            return keep(
                first.id,
                "the part behind row \(rows) of \(gtid) is missing; the staged parts of"
                    + " that transaction stay, and it is read again from the source")
        }
        guard let next = set(large.next), next == previous.union(transaction) else {
            return keep(first.id, Self.otherTransactions)
        }
        var reached = position
        do {
            position = try committer.apply(large, from: position, merging: true) {
                reached = $0.after
            }
        } catch let unusable as UnusablePart {
            position = reached
            return keep(
                unusable.id,
                "\(unusable.reason); the transaction \(gtid) is read again from the source")
        }
        covered = next
        environment.notice(
            .batchApplied(id: first.id, events: Int(large.parts.reduce(0) { $0 + $1.count })))
    }

    private enum Parts {
        case whole(LargeTransaction)
        case missing(behindRow: Int64)
    }

    /// The transaction that goes on where the position says.
    private func parts(_ group: [StagedBatch.Header], of gtid: String) -> Parts {
        var rows = position.partial?.gtid == gtid ? position.partial?.rows ?? 0 : 0
        var parts: [LargeTransaction.Part] = []
        for header in group {
            guard let chunk = header.chunk else { return .missing(behindRow: rows) }
            let (end, isBeyond) = chunk.rowsBefore.addingReportingOverflow(header.eventCount)
            guard !isBeyond else { return .missing(behindRow: rows) }
            // The first one may be stored to some part: it was too much for one MongoDB transaction. Of the last one the
            // position says more than there is when that happened at several starts. From the very first all is there.
            let isBegun =
                parts.isEmpty && chunk.rowsBefore < rows
                && (rows < end || chunk.isLast || chunk.rowsBefore == 0)
            guard isBegun || chunk.rowsBefore == rows else { return .missing(behindRow: rows) }
            parts.append(
                LargeTransaction.Part(
                    id: header.id, rowsBefore: chunk.rowsBefore, count: header.eventCount))
            rows = end
        }
        guard let last = group.last, let end = last.chunk?.end else {
            return .missing(behindRow: rows)
        }
        return .whole(LargeTransaction(gtid: gtid, parts: parts, end: end, next: last.next))
    }

    private func drop(_ gtid: String, epoch: Int64) throws {
        let count = try committer.link.perform("deleting staged parts of \(gtid)") {
            try staging.deleteChunks(of: gtid, epoch: epoch, $0)
        }
        environment.notice(.chunksDropped(gtid: gtid, count: Int(clamping: count)))
    }

    private func set(_ text: String) -> GTIDSet? {
        do {
            return try GTIDSet(parsing: text)
        } catch {
            return nil
        }
    }
}
