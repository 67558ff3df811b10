import BinlogProtocol
import Testing

@testable import MongoSink

/// Holds each entry of the ledger against the stored documents that it counts.
struct LedgerDigests {
    /// What does not hold.
    private(set) var problems: [String] = []
    /// The documents of each transaction in their order, the transactions in the order of the source.
    private var transactions: [(gtid: GTIDSet, documents: [[UInt8]])] = []
    private var done = 0
    private var partial: (gtid: String, rows: Int) = ("", 0)

    /// - Parameter documents: all of them in the order of the source, with their transactions.
    init(_ documents: [(gtid: String, bytes: [UInt8])]) throws {
        var last = ""
        for (gtid, bytes) in documents {
            if gtid != last { transactions.append((try GTIDSet(parsing: gtid), [])) }
            last = gtid
            transactions[transactions.count - 1].documents.append(bytes)
        }
    }

    /// Checks all entries, in their order.
    mutating func check(_ entries: [BSONDocument]) throws {
        for entry in entries { try check(entry) }
        if done < transactions.count {
            problems.append("the ledger does not count \(transactions[done].gtid)")
        }
    }

    private mutating func check(_ entry: BSONDocument) throws {
        let id = try #require(try entry.string("_id"))
        let before = try GTIDSet(parsing: try #require(try entry.string("prev")))
        let new = try GTIDSet(parsing: try #require(try entry.string("next")))
            .subtracting(before)
        let repeated = try entry.integer("detail", "existing") ?? 0 > 0
        var covered: [[UInt8]] = []
        while done < transactions.count, transactions[done].gtid.isSubset(of: new) {
            let (gtid, documents) = transactions[done]
            let stored = !repeated && gtid.description == partial.gtid ? partial.rows : 0
            covered += documents.dropFirst(stored)
            done += 1
        }
        if let gtid = try entry.string("detail", "gtid"),
            let rows = try entry.integer("detail", "rows").map(Int.init), done < transactions.count,
            transactions[done].gtid == (try GTIDSet(parsing: gtid))
        {
            let stored = partial.gtid == gtid && !repeated ? partial.rows : 0
            covered += transactions[done].documents.prefix(rows).dropFirst(stored)
            partial = (gtid, rows)
        }
        let bytes = Array(covered.joined())
        if try entry.integer("events") != Int64(covered.count) {
            problems.append(
                "\(id) counts other documents than the \(covered.count) that are stored")
        } else if try entry.binary("digest") != SHA256.digest(bytes[...]) {
            problems.append("\(id) has another digest than its \(covered.count) documents")
        }
    }
}
