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
    }

    /// What kind of change.
    public let kind: Kind
    /// The event.
    public let query: QueryEvent
    /// The database of the table that the statement names, else the connection's; may be empty.
    public let database: String
    /// The table that the statement names first; nil when it names none or is not understood.
    public let table: String?

    /// Whether the statement may concern other tables too, as `DROP TABLE a, b` and `RENAME TABLE a TO b` do.
    public var namesOtherTables: Bool { StatementText.namesOtherTables(query.statement) }

    /// The statement's text without passwords and their hashes; bytes that are not UTF-8 are shown as U+FFFD.
    public var sql: String {
        String(decoding: AccountStatement.withoutSecrets(query.statement), as: UTF8.self)
    }
}
