package import BinlogProtocol

/// Writes `src.query`, the statement behind rows.
package enum SourceQuery {
    /// Bytes of a statement that each of its rows' documents holds at most.
    ///
    /// An INSERT of a megabyte can make ten thousand rows: with all of it in each, ten gigabytes.
    package static let bytesMax = 4096

    /// Appends `query`, and `queryBytes`, the whole length, when only its beginning is kept.
    ///
    /// - Parameters:
    ///   - byteCount: the length of the whole statement, of which `statement` may be the beginning.
    ///   - status: of the transaction's begin; the event with the statement does not say how it was sent.
    package static func append(
        _ statement: [UInt8], of byteCount: Int, _ status: QueryStatus, to tail: inout BSONWriter
    ) {
        var kept = statement
        if statement.count > bytesMax {
            var end = bytesMax
            // Not in the middle of a character, which has at most three bytes behind its first.
            while end > bytesMax - 3, statement[end] & 0xc0 == 0x80 { end -= 1 }
            kept = Array(statement[..<end])
        }
        // After the cut: of a secret that was cut the rest goes too, as its string has no end.
        let text = AccountStatement.withoutSecrets(
            status.charset.statementInUTF8(kept) ?? kept, status.sqlMode)
        tail.append(DocumentKeys.query, string: String(decoding: text, as: UTF8.self))
        if kept.count < byteCount {
            tail.append(DocumentKeys.queryBytes, integer: Int64(byteCount))
        }
    }
}
