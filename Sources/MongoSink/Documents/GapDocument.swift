/// Changes of the source that are not in the trail, as a document of it.
///
///     { _id: "<stream>/gap/<ledger's seq>", ts, op: "gap", meta: { db: null, tbl: null, pk: null },
///       gap: { reason, from, to, detail }, src: { stream } }
///
/// `from` is the position up to which everything is stored, `to` the one behind which everything is again.
struct GapDocument: Sendable {
    /// Why changes are missing.
    enum Reason: String, Sendable {
        /// The position was set forward by hand.
        case `operator`
        /// The position was deleted, and the stream began anew behind the last one.
        case start
        /// An event that could not be decoded; its document is the transaction's, see `TransactionEncoder`.
        case undecodable
        /// The source lost events and its log says so; likewise.
        case incident
    }

    var reason: Reason
    var from: String
    var to: String
    /// One sentence.
    var detail: String

    /// - Parameters:
    ///   - entry: the number of the ledger's entry that stores it.
    ///   - at: milliseconds since 1970.
    func encoded(stream: String, entry: Int64, at: Int64) -> [UInt8] {
        BSONWriter.document { document in
            document.append("_id", string: "\(stream)/gap/\(entry)")
            document.append("ts", utcDateTime: at)
            document.append("op", string: "gap")
            document.append("meta") {
                $0.appendNull("db")
                $0.appendNull("tbl")
                $0.appendNull("pk")
            }
            document.append("gap") {
                $0.append("reason", string: reason.rawValue)
                $0.append("from", string: from)
                $0.append("to", string: to)
                $0.append("detail", string: detail)
            }
            document.append("src") { $0.append("stream", string: stream) }
        }
    }
}
