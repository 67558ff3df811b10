import BinlogProtocol
import Foundation
import Testing

@testable import MongoSink

extension SinkTests {
    /// What an earlier run left in staging, case by case.
    @Suite struct Recoveries {
        let fixture: SinkFixture

        init() throws {
            fixture = try SinkFixture()
            let sink = try fixture.started()
            try sink.submit(try Source.transaction(1, rows: 2))
            try sink.finish()
        }

        /// A batch of one transaction as a run of `epoch` would have staged it.
        func stage(
            _ number: Int64, rows: Int = 3, epoch: Int64 = 1, sequence: Int64,
            chunk: StagedBatch.Chunk? = nil, from first: Int = 1, xid: Bool = false,
            _ change: (inout StagedBatch) -> Void = { _ in }
        ) throws {
            let documents = try Source.documents(number, rows: rows, from: first, xid: xid)
            let ends = chunk?.isLast ?? true
            var batch = StagedBatch(
                epoch: epoch, sequence: sequence, previous: try set(number - 1),
                next: try set(ends ? number : number - 1), documents: documents,
                digest: documents.digest, chunk: chunk, transactions: ends ? 1 : 0,
                times: 1_700_000_000_000...1_700_000_000_000 + number,
                coordinates: BinlogCoordinates(file: "mysql-bin.000002", position: 77))
            change(&batch)
            try StagingCollection(settings: fixture.settings).insert(
                batch, try fixture.admin(), now: 1)
        }

        private func set(_ last: Int64) throws -> String {
            last == 0 ? "" : try Source.set(1...last).description
        }

        func recover() throws -> StoredOffset {
            let sink = try fixture.sink()
            try sink.acquireLease()
            let offset = try #require(try sink.recover())
            try sink.finish()
            _ = try sink.verifyLedger()
            return offset
        }

        func statuses() throws -> [String: String] {
            var statuses: [String: String] = [:]
            for staged in try fixture.staging() {
                let parts = staged.id.split(separator: "/").suffix(2)
                statuses[parts.joined(separator: "/")] = staged.status
            }
            return statuses
        }

        @Test func nothingPendingIsNothingToDo() throws {
            #expect(try recover().gtid == Source.set(1...1))
            #expect(fixture.notices.all.contains(.recovering(batches: 0)))
        }

        @Test func pendingBatchesAreAppliedInTheirOrder() throws {
            // As numbers: "10" comes before "9" as text.
            try stage(4, sequence: 11)
            try stage(3, sequence: 10)
            try stage(2, sequence: 9)
            let offset = try recover()
            #expect(offset.gtid == (try Source.set(1...4)))
            #expect(offset.transactions == 4)
            #expect(offset.events == 11)
            #expect(offset.file == "mysql-bin.000002")
            #expect(fixture.notices.all.contains(.recovering(batches: 3)))
            #expect(try fixture.ids().count == 11)
            #expect(try statuses().values.allSatisfy { $0 == "committed" })
        }

        @Test func aCoveredBatchIsMarked() throws {
            try stage(1, rows: 2, epoch: 1, sequence: 40) { $0.previous = "" }
            #expect(try recover().gtid == Source.set(1...1))
            #expect(try statuses()["1/40"] == "committed")
            #expect(try fixture.ids().count == 2)
            #expect(kept().isEmpty)
        }

        @Test(arguments: [0, 1])
        func aCoveredBatchWhoseDocumentsAreMissingIsKept(_ stored: Int) throws {
            // Someone set the position forward.
            try stage(2, sequence: 9)
            if stored > 0 {
                try fixture.admin().insert(
                    try Source.documents(2, rows: stored), into: fixture.settings.collection,
                    inTransaction: false)
            }
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
                let set = "\(Source.uuid):1-5"
                $0.append("$set") { $0.append("gtid", string: set) }
            }
            #expect(try recover().gtid == Source.set(1...5))
            #expect(try statuses()["1/9"] == "pending")
            #expect(kept().first?.contains("\(3 - stored) of its 3 documents") == true)
        }

