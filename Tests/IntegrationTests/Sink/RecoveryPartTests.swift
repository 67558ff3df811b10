import BinlogProtocol
import Foundation
import Testing

@testable import MongoSink

/// Parts of a large transaction that an earlier run left.
extension SinkTests.Recoveries {
    private func chunk(
        _ number: Int64, rowsBefore: Int64, end: PlaceholderXID.End? = nil
    ) throws -> StagedBatch.Chunk {
        StagedBatch.Chunk(
            gtid: "\(Source.uuid):2", number: number, isLast: end != nil,
            rowsBefore: rowsBefore, end: end)
    }

    @Test func partsWithoutAnEndAreDropped() throws {
        try stage(2, sequence: 9, chunk: try chunk(1, rowsBefore: 0))
        try stage(2, sequence: 10, chunk: try chunk(2, rowsBefore: 3), from: 4)
        #expect(try recover().gtid == Source.set(1...1))
        #expect(try statuses()["1/9"] == nil)
        #expect(try statuses()["1/10"] == nil)
        #expect(try fixture.ids().count == 2)
    }

    @Test func wholePartsAreAppliedAndFinished() throws {
        try stage(2, sequence: 9, chunk: try chunk(1, rowsBefore: 0), xid: true)
        try stage(2, sequence: 10, chunk: try chunk(2, rowsBefore: 3), from: 4, xid: true)
        try stage(
            2, sequence: 11, chunk: try chunk(3, rowsBefore: 6, end: .xid(991)), from: 7,
            xid: true)
        let offset = try recover()
        #expect(offset.gtid == (try Source.set(1...2)))
        #expect(offset.partial == nil)
        #expect(offset.events == 11)
        #expect(offset.transactions == 2)
        let stored = try fixture.documents(fixture.settings.collection)
        #expect(stored.count == 11)
        #expect(try stored.dropFirst(2).allSatisfy { try $0.integer("src", "xid") == 991 })
    }

    @Test func aTransactionWithoutXIDLosesThePlaceholder() throws {
        try stage(2, sequence: 9, chunk: try chunk(1, rowsBefore: 0), xid: true)
        try stage(
            2, rows: 1, sequence: 10, chunk: try chunk(2, rowsBefore: 3, end: .without),
            from: 4,
            xid: true)
        #expect(try recover().gtid == Source.set(1...2))
        for document in try fixture.documents(fixture.settings.collection) {
            #expect(try document.element("src", "xid") == nil)
            try document.validate()
        }
    }

