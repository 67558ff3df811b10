package import BinlogProtocol

/// The documents of what could not be decoded.
///
///     { _id: "<gtid>/<n>", ts, tsLocal, op: "gap", meta: { db, tbl, pk: null },
///       gap: { reason: "undecodable" | "incident", from: "<file>:<position>", to: "<file>:<position>", event, detail,
///              raw: BinData | { bytes, sha256 } }, src, xa }
extension TransactionEncoder {
    /// Bytes of an event that its document holds; of more only their number and their SHA-256.
    package static let rawBytesMax = 1 << 20

    /// Appends the document of an event that could not be decoded; it takes one number of the transaction.
    ///
    /// Those that stood before it have the numbers 0, -1 and so on, and belong to nothing that could be rolled back.
    package mutating func append(_ gap: Gap) throws(DecodingError) {
        let lastNumber = changeCount
        if gap.isBefore {
            changeCount = -gapsBeforeCount
            gapsBeforeCount += 1
        } else {
            changeCount += 1
        }
        defer { if gap.isBefore { changeCount = lastNumber } }
        // Nobody can say what it did: like a statement, it may be what a rollback did not undo.
        hasStatements = true
        try append(
            GapContents(
                reason: gap.isIncident ? .incident : .undecodable, event: gap.event.description,
                place: gap.place, error: gap.error, raw: (gap.bytes[...], []),
                isSecret: gap.holdsStatement, isBefore: gap.isBefore))
    }

    /// Appends a row's document, or that of a gap when the row's values cannot be decoded.
    mutating func encode(
        _ rows: RowChanges, _ cursor: borrowing RowCursor, _ layout: TableLayout
    ) throws(DecodingError) {
        let start = writer.count
        do {
            try encode(rows.event, cursor, layout)
        } catch {
            guard rows.makesGaps, error.concernsBytes else { throw error }
            writer.truncate(to: start)
            try appendGap(rows, cursor, error, isUnread: false)
        }
    }

    /// Appends the document of a row, already counted, that could not be decoded.
    ///
    /// - Parameter isUnread: whether where the row ends is not known, so that it stands for the rest of its event.
    mutating func appendGap(
        _ rows: RowChanges, _ cursor: borrowing RowCursor, _ error: DecodingError, isUnread: Bool
    ) throws(DecodingError) {
        let event =
            switch rows.event.kind {
            case .insert: "insert"
            case .update: "update"
            case .delete: "delete"
            }
        try append(
            GapContents(
                reason: .undecodable, event: event, place: rows.place, error: error,
                raw: cursor.rowBytes(isUnread: isUnread), table: rows.event.table))
    }

    /// What a gap's document holds beside what each document of the transaction does.
    private struct GapContents {
        let reason: GapDocument.Reason
        let event: String
        let place: EventPlace
        let error: DecodingError
        /// The parts of the bytes, one behind the other.
        let raw: (ArraySlice<UInt8>, ArraySlice<UInt8>)
        /// Whether a password can stand in the bytes, which are not stored then.
        var isSecret = false
        var isBefore = false
        var table: TableMap?
    }

    private mutating func append(_ contents: GapContents) throws(DecodingError) {
        guard let fragments else {
            throw DecodingError(.invalid("event order: a gap outside a transaction"), at: 0)
        }
        let detail = contents.error.description
        gapCount += 1
        lastGap = "\(contents.event): \(detail)"
        let document = beginDocument(fragments, .gap)
        writer.append(DocumentKeys.meta) { meta in
            if let table = contents.table {
                meta.append(DocumentKeys.db, string: table.database)
                meta.append(DocumentKeys.tbl, string: table.table)
            } else {
                meta.appendNull(DocumentKeys.db)
                meta.appendNull(DocumentKeys.tbl)
            }
            meta.appendNull(DocumentKeys.pk)
        }
        writer.append(DocumentKeys.gap) { gap in
            gap.append(DocumentKeys.reason, string: contents.reason.rawValue)
            gap.append(DocumentKeys.fromPlace, string: contents.place.start.description)
            gap.append(DocumentKeys.toPlace, string: contents.place.end.description)
            gap.append(DocumentKeys.event, string: contents.event)
            gap.append(DocumentKeys.detail, string: detail)
            let (first, second) = contents.raw
            let count = first.count + second.count
            if contents.isSecret || count > Self.rawBytesMax {
                gap.append(DocumentKeys.raw) { raw in
                    raw.append(DocumentKeys.bytes, int64: Int64(count))
                    raw.append(
                        DocumentKeys.sha256, string: SHA256.text(SHA256.digest(first, second)))
                }
            } else {
                gap.append(DocumentKeys.raw, binary: first + second)
            }
        }
        let source = beginSource(fragments)
        writer.end(source)
        if !contents.isBefore { writer.appendRaw(xaFragment) }
        try finish(document, xidOffset: -1)
    }
}
