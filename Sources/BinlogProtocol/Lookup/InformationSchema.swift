/// Asks a server for the definitions of its tables, over a connection of its own that is made when it is needed.
final class InformationSchema {
    private let options: ConnectionOptions
    private let cancellation: Cancellation
    /// The server that the log comes from.
    private let identity: String
    private var connection: ServerConnection?
    private var collationIDs: [String: Int] = [:]
    private var ignoresCase = false

    /// A table that is being altered can keep a question waiting; the log waits meanwhile.
    private static let answerLimit: Duration = .seconds(30)
    private static let lockWaitSeconds = 20
    private static let unknownColumn: UInt16 = 1054
    private static let unknownDatabase: UInt16 = 1049
    private static let unknownTable: UInt16 = 1146

    init(_ options: ConnectionOptions, of source: SourceInfo, cancellation: Cancellation) {
        self.options = options
        self.cancellation = cancellation
        identity = Self.identity(uuid: source.serverUUID.map { "\($0)" }, id: "\(source.serverID)")
    }

    private static func identity(uuid: String?, id: String?) -> String {
        uuid?.lowercased() ?? "server_id \(id ?? "")"
    }

    /// The definition that the table has now; nil when the server has no such table.
    ///
    /// - Throws: ``BinlogError``: `privilege` when the table may be there and is not shown to us; as
    ///   ``ServerConnection/connect(_:cancellation:)`` and ``ServerConnection/query(_:timeout:)`` else.
    func definition(
        of database: String, _ table: String
    ) throws(BinlogError) -> TableDefinition? {
        let wasConnected = connection != nil
        do {
            return try ask(database, table)
        } catch {
            connection = nil
            // The server ends a connection that was idle for hours.
            guard error.code == .connectionLost, wasConnected else { throw error }
        }
        do {
            return try ask(database, table)
        } catch {
            connection = nil
            throw error
        }
    }

    /// Tells the server that we leave.
    func close() throws(BinlogError) {
        defer { connection = nil }
        try connection?.quit()
    }

    // MARK: Connection

    private func connected() throws(BinlogError) -> ServerConnection {
        if let connection { return connection }
        let new = try ServerConnection.connect(options, cancellation: cancellation)
        // A table's generated invisible key is in the log, so it must be in the answers; MariaDB passes over the
        // comment. Names stand in quotes, where a backslash is to be a backslash.
        let session = """
            SET SESSION lock_wait_timeout = \(Self.lockWaitSeconds), \
            SESSION sql_mode = 'NO_BACKSLASH_ESCAPES', SESSION lc_messages = 'en_US' \
            /*!80030 , SESSION show_gipk_in_create_table_and_information_schema = ON */
            """
        _ = try query(session, on: new)
        let values = try query(
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN "
                + "('server_id', 'server_uuid', 'lower_case_table_names')", on: new
        ).dictionary
        guard Self.identity(uuid: values["server_uuid"], id: values["server_id"]) == identity else {
            throw BinlogError(
                .connectionLost,
                "A second connection to \(options.address) led to another server than the one whose log "
                    + "is read, so columns cannot be looked up there.")
        }
        ignoresCase = values["lower_case_table_names"] != "0"
        if collationIDs.isEmpty { collationIDs = try readCollations(new) }
        connection = new
        return new
    }

    /// MariaDB has collations that go with several character sets, each with a number and a full name of its own.
    private func readCollations(
        _ connection: ServerConnection
    ) throws(BinlogError) -> [String: Int] {
        let ids: TextResult
        if options.flavor == .mariadb, let full = try fullCollationNames(connection) {
            ids = full
        } else {
            ids = try query(
                "SELECT COLLATION_NAME, ID FROM information_schema.COLLATIONS", on: connection)
        }
        return ids.dictionary.compactMapValues { Int($0) }
    }

    /// nil on servers from before 10.10, where `COLLATIONS` says it all.
    private func fullCollationNames(
        _ connection: ServerConnection
    ) throws(BinlogError) -> TextResult? {
        do {
            return try query(
                "SELECT FULL_COLLATION_NAME, ID FROM "
                    + "information_schema.COLLATION_CHARACTER_SET_APPLICABILITY", on: connection)
        } catch {
            guard error.code == .serverError(Self.unknownColumn) else { throw error }
            return nil
        }
    }

    private func query(
        _ sql: String, on connection: ServerConnection
    ) throws(BinlogError) -> TextResult {
        try connection.query(sql, timeout: Self.answerLimit)
    }

    // MARK: Questions

    private func ask(_ database: String, _ table: String) throws(BinlogError) -> TableDefinition? {
        let connection = try connected()
        let place = "TABLE_SCHEMA = \(quoted(database)) AND TABLE_NAME = \(quoted(table))"
        let type =
            options.flavor == .mariadb
            ? "(SELECT TABLE_TYPE FROM information_schema.TABLES WHERE \(place) LIMIT 1)" : "NULL"
        let answer = try query(
            "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, COLUMN_TYPE, IS_NULLABLE, "
                + "COLLATION_NAME, CHARACTER_OCTET_LENGTH, EXTRA, GENERATION_EXPRESSION, \(type) "
                + "FROM information_schema.COLUMNS WHERE \(place) ORDER BY ORDINAL_POSITION",
            on: connection)
        var columns = DefinitionRows(collationIDs: collationIDs)
        for row in answer.rows where isTable(row, database, table) {
            guard columns.add(row.dropFirst(2)) else { throw hidden(database, table) }
        }
        guard !columns.isEmpty else {
            try requireGone(database, table, connection)
            return nil
        }
        let key = try query(
            "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME FROM information_schema.STATISTICS "
                + "WHERE \(place) AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX", on: connection)
        let names = key.rows.filter { isTable($0, database, table) }.map { $0[2] ?? "" }
        guard let definition = columns.definition(key: names) else {
            throw hidden(database, table)
        }
        return definition
    }

    /// The comparison in `information_schema` passes over case, also where names differ by it.
    private func isTable(_ row: [String?], _ database: String, _ table: String) -> Bool {
        guard row.count > 2, let rowDatabase = row[0], let rowTable = row[1] else { return false }
        return (rowDatabase, rowTable) == (database, table)
            || ignoresCase
                && (rowDatabase.lowercased(), rowTable.lowercased())
                    == (database.lowercased(), table.lowercased())
    }

    /// `information_schema` leaves out what we may not see: asked outright, the server says which of the two it is.
    private func requireGone(
        _ database: String, _ table: String, _ connection: ServerConnection
    ) throws(BinlogError) {
        do {
            _ = try query(
                "SHOW COLUMNS FROM \(identifier(database)).\(identifier(table))", on: connection)
        } catch {
            switch error.code {
            case .serverError(Self.unknownTable), .serverError(Self.unknownDatabase): return
            case .privilege: throw hidden(database, table)
            default: throw error
            }
        }
        throw BinlogError(
            .connectionLost,
            "The definition of \(name(database, table)) changed while it was asked for.")
    }

    private func hidden(_ database: String, _ table: String) -> BinlogError {
        BinlogError(
            .privilege,
            "The log does not say all of the columns of \(name(database, table)), and the account may not "
                + "look them up. Run: GRANT SELECT ON \(identifier(database)).* TO … with the account of "
                + "MYSQL_USER.")
    }

    private func name(_ database: String, _ table: String) -> String {
        PrintableText.clean("\(database).\(table)".utf8, bytesMax: 300)
    }

    private func quoted(_ text: String) -> String {
        "'\(text.replacing("'", with: "''"))'"
    }

    private func identifier(_ name: String) -> String {
        "`\(name.replacing("`", with: "``"))`"
    }
}