    @Test func anInterruptedTransactionGoesOnBehindItsStoredRows() throws {
        // The first part was committed with `partial`; its staging document has no events any more.
        try fixture.admin().insert(
            try Source.documents(2, rows: 3), into: fixture.settings.collection,
            inTransaction: false)
        try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName) {
            $0.append("$set") {
                $0.append("partial") {
                    $0.append("gtid", string: "\(Source.uuid):2")
                    $0.append("rows", int64: 3)
                }
            }
        }
        try stage(2, sequence: 10, chunk: try chunk(2, rowsBefore: 3), from: 4)
        try stage(
            2, sequence: 11, chunk: try chunk(3, rowsBefore: 6, end: .finished), from: 7)
        let offset = try recover()
        #expect(offset.gtid == (try Source.set(1...2)))
        #expect(offset.partial == nil)
        #expect(try fixture.ids().count == 11)
    }

    @Test func aMissingPartKeepsTheOthersAndTheTransactionComesAgain() throws {
        try fixture.admin().insert(
            try Source.documents(2, rows: 3), into: fixture.settings.collection,
            inTransaction: false)
        try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName) {
            $0.append("$set") {
                $0.append("partial") {
                    $0.append("gtid", string: "\(Source.uuid):2")
                    $0.append("rows", int64: 3)
                }
            }
        }
        try stage(
            2, sequence: 11, chunk: try chunk(3, rowsBefore: 6, end: .finished), from: 7)
        let sink = try fixture.started()
        #expect(try statuses()["1/11"] == "pending")
        #expect(kept().first?.contains("behind row 3") == true)
        // Another transaction may come first; what is known of the interrupted one stays.
        try sink.submit(try Source.transaction(3, rows: 1))
        while sink.progress.events < 1 { Thread.sleep(forTimeInterval: 0.005) }
        #expect(try fixture.offset()?.offset?.partial?.rows == 3)
        try sink.submit(try Source.transaction(2, rows: 9))
        try sink.finish()
        #expect(try fixture.ids().count == 12)
        #expect(try fixture.offset()?.offset?.partial == nil)
        #expect(try fixture.offset()?.offset?.gtid == Source.set(1...3))
        // 2 before, 1, and the 6 of 9 that were not there.
        #expect(try fixture.offset()?.offset?.events == 9)
        #expect(try sink.verifyLedger().events == 9)
        // Now the kept part is covered.
        _ = try recover()
        #expect(try statuses()["1/11"] == "committed")
    }

    @Test func aDamagedPartIsKeptAndTheTransactionComesAgain() throws {
        try stage(2, sequence: 9, chunk: try chunk(1, rowsBefore: 0))
        try stage(
            2, sequence: 10, chunk: try chunk(2, rowsBefore: 3, end: .finished), from: 4)
        let id = StagedBatch.id(stream: fixture.settings.streamName, epoch: 1, sequence: 10)
        try fixture.update(fixture.settings.stagingCollection, id: id) {
            $0.append("$set") { $0.append("events.1.chg.value.t", int32: 8) }
        }
        let sink = try fixture.started()
        #expect(try fixture.offset()?.offset?.partial?.rows == 3)
        #expect(try statuses()["1/10"] == "pending")
        try sink.submit(try Source.transaction(2, rows: 6))
        try sink.finish()
        #expect(try fixture.ids().count == 8)
        #expect(try fixture.offset()?.offset?.events == 8)
        #expect(try sink.verifyLedger().events == 8)
    }

    @Test("[T23] the last part, stored to its end or further by the halves of earlier starts")
    func lastPartBehindItsEnd() throws {
        for rows in [8, 9, 12] as [Int64] {
            let fixture = self.fixture
            try fixture.update(
                fixture.settings.offsetsCollection, id: fixture.settings.streamName
            ) {
                $0.append("$set") {
                    $0.append("partial") {
                        $0.append("gtid", string: "\(Source.uuid):2")
                        $0.append("rows", int64: rows)
                    }
                }
            }
            try stage(
                2, sequence: 12, chunk: try chunk(3, rowsBefore: 6, end: .finished), from: 7)
            #expect(try recover().gtid == Source.set(1...2), "\(rows)")
            #expect(kept().isEmpty)
            #expect(try fixture.ids().count == 5)
            // Once more from where it was.
            let all = BSONWriter.document { _ in }
            _ = try fixture.admin().deleteAll(fixture.settings.stagingCollection, filter: all)
            let set = try Source.set(1...1).description
            try fixture.update(
                fixture.settings.offsetsCollection, id: fixture.settings.streamName
            ) {
                $0.append("$set") { $0.append("gtid", string: set) }
            }
        }
    }

    @Test(
        "[T93] parts of which one cannot be read are not dropped, and the transaction comes again")
    func unreadableLastPart() throws {
        try stage(2, sequence: 9, chunk: try chunk(1, rowsBefore: 0))
        try stage(2, sequence: 10, chunk: try chunk(2, rowsBefore: 3, end: .finished), from: 4)
        let id = StagedBatch.id(stream: fixture.settings.streamName, epoch: 1, sequence: 10)
        try fixture.update(fixture.settings.stagingCollection, id: id) {
            $0.append("$set") { $0.append("format", int32: 2) }
        }
        #expect(try recover().gtid == Source.set(1...1))
        #expect(try statuses()["1/9"] == "pending")
        #expect(try statuses()["1/10"] == "pending")
        #expect(kept().count == 2)
    }

    @Test func partsThatEndElsewhereAreKept() throws {
        try stage(2, sequence: 9, chunk: try chunk(1, rowsBefore: 0, end: .finished)) {
            $0.next = "\(Source.uuid):1-3"
        }
        #expect(try recover().gtid == Source.set(1...1))
        #expect(try statuses()["1/9"] == "pending")
        #expect(kept().count == 1)
    }

    @Test("what a covered transaction rolled back is not missing")
    func coveredPartsWithoutWhatWasUndone() throws {
        let end = PlaceholderXID.End(event: .xid(991), undone: UndoneChanges([2...5]))
        func stageBoth(_ sequence: Int64) throws {
            try stage(2, sequence: sequence, chunk: try chunk(1, rowsBefore: 0), xid: true)
            try stage(
                2, sequence: sequence + 1, chunk: try chunk(2, rowsBefore: 3, end: end), from: 4,
                xid: true)
        }
        try stageBoth(9)
        #expect(try recover().gtid == Source.set(1...2))
        // Staged once more, as if the marks had been lost.
        try stageBoth(19)
        _ = try recover()
        #expect(try statuses()["1/19"] == "committed")
        #expect(try statuses()["1/20"] == "committed")
    }

    @Test func coveredPartsAreMarked() throws {
        try stage(1, rows: 2, sequence: 20) { batch in
            batch.previous = ""
            batch.chunk = StagedBatch.Chunk(
                gtid: "\(Source.uuid):1", number: 1, isLast: true, rowsBefore: 0,
                end: .finished)
        }
        #expect(try recover().gtid == Source.set(1...1))
        #expect(try statuses()["1/20"] == "committed")
        #expect(try fixture.ids().count == 2)
    }
}
