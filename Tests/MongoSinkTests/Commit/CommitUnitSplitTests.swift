import BinlogProtocol
import Testing

@testable import MongoSink

@Suite("[T25] the work of one MongoDB transaction in two")
struct CommitUnitSplitTests {
    private static let uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562"

    /// Documents of the transactions with these numbers, in this order.
    private func documents(_ gtids: [String?]) -> DocumentSequence {
        var documents = DocumentSequence()
        for (index, gtid) in gtids.enumerated() {
            documents.append(
                BSONWriter.document {
                    $0.append("ts", utcDateTime: 1000 + Int64(index))
                    $0.append("src") { src in
                        if let gtid { src.append("gtid", string: gtid) }
                    }
                })
        }
        return documents
    }

    private func unit(
        _ numbers: [Int], transactions: Int64, before: Position? = nil, after: Position? = nil
    ) -> CommitUnit {
        let documents = documents(numbers.map { "\(Self.uuid):\($0)" })
        return CommitUnit(
            documents: documents, digest: documents.digest,
            before: before ?? Position(gtid: "\(Self.uuid):1-10", partial: nil),
            after: after ?? Position(gtid: "\(Self.uuid):1-20", partial: nil),
            transactions: transactions, times: 1000...2000,
            coordinates: BinlogCoordinates(file: "f", position: 4), stagingID: "s/1/1")
    }

    /// What must hold of any two halves.
    private func check(
        _ halves: (first: CommitUnit, second: CommitUnit), of unit: CommitUnit
    ) {
        let (first, second) = halves
        #expect(first.before == unit.before)
        #expect(first.after == second.before)
        #expect(second.after == unit.after)
        #expect(first.transactions + second.transactions == unit.transactions)
        #expect(first.documents.bytes + second.documents.bytes == unit.documents.bytes)
        #expect(first.documents.count + second.documents.count == unit.documents.count)
        #expect(!first.documents.isEmpty && !second.documents.isEmpty)
        #expect(first.digest == first.documents.digest)
        #expect(second.digest == second.documents.digest)
        #expect(first.stagingID == nil && second.stagingID == unit.stagingID)
        #expect(first.coordinates == BinlogCoordinates())
        #expect(second.coordinates == unit.coordinates)
    }

    @Test("at the end of a transaction of the source, those without documents with the second")
    func transactions() throws {
        let unit = unit([11, 11, 11, 13, 14, 14], transactions: 10)
        let halves = try #require(try unit.halves())
        check(halves, of: unit)
        #expect(halves.first.after == Position(gtid: "\(Self.uuid):1-11", partial: nil))
        #expect(halves.first.documents.count == 3)
        #expect(halves.first.transactions == 1)
        #expect(halves.first.times == 1000...1002)
        #expect(halves.second.times == 1003...2000)
        let next = try #require(try halves.second.halves())
        check(next, of: halves.second)
        #expect(next.first.after == Position(gtid: "\(Self.uuid):1-11:13", partial: nil))
    }

    @Test("within one transaction, with what is stored of it in the position")
    func rows() throws {
        let unit = unit([11, 11, 11, 11, 11], transactions: 10)
        let halves = try #require(try unit.halves())
        check(halves, of: unit)
        let partial = { (rows: Int64) in
            Position(
                gtid: "\(Self.uuid):1-10",
                partial: StoredOffset.Partial(gtid: "\(Self.uuid):11", rows: rows))
        }
        #expect(halves.first.after == partial(2))
        #expect(halves.first.transactions == 0)
        let next = try #require(try halves.second.halves())
        check(next, of: halves.second)
        #expect(next.first.after == partial(3))
        #expect(try next.first.halves() == nil)
    }

    @Test("a part of a large transaction stays before the next part")
    func parts() throws {
        func position(_ rows: Int64) -> Position {
            Position(
                gtid: "\(Self.uuid):1-10",
                partial: StoredOffset.Partial(gtid: "\(Self.uuid):11", rows: rows))
        }
        let part = unit(
            [11, 11, 11, 11], transactions: 0, before: position(8), after: position(12))
        let halves = try #require(try part.halves())
        check(halves, of: part)
        #expect(halves.first.after == position(10))
        // Some of its rows were rolled back, some are stored already and among the documents.
        let settled = unit(
            [11, 11, 11, 11], transactions: 0, before: position(11), after: position(13))
        let last = try #require(try settled.halves())
        check(last, of: settled)
        #expect(last.first.after == position(12))
        // The position has no room left, the work has.
        let small = try #require(try last.second.halves())
        check(small, of: last.second)
        #expect(small.first.after == position(12))
        #expect(try small.second.halves() == nil)
    }

    @Test("another transaction that was interrupted stays as it is until it ends")
    func interrupted() throws {
        let other = StoredOffset.Partial(gtid: "\(Self.uuid):13", rows: 5)
        let unit = unit(
            [11, 12, 13, 13, 14, 15], transactions: 5,
            before: Position(gtid: "\(Self.uuid):1-10", partial: other),
            after: Position(gtid: "\(Self.uuid):1-15", partial: nil))
        let halves = try #require(try unit.halves())
        check(halves, of: unit)
        #expect(halves.first.after == Position(gtid: "\(Self.uuid):1-12", partial: other))
        let next = try #require(try halves.second.halves())
        check(next, of: halves.second)
        #expect(next.first.after == Position(gtid: "\(Self.uuid):1-13", partial: nil))
    }

    @Test("MariaDB's position")
    func domains() throws {
        let documents = documents(["0-1-5", "0-1-7", "1-1-3", "1-1-3"])
        let unit = CommitUnit(
            documents: documents, digest: documents.digest,
            before: Position(gtid: "0-1-4", partial: nil),
            after: Position(gtid: "0-1-8,1-1-3", partial: nil), transactions: 5, times: nil,
            coordinates: BinlogCoordinates(), stagingID: "s/1/1")
        let halves = try #require(try unit.halves())
        check(halves, of: unit)
        #expect(halves.first.after == Position(gtid: "0-1-7", partial: nil))
        #expect(halves.second.times == nil)
    }

    @Test("what cannot be smaller")
    func single() throws {
        #expect(try unit([11], transactions: 10).halves() == nil)
        #expect(try unit([], transactions: 10).halves() == nil)
        var foreign = unit([11, 12], transactions: 2)
        foreign.documents = documents([nil, "\(Self.uuid):12"])
        #expect(try foreign.halves() == nil)
        // Fewer transactions than the documents show: nothing is known for sure.
        #expect(try unit([11, 12], transactions: 1).halves() == nil)
        var hostile = unit([11, 11], transactions: 1)
        hostile.before.partial = StoredOffset.Partial(gtid: "\(Self.uuid):11", rows: .max)
        #expect(try hostile.halves() == nil)
        hostile.before.gtid = "no set"
        hostile.before.partial = nil
        hostile.documents = documents(["\(Self.uuid):11", "\(Self.uuid):12"])
        hostile.transactions = 2
        #expect(throws: DecodingError.self) { try hostile.halves() }
    }
}