        @Test func withoutAPositionPendingBatchesAreCountedAndKept() throws {
            try stage(2, sequence: 9)
            try stage(3, sequence: 10)
            let all = BSONWriter.document { _ in }
            _ = try fixture.admin().deleteAll(fixture.settings.offsetsCollection, filter: all)
            let sink = try fixture.sink()
            try sink.acquireLease()
            #expect(try sink.recover() == nil)
            #expect(fixture.notices.all.contains(.recovering(batches: 2)))
            #expect(kept().count == 2)
            try sink.finish()
            #expect(try statuses().values.filter { $0 == "pending" }.count == 2)
        }

        @Test func aBatchThatMovesThePositionPastOthersIsKept() throws {
            try stage(2, sequence: 9) { $0.next = "\(Source.uuid):1-3" }
            try stage(2, sequence: 10) { $0.transactions = 2 }
            #expect(try recover().gtid == Source.set(1...1))
            #expect(try statuses().values.filter { $0 == "pending" }.count == 2)
            #expect(kept().count == 2)
        }

        @Test func aBatchWhoseDocumentsAreThereIsMerged() throws {
            try stage(2, sequence: 9)
            try fixture.admin().insert(
                try Source.documents(2, rows: 2), into: fixture.settings.collection,
                inTransaction: false)
            let offset = try recover()
            #expect(offset.gtid == (try Source.set(1...2)))
            // Two of its three documents were no news.
            #expect(offset.events == 3)
            #expect(try fixture.ids().count == 5)
        }

        @Test func aBatchThatDoesNotContinueIsKept() throws {
            try stage(5, sequence: 9)
            #expect(try recover().gtid == Source.set(1...1))
            #expect(try statuses()["1/9"] == "pending")
            #expect(try fixture.ids().count == 2)
            #expect(kept().count == 1)
        }

        func kept() -> [String] {
            fixture.notices.all.compactMap {
                if case .batchKept(_, let reason) = $0 { reason } else { nil }
            }
        }

        enum Damage: CaseIterable {
            case digest, count, format, missingEvents, next, position, transactions
        }

        @Test(arguments: Damage.allCases)
        func aDamagedBatchIsKeptAndNotApplied(_ damage: Damage) throws {
            try stage(2, sequence: 9)
            let id = StagedBatch.id(stream: fixture.settings.streamName, epoch: 1, sequence: 9)
            try fixture.update(fixture.settings.stagingCollection, id: id) {
                switch damage {
                case .digest:
                    $0.append("$set") { $0.append("events.1.chg.value.t", int32: 8) }
                case .count: $0.append("$set") { $0.append("eventCount", int64: 4) }
                case .format: $0.append("$set") { $0.append("format", int32: 2) }
                case .missingEvents: $0.append("$unset") { $0.append("events", string: "") }
                case .position:
                    let set = "\(Source.uuid):1-3"
                    $0.append("$set") { $0.append("next", string: set) }
                case .transactions:
                    $0.append("$set") { $0.append("source.transactions", int64: 2) }
                case .next: $0.append("$set") { $0.append("next", string: "no set") }
                }
            }
            #expect(try recover().gtid == Source.set(1...1))
            #expect(try statuses()["1/9"] == "pending")
            #expect(try fixture.ids().count == 2)
            #expect(kept().count == 1)
        }

        @Test func aDifferentStoredDocumentStopsTheStart() throws {
            try stage(2, sequence: 9)
            try fixture.admin().insert(
                try Source.documents(2, rows: 1, value: 99), into: fixture.settings.collection,
                inTransaction: false)
            let sink = try fixture.sink()
            try sink.acquireLease()
            #expect(sinkCode { _ = try sink.recover() } == .integrity)
            #expect(try statuses()["1/9"] == "pending")
        }
    }
}
