/// Just enough reading of SQL to know what a QUERY event is; what it does not know is DDL, which is always kept.
package struct StatementText {
    package enum Meaning: Equatable {
        case begin
        case commit
        case rollback
        case savepoint(String)
        case rollbackToSavepoint(String)
        /// Nil for one whose identifier is not understood.
        case xa(XAStatement?)
        case change(Statement.Kind, database: String?, table: String?)
    }

    private static let begin = Array("BEGIN".utf8)
    private static let commit = Array("COMMIT".utf8)

    package static func meaning(of statement: [UInt8], _ mode: SQLMode = []) -> Meaning {
        // What the server itself writes for each transaction needs no reading.
        if statement == begin { return .begin }
        if statement == commit { return .commit }
        // The words that matter stand at the start; a body of a stored program behind them does not count.
        var tokens = SQLTokens(statement, mode)
        guard let first = tokens.nextWord() else { return .change(.ddl, database: nil, table: nil) }
        switch first {
        case "BEGIN":
            return tokens.next() == nil ? .begin : .change(.ddl, database: nil, table: nil)
        case "COMMIT": return .commit
        case "ROLLBACK": return rollback(&tokens)
        case "SAVEPOINT": return .savepoint(tokens.nextName() ?? "")
        case "XA": return .xa(XAStatement(&tokens, of: statement))
        case "INSERT", "REPLACE", "UPDATE", "DELETE", "LOAD", "WITH", "SELECT", "CALL", "DO",
            "TABLE", "VALUES":
            let target = target(of: first, &tokens)
            return .change(.dml, database: target?.database, table: target?.table)
        case "TRUNCATE":
            tokens.skip(word: "TABLE")
            let name = tokens.qualifiedName()
            return .change(.truncate, database: name?.database, table: name?.table)
        case "CREATE", "ALTER", "DROP", "RENAME":
            let name = definedTable(&tokens)
            if first == "ALTER", tokens.skip(word: "TRUNCATE"), tokens.skip(word: "PARTITION") {
                return .change(.truncate, database: name?.database, table: name?.table)
            }
            return .change(.ddl, database: name?.database, table: name?.table)
        default:
            return .change(.ddl, database: nil, table: nil)
        }
    }

    /// Whether the statement may concern tables beside the one that ``meaning(of:)`` names: in doubt, it may.
    package static func namesOtherTables(_ statement: [UInt8], _ mode: SQLMode = []) -> Bool {
        var tokens = SQLTokens(statement, mode)
        guard let verb = tokens.nextWord() else { return false }
        if verb == "RENAME" { return true }
        guard ["DROP", "ALTER", "UPDATE", "DELETE"].contains(verb) else { return false }
        while let token = tokens.next() {
            switch token {
            case .symbol(UInt8(ascii: ",")) where verb != "ALTER":
                return true
            case .word(let word):
                switch (verb, word.uppercased()) {
                case ("UPDATE", "SET"), ("DELETE", "WHERE"): return false
                case ("UPDATE", "JOIN"), ("UPDATE", "STRAIGHT_JOIN"), ("DELETE", "JOIN"),
                    ("DELETE", "STRAIGHT_JOIN"), ("DELETE", "USING"), ("ALTER", "EXCHANGE"):
                    return true
                case ("ALTER", "RENAME"):
                    let next = tokens.peekWord() ?? ""
                    if !["COLUMN", "INDEX", "KEY"].contains(next) { return true }
                default: break
                }
            default: break
            }
        }
        return false
    }

    private static func rollback(_ tokens: inout SQLTokens) -> Meaning {
        tokens.skip(word: "WORK")
        guard tokens.skip(word: "TO") else { return .rollback }
        tokens.skip(word: "SAVEPOINT")
        return .rollbackToSavepoint(tokens.nextName() ?? "")
    }

    private static let modifiers: Set<String> = [
        "LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "QUICK", "INTO", "FROM",
    ]

    /// `LOAD DATA INFILE '…' INTO TABLE t`; strings are no words, so a file's name cannot be taken for one.
    private static func loadedTable(
        _ tokens: inout SQLTokens
    ) -> (database: String?, table: String)? {
        while let token = tokens.next() {
            guard case .word(let word) = token, word.uppercased() == "INTO" else { continue }
            return tokens.skip(word: "TABLE") ? tokens.qualifiedName() : nil
        }
        return nil
    }

    private static func target(
        of verb: String, _ tokens: inout SQLTokens
    ) -> (database: String?, table: String)? {
        if verb == "LOAD" { return loadedTable(&tokens) }
        guard ["INSERT", "REPLACE", "UPDATE", "DELETE"].contains(verb) else { return nil }
        while let word = tokens.peekWord(), modifiers.contains(word) { _ = tokens.next() }
        return tokens.qualifiedName()
    }

    private static let definitionWords: Set<String> = [
        "OR", "REPLACE", "TEMPORARY", "UNIQUE", "FULLTEXT", "SPATIAL", "ONLINE", "OFFLINE",
        "IGNORE",
    ]

    /// The table that CREATE, ALTER, DROP or RENAME is about; nil for anything but a table or an index.
    private static func definedTable(
        _ tokens: inout SQLTokens
    ) -> (database: String?, table: String)? {
        while let word = tokens.peekWord(), definitionWords.contains(word) { _ = tokens.next() }
        guard let object = tokens.nextWord() else { return nil }
        switch object {
        case "TABLE", "TABLES":
            if tokens.skip(word: "IF") {
                tokens.skip(word: "NOT")
                tokens.skip(word: "EXISTS")
            }
            return tokens.qualifiedName()
        case "INDEX":
            while let token = tokens.next() {
                if case .word(let word) = token, word.uppercased() == "ON" {
                    return tokens.qualifiedName()
                }
                if case .symbol(UInt8(ascii: "(")) = token { return nil }
            }
            return nil
        default:
            return nil
        }
    }
}
