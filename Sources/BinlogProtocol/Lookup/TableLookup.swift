/// Tells the definition of a table; nil when there is no such table.
///
/// An error that it throws ends the reading at this place: a definition that could not be had is not the same as none.
public typealias TableDefinitions =
    @Sendable (_ database: String, _ table: String) throws(BinlogError) -> TableDefinition?

/// Where names of columns come from when the log of a server does not carry them.
public struct TableLookup: Sendable {
    enum Source: Sendable {
        case nowhere
        case server(@Sendable (_ database: String, _ table: String) -> Bool)
        case given(TableDefinitions)
    }

    let source: Source

    /// From nowhere: columns are called by their numbers, `@1` and so on.
    public static let off = TableLookup(source: .nowhere)

    /// From the server's `information_schema`, for every table.
    public static let server = TableLookup.server { _, _ in true }

    /// From the server's `information_schema`, over a second connection, for the tables that `includes` says.
    ///
    /// It is asked once for each table map; the account needs a privilege on the tables, such as SELECT.
    public static func server(
        for includes: @escaping @Sendable (_ database: String, _ table: String) -> Bool
    ) -> TableLookup {
        TableLookup(source: .server(includes))
    }

    /// From elsewhere.
    public static func given(_ definitions: @escaping TableDefinitions) -> TableLookup {
        TableLookup(source: .given(definitions))
    }

    var isOff: Bool {
        if case .nowhere = source { true } else { false }
    }
}
