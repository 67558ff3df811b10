/// A statement in the log that comes without row events.
public struct Statement: Sendable {
    /// What kind of change the statement makes.
    public enum Kind: Sendable, Equatable {
        /// It changes a definition, an account or a privilege.
        case ddl
        /// It empties a table.
        case truncate
        /// It changes rows that the log does not show, because they were logged in statement format.
        case dml
        /// It commits an XA transaction that was prepared before.
        case xaCommit(XAIdentifier)
        /// It rolls back an XA transaction that was prepared before, whose changes never happened then.
        case xaRollback(XAIdentifier)
    }

    /// What kind of change.
    public let kind: Kind
    /// The event.
    public let query: QueryEvent
    /// The database of the table that the statement names, else the connection's; may be empty.
    public let database: String
    /// The table that the statement names first; nil when it names none or is not understood.
    public let table: String?
    /// What it depends on beside its text.
    public let context: StatementContext

    init(
        kind: Kind, query: QueryEvent, database: String?, table: String?,
        context: StatementContext = StatementContext()
    ) {
        self.context = context
        self.kind = kind
        self.query = query
        // A name whose characters are not certain names nothing: the statement may concern any table.
        let isReadable = query.utf8 != nil
        self.database = (isReadable ? database : nil) ?? query.schema
        self.table = isReadable ? table : nil
    }

    /// Whether the statement may concern other tables too, as `DROP TABLE a, b` and `RENAME TABLE a TO b` do.
    public var namesOtherTables: Bool {
        StatementText.namesOtherTables(query.statement, query.status.sqlMode)
    }

    /// The statement's text without passwords and their hashes; bytes that cannot be read are shown as U+FFFD.
    public var sql: String { query.sqlWithoutSecrets }

    /// The statement as it was sent, when it is not certain that ``sql`` shows it right; nil when it may hold a secret.
    public var uncertainBytes: [UInt8]? {
        query.utf8 == nil && !query.mayHoldSecrets ? query.statement : nil
    }
}
