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
            case .dml, .xaCommit, .xaRollback: .statement
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
        appendText(of: statement)
        append(statement.context)
        let source = beginSource(fragments)
        writer.append(DocumentKeys.thread, int64: Int64(statement.query.threadID))
        writer.end(source)
        appendXA(of: statement)
        try finish(document, xidOffset: -1)
    }

    /// Room for everything in a statement's document but its text.
    private static let roomBesideText = 64 << 10

    /// `sql`, and `sqlBytes` when it is not certain that the text is what the client sent.
    private mutating func appendText(of statement: Statement) {
        let sql = Array(statement.sql.utf8)
        let bytes = statement.uncertainBytes
        guard
            sql.count + (bytes?.count ?? 0) > BSONLimits.changeBytesMax - Self.roomBesideText
        else {
            writer.append(DocumentKeys.sql, string: statement.sql)
            if let bytes { writer.append(DocumentKeys.sqlBytes, binary: bytes) }
            return
        }
        let text = MovedValue("\(blobPrefix)/sql", row: nil, .text(.utf8mb4), sql, 0..<sql.count)
        writer.append(DocumentKeys.sql, document: text.reference)
        movedValues.append(text)
        guard let bytes else { return }
        let raw = MovedValue(
            "\(blobPrefix)/sqlBytes", row: nil, .binary, bytes, 0..<bytes.count)
        writer.append(DocumentKeys.sqlBytes, document: raw.reference)
        movedValues.append(raw)
    }

    /// What the statement depends on; nothing when that is its text alone.
    private mutating func append(_ context: StatementContext) {
        if context.isEmpty { return }
        writer.append(DocumentKeys.context) { fields in
            if let id = context.insertID { fields.append(DocumentKeys.insertID, unsigned: id) }
            if let id = context.lastInsertID {
                fields.append(DocumentKeys.lastInsertID, unsigned: id)
            }
            if let seeds = context.randomSeeds {
                fields.appendArray(DocumentKeys.randomSeeds) { array in
                    array.append(BSONKey(index: 0), unsigned: seeds.first)
                    array.append(BSONKey(index: 1), unsigned: seeds.second)
                }
            }
            if !context.userVariables.isEmpty {
                fields.appendArray(DocumentKeys.userVariables) { array in
                    for (index, name) in context.userVariables.enumerated() {
                        array.append(BSONKey(index: index), string: name)
                    }
                }
            }
            if let count = context.fileByteCount {
                fields.append(DocumentKeys.fileBytes, unsigned: count)
            }
        }
    }

    /// `xa`: what the statement says of a transaction that was prepared, or the one that it is part of.
    private mutating func appendXA(of statement: Statement) {
        switch statement.kind {
        case .xaCommit(let id): append(id, isCommitted: true)
        case .xaRollback(let id): append(id, isCommitted: false)
        case .ddl, .truncate, .dml: writer.appendRaw(xaFragment)
        }
    }

    private mutating func append(_ id: XAIdentifier, isCommitted: Bool) {
        writer.append(DocumentKeys.xa) { fields in
            fields.append(DocumentKeys.xaID, string: id.description)
            fields.append(DocumentKeys.committed, bool: isCommitted)
        }
    }

    private func isKept(_ statement: Statement) -> Bool {
        switch statement.kind {
        case .xaCommit, .xaRollback:
            // Without it nobody could tell whether the rows that were prepared count.
            return true
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
