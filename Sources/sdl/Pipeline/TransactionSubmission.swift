internal import BinlogProtocol
internal import Logging
internal import MongoSink

/// Brings the steps of transactions to the sink: small ones whole at their end, large ones in parts.
struct TransactionSubmission {
    private let sink: MongoSink
    private var encoder: TransactionEncoder
    private var transaction: TransactionStart?
    /// Whether parts of the open transaction are in the sink already.
    private var isLarge = false
    private let log: Logger
    private let options: DocumentOptions
    /// Takes the values that are too large for documents.
    let largeValues: LargeValueSubmission
    /// Tables of which it was said that their columns have no names.
    private var nameless: Set<String> = []
    private var gaps = GapLog()

    init(
        sink: MongoSink, options: DocumentOptions, bytesMax: Int, documentsMax: Int, log: Logger
    ) {
        self.sink = sink
        self.options = options
        self.log = log
        largeValues = LargeValueSubmission(sink: sink, includes: options.includes)
        encoder = TransactionEncoder(
            options: options, bytesMax: bytesMax, documentsMax: documentsMax)
    }

    /// Takes one step of a transaction.
    ///
    /// - Parameters:
    ///   - position: the place in the source's log after the step.
    ///   - last: the last whole transaction, which is this one behind its end.
    /// - Throws: ``BinlogError`` for rows that cannot be decoded, ``SinkError`` when the sink stopped.
    mutating func add(
        _ change: Change, at position: BinlogPosition, last: LastTransaction?
    ) throws {
        do {
            try take(change, position, last)
            largeValues.changeCount = encoder.changeCount
            gaps.tell(encoder, transaction, log)
        } catch let error as DecodingError {
            let place = change.place ?? transaction?.position
            throw BinlogError(error).at(
                file: place?.file, position: place?.offset, gtid: transaction?.id)
        }
    }

    /// Drops the open transaction: the connection was lost, and it comes again from its start.
    mutating func abandon() throws(SinkError) {
        if isLarge { try sink.abandonLarge() }
        isLarge = false
        transaction = nil
        // Its blobs come again with the same bytes.
        largeValues.endTransaction()
    }

    private mutating func take(
        _ change: Change, _ position: BinlogPosition, _ last: LastTransaction?
    ) throws {
        switch change {
        case .begin(let start):
            transaction = start
            isLarge = false
            encoder.begin(start)
            largeValues.beginTransaction(start.gtid)
        case .xa(let id):
            encoder.setXA(id)
        case .rows(let rows):
            if !rows.event.table.hasColumnNames { warnOfMissingNames(rows.event.table) }
            encoder.append(rows)
            while try !encoder.encodeRows() { try submitPart() }
            try submitMovedValues()
        case .statement(let statement):
            if encoder.isFull { try submitPart() }
            try encoder.append(statement)
            try submitMovedValues()
        case .gap(let gap):
            if encoder.isFull { try submitPart() }
            try encoder.append(gap)
        case .savepoint(let name):
            encoder.setSavepoint(name)
        case .rollbackToSavepoint(let name):
            try dropBlobs(after: try encoder.rollBack(toSavepoint: name))
        case .end(let end):
            try finish(end, position, last)
        }
    }

    /// Neither the log nor the server knows the names of that moment.
    private mutating func warnOfMissingNames(_ table: TableMap) {
        let name = "\(table.database).\(table.table)"
        guard options.includes(table.database, table.table), nameless.count < 1000,
            nameless.insert(name).inserted
        else { return }
        let reason =
            table.schema == .mismatch
            ? "The log holds no column names of \(name), and the server's table is another now."
            : "The log holds no column names of \(name), and the server has no such table any more."
        log.warning(
            "\(reason) Its columns are stored as @1, @2, … without a key.",
            metadata: ["gtid": "\(transaction?.id ?? "none")"])
    }

    /// The values go before the documents that refer to them.
    private mutating func submitMovedValues() throws(SinkError) {
        for value in encoder.takeMovedValues() { try largeValues.submit(value) }
    }

    private mutating func submitPart() throws {
        guard let gtid = transaction?.gtid else { return }
        try submitMovedValues()
        let documents = try encoder.takeDocuments()
        // All of them may have been rolled back meanwhile.
        if documents.isEmpty { return }
        isLarge = true
        try sink.submitChunk(
            EncodedChunk(gtid: gtid, documents: documents.bytes, ends: documents.ends))
    }

    private mutating func finish(
        _ end: TransactionEnd, _ position: BinlogPosition, _ last: LastTransaction?
    ) throws {
        guard let gtid = transaction?.gtid else { return }
        try dropBlobs(end)
        let wasLarge = isLarge
        var encoded = EncodedTransaction(
            gtid: gtid, commitTime: encoder.commitTime, file: position.file,
            position: position.offset, last: last?.gtid == gtid ? last : nil)
        var xid: UInt64?
        var isPrepared = false
        switch end {
        case .abandoned:
            try abandon()
            return
        case .rolledBack:
            // The GTID is used up, so the position moves past it, with the statements that cannot be undone.
            try encoder.rollBack()
        case .committed(let number):
            xid = number
        case .prepared:
            isPrepared = true
        }
        if end == .rolledBack, wasLarge, !encoder.hasStatements {
            try sink.discardLarge(encoded)
        } else if wasLarge {
            let rest = try encoder.takeDocuments()
            encoded.documents = rest.bytes
            encoded.ends = rest.ends
            try sink.finishLarge(
                encoded, xid: xid.map(Int64.init(bitPattern:)), isPrepared: isPrepared,
                undone: encoder.undone.ranges)
        } else {
            let documents = try encoder.end(xid: xid, isPrepared: isPrepared)
            encoded.documents = documents.bytes
            encoded.ends = documents.ends
            try sink.submit(encoded)
        }
        isLarge = false
        transaction = nil
        largeValues.endTransaction()
    }

    /// Deletes the blobs of columns that did not change, and those of rows that were rolled back.
    private mutating func dropBlobs(_ end: TransactionEnd) throws(SinkError) {
        if end == .abandoned { return }
        for blob in encoder.unusedBlobs { try sink.dropBlobs(blob) }
        if end == .rolledBack { try dropBlobs(after: 0) }
    }

    private func dropBlobs(after number: Int64) throws(SinkError) {
        guard let gtid = transaction?.gtid else { return }
        for change in largeValues.takeRows(after: number) {
            try sink.dropBlobs("\(gtid)/\(change)")
        }
    }
}
