import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// What a run that nothing disturbed stored, to hold others against.
struct UndisturbedTrail {
    /// One stored document and its place in the source's log.
    struct Document {
        let id: String
        let gtid: String
        let place: (file: String, position: Int64, row: Int64)
        let bytes: [UInt8]

        init(_ document: BSONDocument) throws {
            id = try #require(try document.string("_id"))
            gtid = try #require(try document.string("src", "gtid"))
            place = (
                try #require(try document.string("src", "binlog", "file")),
                try #require(try document.integer("src", "binlog", "pos")),
                try #require(try document.integer("src", "row"))
            )
            bytes = document.bytes
        }
    }

    /// In the order of the source.
    let documents: [Document]
    /// The values outside of documents: the digest of each by its name.
    let blobs: [String: [UInt8]]
    let gtid: String
    let transactions: Int64

    /// - Parameter trail: of a run that ended; it is damaged, to see that the comparison sees that, and dropped.
    init(_ trail: AuditTrail) throws {
        let offset = try #require(try trail.offset())
        documents = try Self.ordered(try trail.rowChanges())
        blobs = try Self.blobs(trail)
        gtid = try #require(offset["gtid"]?.text)
        transactions = try #require(offset["transactions"]?.number)
        #expect(try problems(of: trail).isEmpty)
        let middle = documents[documents.count / 2].id
        try trail.damage(middle)
        #expect(try problems(of: trail).contains("\(middle) has another content"))
        try trail.delete(middle)
        #expect(try problems(of: trail).contains { $0.contains("missing [\"\(middle)\"]") })
        try trail.drop()
    }

    /// What does not hold of a trail that should hold the same; empty when all does.
    func problems(of trail: AuditTrail) throws -> [String] {
        var problems: [String] = []
        func check(_ holds: Bool, _ problem: @autoclosure () -> String) {
            if !holds { problems.append(problem()) }
        }
        let found = try Self.ordered(try trail.rowChanges())
        check(found.map(\.id) == documents.map(\.id), difference(found.map(\.id)))
        for (one, other) in zip(found, documents) where one.id == other.id {
            check(one.bytes == other.bytes, "\(one.id) has another content")
        }
        check(try Self.blobs(trail) == blobs, "\(SweepWorkload.blobs) holds other values")
        let offset = try trail.offset()
        check(offset?["gtid"]?.text == gtid, "the position is \(offset.map { "\($0)" } ?? "none")")
        check(offset?["partial"] == nil, "a transaction is left in its middle")
        let counts = (offset?["events"]?.number, offset?["transactions"]?.number)
        check(
            counts == (Int64(documents.count), transactions),
            "the position counts \(counts), not \(documents.count) and \(transactions)")
        let owner = offset?["lease"]?["owner"]
        check(owner == nil || owner == .null, "the lease was not given back")
        let staging = try trail.stagingStatuses()
        check(Set(staging.keys).isSubset(of: ["committed"]), "staging holds \(staging)")
        do {
            let ledger = try trail.ledger()
            check(
                ledger.events == documents.count && ledger.transactions == Int(transactions),
                "the ledger counts \(ledger.events) events, \(ledger.transactions) transactions")
        } catch {
            problems.append("\(error)")
        }
        var digests = try LedgerDigests(found.map { ($0.gtid, $0.bytes) })
        try digests.check(try trail.ledgerEntries())
        return problems + digests.problems
    }

    private func difference(_ found: [String]) -> String {
        let missing = Set(documents.map(\.id)).subtracting(found).sorted()
        let foreign = Set(found).subtracting(documents.map(\.id)).sorted()
        return
            "\(found.count) documents instead of \(documents.count); missing \(missing.prefix(5)),"
            + " more \(foreign.prefix(5))"
    }

    private static func blobs(_ trail: AuditTrail) throws -> [String: [UInt8]] {
        var chunks: [String: [(id: String, bytes: [UInt8])]] = [:]
        for chunk in try trail.documents(SweepWorkload.blobs) {
            let blob = try #require(try chunk.string("files_id"))
            let id = try #require(try chunk.string("_id"))
            chunks[blob, default: []].append((id, try #require(try chunk.binary("data"))))
        }
        return chunks.mapValues { chunks in
            let stream = SHA256Stream()
            for chunk in chunks.sorted(by: { $0.id < $1.id }) {
                chunk.bytes.withUnsafeBytes { stream.update($0) }
            }
            return stream.finish()
        }
    }

    private static func ordered(_ documents: [BSONDocument]) throws -> [Document] {
        try documents.map(Document.init).sorted { $0.place < $1.place }
    }
}
