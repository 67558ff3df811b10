internal import BinlogProtocol

extension MongoSink {
    /// Hands over one transaction; blocks while the memory limit is reached.
    ///
    /// The documents are copied: the caller may use its buffer again.
    /// - Throws: the ``SinkError`` that ended the sink.
    public func submit(_ transaction: EncodedTransaction) throws(SinkError) {
        let settings = environment.settings
        let bytes = transaction.ends.last ?? 0
        guard bytes <= SinkSettings.batchBytesMax else {
            return try submitInParts(transaction)
        }
        try monitor.wait(as: .reader) { state throws(SinkError) -> Monitor<Handoff>.Turn<Void> in
            try state.check()
            guard state.hasRoom(bytes, limit: settings.memoryLimit) else {
                return .wait(until: nil)
            }
            try state.add(transaction, settings)
            return .ready((), waking: [.stager])
        }
    }

    /// Hands over a part of a transaction that is larger than a batch; blocks while the memory limit is reached.
    ///
    /// It goes to staging and is not applied before the transaction's end. `src.xid` of its documents is still the
    /// placeholder, an int64.
    /// - Throws: the ``SinkError`` that ended the sink.
    public func submitChunk(_ chunk: EncodedChunk) throws(SinkError) {
        for part in try parts(chunk.documents, chunk.ends, of: chunk.gtid) {
            try add(part, of: chunk.gtid)
        }
    }

    /// Hands over the end of a large transaction, with the rest of its documents or none.
    ///
    /// - Parameters:
    ///   - xid: of the XID event, which replaces the placeholder in each document; nil removes `src.xid`.
    ///   - isPrepared: whether it is an XA transaction that was prepared and not committed: `xa.prepared` stays true.
    ///   - undone: the numbers of changes that were rolled back after their documents were handed over, in rising
    ///     order: documents of rows are left out, those of statements marked `rolledBack: true`.
    /// - Throws: the ``SinkError`` that ended the sink.
    public func finishLarge(
        _ transaction: EncodedTransaction, xid: Int64?, isPrepared: Bool = false,
        undone: [ClosedRange<Int64>] = []
    ) throws(SinkError) {
        var end = PlaceholderXID.End(xid: xid, isPrepared: isPrepared)
        end.undone = UndoneChanges(undone)
        try finishLarge(transaction, end: end)
    }

    /// Deletes the parts of a large transaction of rows alone that ended in ROLLBACK, and moves the position past it.
    ///
    /// One with statements ends with ``finishLarge(_:xid:isPrepared:undone:)``, as they may have changed tables that cannot
    /// be rolled back.
    /// - Throws: the ``SinkError`` that ended the sink.
    public func discardLarge(_ transaction: EncodedTransaction) throws(SinkError) {
        try drop(past: transaction)
    }

    /// Deletes the parts of a large transaction whose end was not read, because the source went away.
    ///
    /// Nothing happens when there is none; the transaction may then be submitted again.
    /// - Throws: the ``SinkError`` that ended the sink.
    public func abandonLarge() throws(SinkError) {
        try drop(past: nil)
    }

    /// Hands over a part of a value that stands outside of its document; blocks while the memory limit is reached.
    ///
    /// All parts come before the document that refers to them.
    /// - Throws: the ``SinkError`` that ended the sink.
    public func submitBlob(_ chunk: BlobChunk) throws(SinkError) {
        let limit = environment.settings.memoryLimit
        try monitor.wait(as: .reader) { state throws(SinkError) -> Monitor<Handoff>.Turn<Void> in
            try state.check()
            guard state.hasRoom(chunk.bytes.count, limit: limit) else { return .wait(until: nil) }
            state.add(chunk)
            return .ready((), waking: [.stager])
        }
    }

    /// Deletes blobs that no document will refer to, of one value or of a change; those of a stored document stay.
    ///
    /// - Parameter prefix: how their `_id` begins, up to a `/` that is not part of it.
    /// - Throws: the ``SinkError`` that ended the sink.
    public func dropBlobs(_ prefix: String) throws(SinkError) {
        try monitor.withLock { state throws(SinkError) -> (Void, Monitor<Handoff>.Roles) in
            if state.isInterrupted { return ((), []) }
            try state.check()
            state.dropBlobs(prefix)
            return ((), [.stager])
        }
    }

    /// Ends a wait for room at once, and refuses what is submitted from now on with code `cancelled`.
    ///
    /// For a stop that was asked for while the sink's server is away: what was submitted before is still
    /// committed by ``stop(within:)``. May be called from any thread.
    public func interruptSubmission() {
        monitor.withLock { state in
            state.isInterrupted = true
            return ((), [.reader])
        }
    }

    private func drop(past transaction: EncodedTransaction?) throws(SinkError) {
        try monitor.withLock { state throws(SinkError) -> (Void, Monitor<Handoff>.Roles) in
            // The end drops an unfinished transaction in any case.
            if state.isInterrupted, transaction == nil { return ((), []) }
            try state.check()
            try state.dropLarge(past: transaction)
            return ((), [.stager])
        }
    }

    private func add(_ part: DocumentSequence, of gtid: GTID) throws(SinkError) {
        let limit = environment.settings.memoryLimit
        try monitor.wait(as: .reader) { state throws(SinkError) -> Monitor<Handoff>.Turn<Void> in
            try state.check()
            guard state.hasRoom(part.byteCount, limit: limit) else { return .wait(until: nil) }
            try state.add(part, of: gtid)
            return .ready((), waking: [.stager])
        }
    }

    private func finishLarge(
        _ transaction: EncodedTransaction, end: PlaceholderXID.End
    ) throws(SinkError) {
        var last = transaction
        if !transaction.ends.isEmpty {
            var parts = try parts(transaction.documents, transaction.ends, of: transaction.gtid)
            let rest = parts.removeLast()
            for part in parts { try add(part, of: transaction.gtid) }
            last.documents = rest.bytes
            last.ends = rest.ends
        }
        try monitor.withLock { state throws(SinkError) -> (Void, Monitor<Handoff>.Roles) in
            try state.check()
            try state.finish(last, end)
            return ((), [.stager])
        }
    }

    /// A transaction that came whole and is larger than a batch may be.
    private func submitInParts(_ transaction: EncodedTransaction) throws(SinkError) {
        try submitChunk(
            EncodedChunk(
                gtid: transaction.gtid, documents: transaction.documents, ends: transaction.ends))
        var end = transaction
        end.documents = []
        end.ends = []
        try finishLarge(end, end: .finished)
    }

    private func parts(
        _ documents: [UInt8], _ ends: [Int], of gtid: GTID
    ) throws(SinkError) -> [DocumentSequence] {
        do {
            return try DocumentSequence(bytes: documents, ends: ends)
                .split(bytesMax: SinkSettings.batchBytesMax)
        } catch {
            throw SinkError(
                .permanent, "the documents of transaction \(gtid) are not encoded as announced",
                detail: "\(error)")
        }
    }
}
