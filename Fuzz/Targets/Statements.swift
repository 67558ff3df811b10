import BinlogProtocol

/// What is made of the text of a statement.
///
///     sql_mode u8, statement
func fuzzStatements(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let flags = UInt64(input.byte())
    let mode = SQLMode(rawValue: (flags & 1) << 2 | (flags >> 1 & 1) << 20)
    let statement = input.rest()
    _ = StatementText.meaning(of: statement, mode)
    _ = StatementText.namesOtherTables(statement, mode)
    let shown = AccountStatement.withoutSecrets(statement, mode)
    requireSize(shown.count, of: statement.count, factor: 4)
}
