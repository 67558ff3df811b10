/// One step of a transaction, in the order of the log.
///
/// Nothing of a transaction may be used for good before its ``end(_:)`` has come: it can still be rolled back.
public enum Change: Sendable {
    /// A transaction begins.
    case begin(TransactionStart)
    /// The open transaction is a part of this XA transaction; comes before all of its changes.
    case xa(XAIdentifier)
    /// Rows of one table changed.
    case rows(RowChanges)
    /// A statement without row events: DDL, TRUNCATE or DML in statement format.
    case statement(Statement)
    /// An event could not be decoded; only with ``UndecodablePolicy/gap``.
    case gap(Gap)
    /// A savepoint with this name was set.
    case savepoint(String)
    /// The changes since the savepoint with this name were undone, except those to non-transactional tables.
    case rollbackToSavepoint(String)
    /// The transaction is over.
    case end(TransactionEnd)
}

extension Change {
    /// Where the event lies that the step was read from; nil where the step does not know it.
    package var place: BinlogPosition? {
        switch self {
        case .rows(let rows): rows.place.start
        case .gap(let gap): gap.place.start
        default: nil
        }
    }
}

/// How a transaction ended.
public enum TransactionEnd: Sendable, Equatable {
    /// Committed; with the engine's transaction number when the log has it.
    case committed(xid: UInt64?)
    /// Prepared: a later transaction says in ``Statement/Kind/xaCommit(_:)`` or ``Statement/Kind/xaRollback(_:)``
    /// whether its changes happened.
    case prepared(XAIdentifier)
    /// Rolled back: its row changes never happened, its GTID is used up all the same.
    ///
    /// Changes that its statements made to non-transactional tables stay: servers log a transaction that
    /// was rolled back only for those.
    case rolledBack
    /// The log stops in its middle (the source crashed): it never happened and has no end.
    case abandoned
}

/// Rows of one table that one statement changed.
public struct RowChanges: Sendable {
    /// The rows.
    public let event: RowsEvent
    /// The connection that made the change, when the log says so.
    public let threadID: UInt32?
    /// The statement behind the rows, when the source logs it (`binlog_rows_query_log_events=ON`).
    public let query: RowsQueryEvent?
    /// How the connection read its statements when the transaction began.
    package let status: QueryStatus
    /// Where the event lies.
    package let place: EventPlace
    /// Whether a row that cannot be decoded is to become a gap.
    package let makesGaps: Bool
}
