internal import BinlogProtocol

/// Walks the entries of one stream's ledger in order and finds the first that does not continue the one before.
package struct LedgerChain: Sendable {
    /// What is wrong with the ledger, with the sequence number of the entry.
    package enum Flaw: Error, Sendable, Equatable {
        /// An entry is missing before this one.
        case hole(expected: Int64, found: Int64)
        /// The entry's bytes or those of an earlier entry were changed.
        case broken(sequence: Int64)
        /// The first entry is not that of a start.
        case noStart
        /// The entry does not begin where the one before ended.
        case positionJump(sequence: Int64)
        /// The entry is not a document as the sink writes it.
        case unreadable(sequence: Int64)
    }

    /// How many entries were walked.
    package private(set) var count: Int64 = 0
    /// The documents that the entries stored, each counted once.
    package private(set) var events: Int64 = 0
    /// The sum of the entries' `transactions`.
    package private(set) var transactions: Int64 = 0
    private var chain: [UInt8] = []
    private var next: String?

    package init() {}

    /// SHA-256(previous chain ‖ canonical bytes).
    package static func value(after previous: [UInt8], canonical: [UInt8]) -> [UInt8] {
        SHA256.digest(previous[...], canonical[...])
    }

    /// Checks the next entry.
    package mutating func append(_ entry: BSONDocument) throws(Flaw) {
        let expected = count + 1
        let fields: Fields
        do {
            fields = try Fields(entry)
        } catch {
            throw .unreadable(sequence: expected)
        }
        guard fields.sequence == expected else {
            throw .hole(expected: expected, found: fields.sequence)
        }
        guard fields.chain == Self.value(after: chain, canonical: fields.canonical) else {
            throw .broken(sequence: expected)
        }
        if let next {
            guard fields.previous == next else { throw .positionJump(sequence: expected) }
        } else if fields.kind != LedgerEntry.Kind.start.rawValue {
            throw .noStart
        }
        count = expected
        chain = fields.chain
        next = fields.next
        events &+= fields.events &- fields.existing
        transactions &+= fields.transactions
    }

    private struct Fields {
        let sequence: Int64
        let kind: String
        let previous: String
        let next: String
        let events: Int64
        let existing: Int64
        let transactions: Int64
        let chain: [UInt8]
        let canonical: [UInt8]

        init(_ entry: BSONDocument) throws {
            func required<T>(_ value: T?) throws(DecodingError) -> T {
                guard let value else {
                    throw DecodingError(.invalid("ledger entry"), at: entry.range.lowerBound)
                }
                return value
            }
            sequence = try required(entry.integer("seq"))
            kind = try required(entry.string("kind"))
            previous = try required(entry.string("prev"))
            next = try required(entry.string("next"))
            events = try required(entry.integer("events"))
            existing = try entry.integer("detail", "existing") ?? 0
            transactions = try required(entry.integer("transactions"))
            // The chain does not cover itself, so nothing in its element may be left unchecked.
            let element = try required(entry.element("chain"))
            _ = try required(element.binarySubtype == BSONBinarySubtype.generic.rawValue ? 0 : nil)
            chain = try Array(required(element.binary))
            canonical = try entry.removing("chain")
        }
    }
}
