package import BinlogProtocol

extension TransactionEncoder {
    /// Appends the document of a statement; it takes one number of the transaction.
    package mutating func append(_ statement: Statement) throws(DecodingError) {
        guard let fragments else {
            throw DecodingError(.invalid("event order: a statement outside a transaction"), at: 0)
        }
        changeCount += 1
        guard isKept(statement) else { return }
        hasStatements = true
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
        let size = statement.query.statement.count
        guard size <= BSONLimits.changeBytesMax else {
            throw DecodingError(
                .unsupported(
                    "a statement of \(size) bytes, whose document would pass MongoDB's limit of 16 MB,"
                ),
                at: 0)
        }
        writer.append(DocumentKeys.sql, string: statement.sql)
        if let bytes = statement.uncertainBytes {
            writer.append(DocumentKeys.sqlBytes, binary: bytes)
        }
        let source = beginSource(fragments)
        writer.append(DocumentKeys.thread, int64: Int64(statement.query.threadID))
        writer.end(source)
        try finish(document, xidOffset: -1)
    }

    private func isKept(_ statement: Statement) -> Bool {
        switch statement.kind {
        case .dml:
            // Its triggers may have written to tables that are included.
            return true
        case .ddl, .truncate:
            // A statement about several tables is kept: one that is included may be among them.
            guard let table = statement.table else { return true }
            return options.includes(statement.database, table) || statement.namesOtherTables
        }
    }
}
