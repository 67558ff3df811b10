package import BinlogProtocol

/// Turns the steps of a transaction into documents, straight from the bytes of its row events.
///
/// Documents wait here until the transaction's end is known, or until ``takeDocuments()`` empties a full
/// buffer of a transaction that is larger than one batch.
package struct TransactionEncoder {
    private let options: DocumentOptions
    private let localTime: LocalTime
    /// Bytes of documents after which ``encodeRows()`` stops in the middle of an event.
    private let bytesMax: Int
    private let documentsMax: Int
    private var layouts: [ObjectIdentifier: TableLayout] = [:]

    private var fragments: TransactionFragments?
    private var writer = BSONWriter()
    private var ends: [Int] = []
    /// Where the documents' `src.xid` values are, to be filled in at the end; -1 where there is none.
    private var xidOffsets: [Int] = []
    private var savepoints: [(name: String, documents: Int)] = []
    private var rows: RowChanges?
    private var cursor: RowCursor?
    private var sourceTail: [UInt8] = []
    private var xidOffsetInTail = 0

    /// How many row changes of the transaction were counted, the filtered ones included.
    package private(set) var changeCount: Int64 = 0
    /// How many documents of the transaction were taken away before its end.
    package private(set) var takenCount = 0

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
        fragments = TransactionFragments(start, localTime: localTime)
        writer.removeAll()
        ends.removeAll(keepingCapacity: true)
        xidOffsets.removeAll(keepingCapacity: true)
        savepoints.removeAll()
        changeCount = 0
        takenCount = 0
        rows = nil
        cursor = nil
    }

    /// Hands over the rows of one event; call ``encodeRows()`` until it gives true.
    package mutating func append(_ rows: RowChanges) {
        self.rows = rows
        cursor = RowCursor(rows.event)
        makeSourceTail(rows)
    }

    /// Encodes rows until the event is done (true) or the buffer is full (false: take the documents and call again).
    package mutating func encodeRows() throws(DecodingError) -> Bool {
        guard let rows, var cursor else { return true }
        let layout = layout(of: rows.event.table)
        // Moved out for the loop, so that the cursor's arrays are not copied for each row.
        self.cursor = nil
        while try cursor.next() {
            changeCount += 1
            if layout.isIncluded {
                try encode(rows.event, cursor, layout)
                if isFull {
                    self.cursor = cursor
                    return false
                }
            }
        }
        self.rows = nil
        return true
    }

    private mutating func layout(of table: TableMap) -> TableLayout {
        let id = ObjectIdentifier(table)
        if let known = layouts[id] { return known }
        let layout = TableLayout(
            table, isIncluded: options.includes(table.database, table.table))
        if layouts.count >= 4096 { layouts.removeAll() }
        layouts[id] = layout
        return layout
    }

    /// Takes the documents of a transaction whose end is not known yet; their `src.xid` is a placeholder.
    package mutating func takeDocuments() -> EncodedDocuments {
        var documents = EncodedDocuments()
        swap(&documents.bytes, &writer.bytes)
        swap(&documents.ends, &ends)
        takenCount += documents.count
        xidOffsets.removeAll(keepingCapacity: true)
        return documents
    }

    /// Ends the transaction and takes the documents that are left, with `src.xid` filled in or removed.
    package mutating func end(xid: UInt64?) throws(DecodingError) -> EncodedDocuments {
        let offsets = xidOffsets.filter { $0 >= 0 }
        var documents = takeDocuments()
        if let xid {
            PlaceholderXID.patch(&documents.bytes, at: offsets, xid: Int64(bitPattern: xid))
        } else if !offsets.isEmpty {
            let whole = try DocumentSequence(bytes: documents.bytes, ends: documents.ends)
            let finished = try PlaceholderXID.finish(whole, xid: nil)
            documents.bytes = finished.bytes
            documents.ends = finished.ends
        }
        return documents
    }

    // MARK: Savepoints

    /// Remembers a savepoint.
    package mutating func setSavepoint(_ name: String) {
        let key = name.lowercased()
        savepoints.removeAll { $0.name == key }
        savepoints.append((key, takenCount + ends.count))
    }

    /// Drops the documents since a savepoint; their numbers stay used, as the log still holds the rows.
    ///
    /// Throws `invalid` for a savepoint that the log did not name, and `unsupported` when documents since
    /// then were already taken away.
    package mutating func rollBack(toSavepoint name: String) throws(DecodingError) {
        guard let index = savepoints.firstIndex(where: { $0.name == name.lowercased() }) else {
            throw DecodingError(.invalid("ROLLBACK TO SAVEPOINT: no such savepoint"), at: 0)
        }
        let keep = savepoints[index].documents - takenCount
        guard keep >= 0 else {
            throw DecodingError(
                .unsupported("ROLLBACK TO SAVEPOINT in a transaction larger than a batch"), at: 0)
        }
        savepoints.removeSubrange((index + 1)...)
        ends.removeSubrange(keep...)
        xidOffsets.removeSubrange(keep...)
        writer.truncate(to: ends.last ?? 0)
    }

    // MARK: Documents

    private mutating func makeSourceTail(_ rows: RowChanges) {
        var tail = BSONWriter()
        if let thread = rows.threadID { tail.append(DocumentKeys.thread, int64: Int64(thread)) }
        tail.append(DocumentKeys.xid, int64: 0)
        xidOffsetInTail = tail.count - 8
        if let query = rows.query { Self.append(query.statement, to: &tail) }
        if !rows.event.table.hasColumnNames { tail.append(DocumentKeys.schema, string: "none") }
        sourceTail = tail.bytes
    }

    /// Bytes of a statement that each of its rows' documents holds at most.
    ///
    /// An INSERT of a megabyte can make ten thousand rows: with all of it in each, ten gigabytes.
    package static let queryBytesMax = 4096

    /// Appends `query`, and `queryBytes`, the whole length, when only its beginning is kept.
    package static func append(_ statement: [UInt8], to tail: inout BSONWriter) {
        guard statement.count > queryBytesMax else {
            tail.append(DocumentKeys.query, string: String(decoding: statement, as: UTF8.self))
            return
        }
        var end = queryBytesMax
        // Not in the middle of a character, which has at most three bytes behind its first.
        while end > queryBytesMax - 3, statement[end] & 0xc0 == 0x80 { end -= 1 }
        tail.append(DocumentKeys.query, string: String(decoding: statement[..<end], as: UTF8.self))
        tail.append(DocumentKeys.queryBytes, integer: Int64(statement.count))
    }

    private mutating func beginDocument(
        _ fragments: TransactionFragments, _ operation: ChangeOperation
    ) -> BSONWriter.Mark {
        let document = writer.beginDocument()
        let id = writer.beginString(DocumentKeys.id)
        writer.bytes.append(contentsOf: fragments.idPrefix)
        writer.bytes.appendDecimal(changeCount)
        writer.endString(id)
        writer.bytes.append(contentsOf: fragments.times)
        writer.append(DocumentKeys.op, string: operation.rawValue)
        return document
    }

    private mutating func beginSource(_ fragments: TransactionFragments) -> BSONWriter.Mark {
        let source = writer.beginDocument(DocumentKeys.src)
        writer.bytes.append(contentsOf: fragments.gtid)
        writer.append(DocumentKeys.row, integer: changeCount)
        writer.bytes.append(contentsOf: fragments.origin)
        return source
    }

    private mutating func finish(
        _ document: BSONWriter.Mark, xidOffset: Int
    ) throws(DecodingError) {
        writer.end(document)
        guard writer.count - document.offset <= BSONLimits.documentBytesMax else {
            throw DecodingError(
                .unsupported("a change whose document would pass MongoDB's limit of 16 MB"), at: 0)
        }
        ends.append(writer.count)
        xidOffsets.append(xidOffset)
    }

    private mutating func encode(
        _ event: RowsEvent, _ cursor: RowCursor, _ layout: TableLayout
    ) throws(DecodingError) {
        guard let fragments else {
            throw DecodingError(.invalid("event order: rows outside a transaction"), at: 0)
        }
        let row = RowBSON(
            bytes: event.storage, layout: layout, before: cursor.before, after: cursor.after)
        let operation: ChangeOperation =
            switch event.kind {
            case .insert: .insert
            case .update: .update
            case .delete: .delete
            }
        let document = beginDocument(fragments, operation)
        let meta = writer.beginDocument(DocumentKeys.meta)
        writer.bytes.append(contentsOf: layout.names)
        try row.writeKey(operation, to: &writer)
        writer.end(meta)
        let changes = writer.beginDocument(DocumentKeys.chg)
        try row.writeChanges(operation, to: &writer)
        writer.end(changes)
        let source = beginSource(fragments)
        let tailStart = writer.count
        writer.bytes.append(contentsOf: sourceTail)
        writer.end(source)
        if options.fullImages { try row.writeImages(operation, to: &writer) }
        try finish(document, xidOffset: tailStart + xidOffsetInTail)
    }

    /// Appends the document of a statement; it takes one number of the transaction.
    package mutating func append(_ statement: Statement) throws(DecodingError) {
        guard let fragments else {
            throw DecodingError(.invalid("event order: a statement outside a transaction"), at: 0)
        }
        changeCount += 1
        // A statement about several tables is kept: one that is included may be among them.
        if let table = statement.table, !options.includes(statement.database, table),
            !statement.namesOtherTables
        {
            return
        }
        let operation: ChangeOperation =
            switch statement.kind {
            case .ddl: .ddl
            case .truncate: .truncate
            case .dml: .statement
            }
        let document = beginDocument(fragments, operation)
        let meta = writer.beginDocument(DocumentKeys.meta)
        if statement.database.isEmpty {
            writer.appendNull(DocumentKeys.db)
        } else {
            writer.append(DocumentKeys.db, string: statement.database)
        }
        if let table = statement.table {
            writer.append(DocumentKeys.tbl, string: table)
        } else {
            writer.appendNull(DocumentKeys.tbl)
        }
        writer.appendNull(DocumentKeys.pk)
        writer.end(meta)
        writer.append(DocumentKeys.sql, string: statement.sql)
        let source = beginSource(fragments)
        writer.append(DocumentKeys.thread, int64: Int64(statement.query.threadID))
        writer.end(source)
        try finish(document, xidOffset: -1)
    }
}

extension [UInt8] {
    /// Appends a number of at least 0 in decimal digits.
    fileprivate mutating func appendDecimal(_ value: Int64) {
        if value >= 10 { appendDecimal(value / 10) }
        append(UInt8(truncatingIfNeeded: value % 10) + UInt8(ascii: "0"))
    }
}
