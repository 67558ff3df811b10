internal import BinlogProtocol

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

    /// Names the unit in errors, with the transactions that it holds.
    var name: String {
        let batch = stagingID.map { "batch \($0), " } ?? ""
        if let partial = after.partial {
            return "\(batch)transaction \(partial.gtid) up to its change \(partial.rows)"
        }
        return "\(batch)transactions \(transactionsText)"
    }

    private var transactionsText: String {
        let added: String
        do {
            added = "\(try GTIDSet(parsing: after.gtid).subtracting(GTIDSet(parsing: before.gtid)))"
        } catch {
            added = "up to \(after.gtid)"
        }
        return added.utf8.count <= 200 ? added : "\(added.prefix(200))…"
    }
}
