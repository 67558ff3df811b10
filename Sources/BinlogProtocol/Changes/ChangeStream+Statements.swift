extension ChangeStream {
    // MARK: XA

    mutating func handle(
        _ statement: XAStatement?, _ query: QueryEvent
    ) throws(DecodingError) {
        switch (statement, state) {
        case (nil, _):
            throw DecodingError(.unsupported("an XA statement that is not understood"), at: 4)
        case (.start(let id), .begun):
            state = .group
            opening = query
            begin(xa: id)
        case (.end(let id), .group) where id == xa:
            break
        case (.commit(let id), .group) where id == xa:
            end(.committed(xid: nil))
        case (.rollback(let id), .group) where id == xa:
            end(.rolledBack)
        case (.commit(let id), .begun):
            append(.xaCommit(id), query, nil, nil)
            end(.committed(xid: nil))
        case (.rollback(let id), .begun):
            append(.xaRollback(id), query, nil, nil)
            end(.committed(xid: nil))
        default:
            throw DecodingError(.invalid("event order: an XA statement at the wrong place"), at: 4)
        }
    }

    /// The group that has begun is the first part of an XA transaction.
    mutating func begin(xa id: XAIdentifier) {
        xa = id
        queue.append(.xa(id))
    }

    // MARK: Statements in several events

    mutating func handleStatementPart(
        _ body: BinlogEvent.Body
    ) throws(DecodingError) {
        guard state != .idle else { throw outOfOrder("a part of a statement") }
        switch body {
        case .intVar(let event):
            switch event.kind {
            case .insertID: context.insertID = event.value
            case .lastInsertID: context.lastInsertID = event.value
            }
        case .rand(let seeds): context.randomSeeds = seeds
        case .userVar(let variable):
            if context.userVariables.count < StatementContext.userVariablesMax {
                context.userVariables.append(variable.name)
            }
        case .loadBlock(let block): try files.append(block)
        case .deleteFile(let file): _ = files.remove(file.fileID)
        case .executeLoadQuery(let load):
            context.fileByteCount = files.remove(load.fileID)
            let query = load.query
            let meaning = StatementText.meaning(
                of: query.utf8 ?? query.statement, query.status.sqlMode)
            if case .change(_, let database, let table) = meaning {
                append(.dml, query, database, table)
            } else {
                append(.dml, query, nil, nil)
            }
            if state == .begun { end(.committed(xid: nil)) }
        default: break
        }
    }
}
