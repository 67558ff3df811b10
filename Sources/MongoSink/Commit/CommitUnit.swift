/// What one MongoDB transaction stores: documents, the position behind them and the ledger entry.
struct CommitUnit: Sendable {
    /// The documents in the order of the source.
    var documents: DocumentSequence
    /// The SHA-256 of the documents.
    var digest: [UInt8]
    /// The position before.
    var before: Position
    /// The position after.
    var after: Position
    /// How many source transactions end here.
    var transactions: Int64
    /// The first and last commit time in milliseconds since 1970; nil when no transaction is in it.
    var times: ClosedRange<Int64>?
    /// The binlog file and position behind the last transaction.
    var coordinates: BinlogCoordinates
    /// The staging document that holds the same documents; nil when nothing was staged.
    var stagingID: String?

    /// Names the unit in errors.
    var name: String {
        stagingID.map { "batch \($0)" } ?? "the position \(after.gtid.prefix(200))"
    }
}
