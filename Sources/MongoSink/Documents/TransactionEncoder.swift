package import BinlogProtocol

/// Turns the steps of a transaction into documents, straight from the bytes of its row events.
///
/// Documents wait here until the transaction's end is known, or until ``takeDocuments()`` empties a full
/// buffer of a transaction that is larger than one batch.
package struct TransactionEncoder {
    let options: DocumentOptions
    private var localTime: LocalTime
    /// Bytes of documents after which ``encodeRows()`` stops in the middle of an event.
    private let bytesMax: Int
    private let documentsMax: Int
    /// A layout holds its table map, so that no other can take its place in memory and be taken for it.
    private var layouts: [ObjectIdentifier: TableLayout] = [:]
    private var layoutBytes = 0

    var fragments: TransactionFragments?
    var writer = BSONWriter()
    var ends: [Int] = []
    /// Where the documents' `src.xid` values are, to be filled in at the end; -1 where there is none.
    var xidOffsets: [Int] = []
    var savepoints = Savepoints()
    /// Changes whose documents were taken away before they were rolled back.
    package internal(set) var undone = UndoneChanges()
    /// Changes that were rolled back and whose documents may still be here.
    var undoneHere = UndoneChanges()
    /// Bytes of documents that were left when those that were undone were dropped.
    var leftByteCount = 0
    /// Whether a document of the transaction is a statement's: such a one outlives a rollback.
    package internal(set) var hasStatements = false
    /// `xa` of the transaction's documents as ready bytes; empty for all but XA transactions.
    private(set) var xaFragment: [UInt8] = []
    private var rows: RowChanges?
    private var cursor: RowCursor?
    /// Whether the cursor stands at a row that was counted and found no room.
    private var isRowDue = false
    /// Why the cursor cannot read the row that it stands at.
    private var unread: DecodingError?
    /// How many gaps stood before the transaction.
    var gapsBeforeCount: Int64 = 0
    /// How many gaps were written, whatever became of their transactions.
    package internal(set) var gapCount = 0
    /// What the last of them says.
    package internal(set) var lastGap = ""
    /// Values that were moved out of documents, for ``takeMovedValues()``.
    var movedValues: [MovedValue] = []
    /// Blobs of this transaction that were stored as they came and that no document refers to.
    package internal(set) var unusedBlobs: [String] = []
    var sourceTail: [UInt8] = []
    private var tailSource: TailSource?
    var xidOffsetInTail = 0

    /// What the end of `src` is made from.
    private struct TailSource: Equatable {
        let threadID: UInt32?
        let query: RowsQueryEvent?
        let status: QueryStatus
        let schema: TableMap.Schema
    }

    /// How many row changes of the transaction were counted, the filtered ones included.
    package internal(set) var changeCount: Int64 = 0
    /// The number of the last change that a document was made of.
    private(set) var encodedNumber: Int64 = 0
    /// The number of the last change whose document may have been taken away before the transaction's end.
    private(set) var takenNumber: Int64 = 0

    /// - Parameters:
    ///   - bytesMax: bytes of documents held for one transaction before they must be taken.
    ///   - documentsMax: the same in documents.
    package init(options: DocumentOptions, bytesMax: Int, documentsMax: Int) {
        self.options = options
        self.localTime = LocalTime(timeZone: options.timeZone)
        self.bytesMax = bytesMax
        self.documentsMax = documentsMax
    }

    /// The transaction's commit time in ms since 1970; 0 before the first.
    package var commitTime: Int64 { fragments?.commitTime ?? 0 }

    /// Whether the buffer holds as much as one batch may.
    package var isFull: Bool { writer.count >= bytesMax || ends.count >= documentsMax }

    /// Starts a transaction; what was left of another is dropped.
    package mutating func begin(_ start: TransactionStart) {
        fragments = TransactionFragments(start, localTime: &localTime)
        writer.removeAll()
        ends.removeAll(keepingCapacity: true)
        xidOffsets.removeAll(keepingCapacity: true)
        savepoints.removeAll()
        undone = UndoneChanges()
        undoneHere = UndoneChanges()
        leftByteCount = 0
        hasStatements = false
        xaFragment = []
        changeCount = 0
        encodedNumber = 0
        takenNumber = 0
        rows = nil
        cursor = nil
        isRowDue = false
        unread = nil
        gapsBeforeCount = 0
        movedValues = []
        unusedBlobs = []
    }

    /// The transaction is a part of this XA transaction; comes before its changes.
    package mutating func setXA(_ id: XAIdentifier) {
        var fragment = BSONWriter()
        fragment.append(DocumentKeys.xa) { fields in
            fields.append(DocumentKeys.xaID, string: id.description)
            // True until the end is known to be a commit.
            fields.append(DocumentKeys.prepared, bool: true)
        }
        xaFragment = fragment.bytes
    }

    /// Hands over the rows of one event; call ``encodeRows()`` until it gives true.
    package mutating func append(_ rows: RowChanges) {
        self.rows = rows
        cursor = RowCursor(rows.event)
    }

    /// Encodes rows until the event is done (true) or a row finds the buffer full (false: take the documents and call again).
    package mutating func encodeRows() throws(DecodingError) -> Bool {
        guard let rows, var cursor else { return true }
        let layout = layout(of: rows.event.table)
        if layout.isIncluded { makeSourceTail(rows) }
        // Moved out for the loop, so that the cursor's arrays are not copied for each row.
        self.cursor = nil
        while true {
            if !isRowDue {
                do throws(DecodingError) {
                    guard try cursor.next() else { break }
                } catch {
                    guard rows.makesGaps, error.concernsBytes else { throw error }
                    // Where the next row begins is not known: one number for all that is left.
                    unread = error
                }
                changeCount += 1
            }
            if layout.isIncluded {
                // Only a further row makes a full buffer too small: a transaction of just one batch stays whole.
                isRowDue = isFull
                if isRowDue {
                    self.cursor = cursor
                    return false
                }
                if let unread {
                    try appendGap(rows, cursor, unread, isUnread: true)
                } else {
                    try encode(rows, cursor, layout)
                }
            }
            if unread != nil { break }
        }
        unread = nil
        self.rows = nil
        return true
    }

    private mutating func layout(of table: TableMap) -> TableLayout {
        let id = ObjectIdentifier(table)
        if let known = layouts[id] { return known }
        let layout = TableLayout(
            table, isIncluded: options.includes(table.database, table.table))
        if layouts.count >= Limits.tableMapsMax
            || layoutBytes + table.byteCount > Limits.tableMapBytesMax
        {
            layouts.removeAll()
            layoutBytes = 0
        }
        layouts[id] = layout
        layoutBytes += table.byteCount
        return layout
    }

    /// Takes the values that stand outside of the documents made so far; they must be stored before the documents are.
    package mutating func takeMovedValues() -> [MovedValue] {
        defer { movedValues = [] }
        return movedValues
    }

    /// The GTID of the transaction and the number of the change that is being written, as blobs are named by them.
    var blobPrefix: String {
        String(decoding: fragments?.idPrefix ?? [], as: UTF8.self) + "\(changeCount)"
    }

    /// Takes the documents of a transaction whose end is not known yet; their `src.xid` is a placeholder.
    package mutating func takeDocuments() throws(DecodingError) -> EncodedDocuments {
        try dropUndone()
        var documents = EncodedDocuments()
        documents.bytes = writer.take()
        swap(&documents.ends, &ends)
        takenNumber = encodedNumber
        leftByteCount = 0
        xidOffsets.removeAll(keepingCapacity: true)
        return documents
    }

    /// Ends the transaction and takes the documents that are left, with `src.xid` filled in or removed.
    ///
    /// - Parameter isPrepared: whether an XA transaction was only prepared.
    package mutating func end(
        xid: UInt64?, isPrepared: Bool = false
    ) throws(DecodingError) -> EncodedDocuments {
        try dropUndone()
        let offsets = xidOffsets.filter { $0 >= 0 }
        var documents = try takeDocuments()
        let xid = xid.map { Int64(bitPattern: $0) }
        if let xid, xaFragment.isEmpty {
            PlaceholderXID.patch(&documents.bytes, at: offsets, xid: xid)
        } else if !offsets.isEmpty || !xaFragment.isEmpty {
            let whole = try DocumentSequence(bytes: documents.bytes, ends: documents.ends)
            let finished = try PlaceholderXID.finish(
                whole, PlaceholderXID.End(xid: xid, isPrepared: isPrepared))
            documents.bytes = finished.bytes
            documents.ends = finished.ends
        }
        return documents
    }

    // MARK: Documents

    /// A statement can have thousands of events: its text is read once.
    private mutating func makeSourceTail(_ rows: RowChanges) {
        let source = TailSource(
            threadID: rows.threadID, query: rows.query, status: rows.status,
            schema: rows.event.table.schema)
        if source == tailSource { return }
        tailSource = source
        var tail = BSONWriter()
        if let thread = rows.threadID { tail.append(DocumentKeys.thread, int64: Int64(thread)) }
        tail.append(DocumentKeys.xid, int64: 0)
        xidOffsetInTail = tail.count - 8
        if let query = rows.query {
            SourceQuery.append(
                query.statement, of: query.statementByteCount, rows.status, to: &tail)
        }
        if source.schema != .log {
            tail.append(DocumentKeys.schema, string: source.schema.rawValue)
        }
        sourceTail = tail.bytes
    }

    mutating func beginDocument(
        _ fragments: TransactionFragments, _ operation: ChangeOperation
    ) -> BSONWriter.Mark {
        let document = writer.beginDocument()
        let id = writer.beginString(DocumentKeys.id)
        writer.appendRaw(fragments.idPrefix)
        writer.appendRawNumber(changeCount)
        writer.endString(id)
        writer.appendRaw(fragments.times)
        writer.append(DocumentKeys.op, string: operation.rawValue)
        return document
    }

    mutating func beginSource(_ fragments: TransactionFragments) -> BSONWriter.Mark {
        let source = writer.beginDocument(DocumentKeys.src)
        writer.appendRaw(fragments.gtid)
        writer.append(DocumentKeys.row, integer: changeCount)
        writer.appendRaw(fragments.origin)
        return source
    }

    mutating func finish(
        _ document: BSONWriter.Mark, xidOffset: Int, table: TableMap? = nil
    ) throws(DecodingError) {
        writer.end(document)
        guard writer.count - document.offset <= BSONLimits.changeBytesMax else {
            throw tooLarge(table)
        }
        ends.append(writer.count)
        xidOffsets.append(xidOffset)
        encodedNumber = changeCount
    }
}
