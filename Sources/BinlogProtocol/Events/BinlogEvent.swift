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
        /// The begin of a transaction, with or without a GTID.
        case gtid(GTIDEvent)
        /// A statement.
        case query(QueryEvent)
        /// The commit of a transaction.
        case xid(XIDEvent)
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
        /// Nothing that an audit trail needs; see ``EventDecoder`` for the list and the reasons.
        case irrelevant
    }

    /// The event's header.
    public let header: EventHeader
    /// What the event says.
    public let body: Body
}
