/// One decoded event of a binary log.
public struct BinlogEvent: Sendable {
    /// What the event says.
    public enum Body: Sendable {
        /// The layout of the events that follow.
        case formatDescription(FormatDescription)
        /// The file that the following events are in.
        case rotate(Rotate)
        /// The transactions of all earlier files.
        case previousGTIDs(GTIDSet)
        /// MariaDB: the last transactions before the file or the stream.
        case gtidList(GTIDListEvent)
        /// The begin of a transaction, with or without a GTID.
        case gtid(GTIDEvent)
        /// A statement.
        case query(QueryEvent)
        /// The commit of a transaction.
        case xid(XIDEvent)
        /// The end of an XA transaction's first part, or its commit.
        case xaPrepare(XAPrepareEvent)
        /// A number that the statement that follows uses.
        case intVar(IntVarEvent)
        /// The seeds of `RAND()` in the statement that follows.
        case rand(RandEvent)
        /// A user variable that the statement that follows uses.
        case userVar(UserVarEvent)
        /// A part of the file of LOAD DATA in statement format.
        case loadBlock(LoadBlockEvent)
        /// LOAD DATA in statement format.
        case executeLoadQuery(ExecuteLoadQueryEvent)
        /// The end of a file whose LOAD DATA was given up.
        case deleteFile(DeleteFileEvent)
        /// The table that row events refer to.
        case tableMap(TableMap)
        /// Changed rows.
        case rows(RowsEvent)
        /// The text of the statement behind the row events that follow.
        case rowsQuery(RowsQueryEvent)
        /// A sign of life.
        case heartbeat(Heartbeat)
        /// A transaction as one compressed block.
        case transactionPayload(TransactionPayload)
        /// Nothing that an audit trail needs; `Docs/EVENTS.md` has the list and the reasons.
        case irrelevant
    }

    /// The event's header.
    public let header: EventHeader
    /// What the event says.
    public let body: Body
}
