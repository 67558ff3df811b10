/// The definition of a table, from outside the log: what a table map without names leaves open.
///
/// It is the table of the moment at which it was asked for, which need not be that of the event. What a table map
/// does say must agree with it, or it is not used: see ``TableMap/Schema``.
public struct TableDefinition: Hashable, Sendable {
    /// One column, in the terms of `information_schema.COLUMNS`.
    public struct Column: Hashable, Sendable {
        /// The column's name.
        public var name: String
        /// `COLUMN_TYPE`: the whole type, such as `int unsigned`, `varchar(20)` or `enum('a','b')`.
        public var type: String
        /// Whether the column may hold NULL.
        public var isNullable: Bool
        /// The number of the collation of a text, ENUM or SET column, if it is known.
        public var collationID: Int?
        /// `CHARACTER_OCTET_LENGTH`: bytes of the longest text, if it is known.
        public var byteCountMax: Int?
        /// Whether `SELECT *` shows the column.
        public var isVisible: Bool

        /// Makes a column.
        public init(
            name: String, type: String, isNullable: Bool, collationID: Int? = nil,
            byteCountMax: Int? = nil, isVisible: Bool = true
        ) {
            self.name = name
            self.type = type
            self.isNullable = isNullable
            self.collationID = collationID
            self.byteCountMax = byteCountMax
            self.isVisible = isVisible
        }
    }

    /// The columns in the table's order, the invisible and the generated ones included.
    public var columns: [Column]
    /// The indexes of the primary key's columns in the key's order; empty without one.
    public var primaryKey: [Int]

    /// Makes a definition.
    public init(columns: [Column], primaryKey: [Int] = []) {
        self.columns = columns
        self.primaryKey = primaryKey
    }
}
