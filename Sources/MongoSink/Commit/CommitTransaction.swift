internal import BinlogProtocol

/// One attempt at one MongoDB transaction: position, documents, ledger entry and staging status together.
struct CommitTransaction {
    let settings: SinkSettings
    let epoch: Int64
    let tip: LedgerTip
    let unit: CommitUnit

    /// What an attempt did inside its transaction; it counts once the transaction is committed.
    struct Written {
        var tip: LedgerTip
        var merge: DocumentMerge.Result?
        /// False when the staged batch was not there any more.
        var foundStaging = true
    }

    /// Runs everything up to the commit, which follows; nil when the compare-and-set lost.
    ///
    /// - Parameter deadline: when the transaction is given up, since the server would end it soon.
    func run(
        _ connection: MongoConnection, merging: Bool, now: Int64,
        until deadline: ContinuousClock.Instant? = nil
    ) throws -> Written? {
        try connection.startTransaction()
        guard try move(connection, now: now) else { return nil }
        try check(deadline)
        var written = Written(tip: tip)
        var digest = unit.digest
        if merging, !unit.documents.isEmpty {
            let merge = try DocumentMerge(settings: settings).store(unit.documents, connection)
            digest = merge.digest
            written.merge = merge
            if merge.existing > 0 {
                try OffsetDocument(settings: settings).discount(
                    connection, events: merge.existing)
            }
        } else if !unit.documents.isEmpty {
            try connection.insert(
                unit.documents, into: settings.collection, inTransaction: true)
        }
        try check(deadline)
        written.tip = try appendToLedger(
            connection, digest: digest, existing: written.merge?.existing ?? 0, now: now)
        if let id = unit.stagingID {
            written.foundStaging = try StagingCollection(settings: settings).markCommitted(
                id, connection, inTransaction: true, now: now)
        }
        try check(deadline)
        return written
    }

    private func check(_ deadline: ContinuousClock.Instant?) throws(MongoError) {
        guard let deadline, ContinuousClock.now >= deadline else { return }
        throw MongoError(
            domain: .driver, code: 0, labels: [MongoError.transientTransaction],
            message: "the transaction takes too long", operation: "commit")
    }

    /// The transaction's first command, which is where a server without transactions says so.
    private func move(_ connection: MongoConnection, now: Int64) throws(MongoError) -> Bool {
        do {
            return try OffsetDocument(settings: settings).move(
                connection, unit: unit, epoch: epoch, ledger: tip.sequence + 1, now: now)
        } catch {
            let illegalOperation: Int32 = 20
            guard error.domain == .server, error.code == illegalOperation else { throw error }
            throw MongoError(
                domain: .sessions, code: error.code, labels: error.labels, message: error.message,
                operation: error.operation)
        }
    }

    private func appendToLedger(
        _ connection: MongoConnection, digest: [UInt8], existing: Int, now: Int64
    ) throws -> LedgerTip {
        let entry = LedgerEntry(
            stream: settings.streamName, sequence: tip.sequence + 1, kind: .batch, at: now,
            previous: unit.before.gtid, next: unit.after.gtid, transactions: unit.transactions,
            events: Int64(unit.documents.count), times: unit.times, digest: digest,
            by: settings.owner, partial: unit.after.partial, existing: Int64(existing),
            gaps: Int64(try unit.documents.gapCount))
        return try LedgerCollection(settings: settings).append(entry, after: tip, connection)
    }
}
