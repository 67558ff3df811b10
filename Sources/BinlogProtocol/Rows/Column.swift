/// One column of a table, resolved once per table map.
public struct Column: Hashable, Sendable {
    /// The name; `@1`, `@2` … by position when neither the log nor a ``TableDefinition`` gives one.
    public let name: String
    /// The type with its sign, fraction, character set and labels.
    public let type: ColumnType
    /// Whether the column may hold NULL.
    public let isNullable: Bool
    /// Whether it is known if the column is unsigned; true for a column that has no sign.
    ///
    /// Without it, ``type`` takes integers as signed, which may be wrong.
    public let isSignednessKnown: Bool
    /// The number of the collation of a text, ENUM or SET column, if the server sent it.
    public let collationID: Int?
    /// Whether `SELECT *` shows the column, if the server said so.
    public let isVisible: Bool?
    /// How many bytes a value takes.
    package let storage: ColumnStorage

    /// A column put together from what is known of it.
    ///
    /// `storage` must be that of the table map: it says where the next column begins. The one exception
    /// are old temporal types, see ``replacingFractionDigits(_:)``.
    package init(
        name: String, type: ColumnType, isNullable: Bool, isSignednessKnown: Bool,
        collationID: Int?, isVisible: Bool?, storage: ColumnStorage
    ) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
        self.isSignednessKnown = isSignednessKnown
        self.collationID = collationID
        self.isVisible = isVisible
        self.storage = storage
    }

    /// The same column with a type that the server named elsewhere, such as `uuid` for a BINARY(16).
    ///
    /// The column itself if values of that type do not lie in the log as this column's do.
    package func replacingType(_ type: ColumnType) -> Column {
        let fits =
            switch (self.type, type) {
            case (.binary(byteCount: 16), .uuid), (.binary(byteCount: 16), .inet6),
                (.binary(byteCount: 4), .inet4), (.varbinary, .vector):
                true
            default: false
            }
        return fits ? copy(type: type, storage: storage) : self
    }

    /// The same column with the digits that the log does not tell of MariaDB's old temporal types.
    ///
    /// The column itself if it is not of such a type. The storage changes with the digits.
    ///
    /// - Precondition: 0 to 6 digits.
    package func replacingFractionDigits(_ digits: Int) -> Column {
        precondition((0...6).contains(digits))
        switch type {
        case .oldTime:
            return copy(
                type: .oldTime(fractionDigits: digits),
                storage: .oldTemporal(.oldTime, fractionDigits: digits))
        case .oldDatetime:
            return copy(
                type: .oldDatetime(fractionDigits: digits),
                storage: .oldTemporal(.oldDateTime, fractionDigits: digits))
        case .oldTimestamp:
            return copy(
                type: .oldTimestamp(fractionDigits: digits),
                storage: .oldTemporal(.oldTimestamp, fractionDigits: digits))
        default: return self
        }
    }

    private func copy(type: ColumnType, storage: ColumnStorage) -> Column {
        Column(
            name: name, type: type, isNullable: isNullable, isSignednessKnown: isSignednessKnown,
            collationID: collationID, isVisible: isVisible, storage: storage)
    }

    /// Why values of the column cannot be found or read; nil for all others.
    package var refusal: String? {
        switch type {
        case .unsupported(let what): what
        case .oldTime(nil), .oldDatetime(nil), .oldTimestamp(nil):
            "column \(name): the form of before MariaDB 10.1, whose fraction the log does not tell"
                + " (ALTER TABLE ... FORCE with mysql56_temporal_format=ON gives it the new one)"
        default: nil
        }
    }
}
