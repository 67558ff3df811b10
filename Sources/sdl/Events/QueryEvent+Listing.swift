internal import BinlogProtocol

extension QueryEvent {
    /// - Parameter body: the event's body, for what decoding leaves out.
    /// - Parameter headExtra: bytes between the fixed head and the status variables.
    func list(
        _ body: ByteReader, headExtra: Int = 0, to text: ListingText
    ) throws(DecodingError) {
        var reader = body
        try reader.skip(4)
        let seconds: UInt32 = try reader.read()
        text.line("thread \(threadID), execution time \(seconds) s, error \(errorCode)")
        text.line("schema \(Escaping.jsonString(schema))")
        try reader.skip(3)
        let count: UInt16 = try reader.read()
        try reader.skip(headExtra)
        var variables = try reader.slice(Int(count))
        try StatusVariables.list(&variables, to: text)
        text.line("sql \(sqlWithoutSecrets)")
    }
}

extension RowsQueryEvent {
    func list(to text: ListingText) {
        let shown = AccountStatement.withoutSecrets(statement)
        text.line("sql \(String(decoding: shown, as: UTF8.self))")
    }
}
