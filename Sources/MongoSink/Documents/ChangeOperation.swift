/// What a document of the audit collection records (its `op`).
public enum ChangeOperation: String, Sendable, CaseIterable {
    /// A row was inserted.
    case insert = "i"
    /// A row was updated.
    case update = "u"
    /// A row was deleted.
    case delete = "d"
    /// A statement changed a definition.
    case ddl
    /// A table was emptied without row events.
    case truncate
    /// A statement changed rows without row events.
    case statement
    /// Changes that could not be seen.
    case gap
}
