internal import BinlogProtocol

/// One link of the ledger: what one commit stored, and the hash of everything before it.
///
///     { _id: "<stream>/<seq>", stream, seq, kind, at, prev, next, transactions, events, firstTs, lastTs,
///       digest, chain, by, detail }
///
/// `chain` is SHA-256(previous chain ‖ this document's bytes without the element `chain`).
struct LedgerEntry: Sendable {
    /// Why there is an entry.
    enum Kind: String, Sendable {
        /// Documents, or a moved position.
        case batch
        /// The first position of the stream, or of a new beginning after its position was deleted.
        case start
        /// The settings that decide what is stored were changed.
        case settings
        /// The position was changed by hand.
        case `operator`
    }

    var stream: String
    var sequence: Int64
    var kind: Kind
    var at: Int64
    var previous: String
    var next: String
    var transactions: Int64
    var events: Int64
    var times: ClosedRange<Int64>?
    var digest: [UInt8]
    var by: String
    /// Documents of a large transaction that were stored by this entry and those before it.
    var partial: StoredOffset.Partial?
    /// How many of `events` were stored by earlier entries, or before the ledger.
    var existing: Int64 = 0
    /// How many of the documents are gaps.
    var gaps: Int64 = 0
    /// The settings that were changed; of a start those that it begins with.
    var changes: [RecordedSettings.Change] = []
    /// What happened, in words.
    var reason: String?

    /// The stored bytes and the chain value that the next entry continues.
    func encoded(after tip: LedgerTip) -> (document: [UInt8], chain: [UInt8]) {
        let chain = LedgerChain.value(after: tip.chain, canonical: bytes(chain: nil))
        return (bytes(chain: chain), chain)
    }

    private func bytes(chain: [UInt8]?) -> [UInt8] {
        BSONWriter.document { entry in
            entry.append("_id", string: "\(stream)/\(sequence)")
            entry.append("stream", string: stream)
            entry.append("seq", int64: sequence)
            entry.append("kind", string: kind.rawValue)
            entry.append("at", utcDateTime: at)
            entry.append("prev", string: previous)
            entry.append("next", string: next)
            entry.append("transactions", int64: transactions)
            entry.append("events", int64: events)
            if let times {
                entry.append("firstTs", utcDateTime: times.lowerBound)
                entry.append("lastTs", utcDateTime: times.upperBound)
            } else {
                entry.appendNull("firstTs")
                entry.appendNull("lastTs")
            }
            entry.append("digest", binary: digest)
            if let chain { entry.append("chain", binary: chain) }
            entry.append("by", string: by)
            entry.append("detail") { detail in
                if let partial {
                    detail.append("gtid", string: partial.gtid)
                    detail.append("rows", int64: partial.rows)
                }
                if existing > 0 { detail.append("existing", int64: existing) }
                if gaps > 0 { detail.append("gaps", int64: gaps) }
                changes.append(to: &detail)
                if let reason { detail.append("reason", string: reason) }
            }
        }
    }
}

/// The end of the ledger, which the next entry continues.
struct LedgerTip: Sendable, Equatable {
    /// 0 before the first entry.
    var sequence: Int64 = 0
    /// Empty before the first entry.
    var chain: [UInt8] = []
    /// Where the last entry ends; nil before the first.
    var position: Position?
}
