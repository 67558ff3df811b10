/// One column of a table, resolved once per table map.
public struct Column: Hashable, Sendable {
    /// The name; `@1`, `@2` … by position when the server sent no names.
    public let name: String
    /// The type with its sign, fraction, character set and labels.
    public let type: ColumnType
    /// Whether the column may hold NULL.
    public let isNullable: Bool
    /// Whether the server said if the column is unsigned; true for a column that has no sign.
    ///
    /// Without it, ``type`` takes integers as signed, which may be wrong.
    public let isSignednessKnown: Bool
    /// The number of the collation of a text, ENUM or SET column, if the server sent it.
    public let collationID: Int?
    /// Whether `SELECT *` shows the column, if the server said so.
    public let isVisible: Bool?
    /// How many bytes a value takes.
    package let storage: ColumnStorage
}
