internal import BinlogProtocol

extension TransactionEncoder {
    /// Makes the document of one row; values that it cannot hold are moved out of it.
    mutating func encode(
        _ event: RowsEvent, _ cursor: borrowing RowCursor, _ layout: TableLayout
    ) throws(DecodingError) {
        guard let fragments else {
            throw DecodingError(.invalid("event order: rows outside a transaction"), at: 0)
        }
        let operation: ChangeOperation =
            switch event.kind {
            case .insert: .insert
            case .update: .update
            case .delete: .delete
            }
        var row = RowBSON(
            layout: layout, operation: operation,
            limit: writer.count + BSONLimits.changeBytesMax)
        if event.storage.count > LargeValue.heldBytesMax || !event.largeValues.isEmpty {
            row.outside = try outside(event, cursor, layout)
        }
        let start = writer.count
        while true {
            let document = beginDocument(fragments, operation)
            let xidOffset = try write(&row, cursor, fragments)
            let isTooLarge =
                row.isTooLarge || writer.count - start >= BSONLimits.changeBytesMax
            if !isTooLarge {
                try finish(document, xidOffset: xidOffset, table: event.table)
                break
            }
            writer.truncate(to: start)
            if row.outside == nil { row.outside = try outside(event, cursor, layout) }
            let hasMoved = try row.outside?.moveMore(
                cursor, layout, operation, fullImages: options.fullImages)
            guard hasMoved == true else { throw tooLarge(event.table) }
            row.begin()
        }
        if let outside = row.outside {
            movedValues += outside.moved
            unusedBlobs += outside.unusedBlobs
        }
    }

    private func outside(
        _ event: RowsEvent, _ cursor: borrowing RowCursor, _ layout: TableLayout
    ) throws(DecodingError) -> OversizeValues {
        try OversizeValues(event, cursor, layout, prefix: blobPrefix, number: changeCount)
    }

    /// Writes everything behind `op`; the offset of `src.xid`.
    private mutating func write(
        _ row: inout RowBSON, _ cursor: borrowing RowCursor, _ fragments: TransactionFragments
    ) throws(DecodingError) -> Int {
        let meta = writer.beginDocument(DocumentKeys.meta)
        writer.appendRaw(row.layout.names)
        try row.writeKey(cursor, to: &writer)
        writer.end(meta)
        let changes = writer.beginDocument(DocumentKeys.chg)
        try row.writeChanges(cursor, to: &writer)
        writer.end(changes)
        let source = beginSource(fragments)
        let tailStart = writer.count
        writer.appendRaw(sourceTail)
        writer.end(source)
        writer.appendRaw(xaFragment)
        if options.fullImages { try row.writeImages(cursor, to: &writer) }
        return tailStart + xidOffsetInTail
    }

    func tooLarge(_ table: TableMap?) -> DecodingError {
        DecodingError(
            .unable(
                "a change\(table.map { " in table \($0.database).\($0.table)" } ?? "") whose document would pass"
                    + " MongoDB's limit of 16 MB without its large values, too,"), at: 0)
    }
}
