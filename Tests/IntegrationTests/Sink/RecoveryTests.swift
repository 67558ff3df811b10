import BinlogProtocol
import Foundation
import Testing

@testable import MongoSink

extension SinkTests {
    /// What an earlier run left in staging, case by case.
    @Suite struct Recoveries {
        private let fixture: SinkFixture

        init() throws {
            fixture = try SinkFixture()
            let sink = try fixture.started()
            try sink.submit(try Source.transaction(1, rows: 2))
            try sink.finish()
        }

        /// A batch of one transaction as a run of `epoch` would have staged it.
        private func stage(
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

        private func recover() throws -> StoredOffset {
            let sink = try fixture.sink()
            try sink.acquireLease()
            let offset = try #require(try sink.recover())
            try sink.finish()
            _ = try sink.verifyLedger()
            return offset
        }

        private func statuses() throws -> [String: String] {
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
        }

        @Test func aBatchWhoseDocumentsAreThereIsMerged() throws {
            try stage(2, sequence: 9)
            try fixture.admin().insert(
                try Source.documents(2, rows: 2), into: fixture.settings.collection,
                inTransaction: false)
            #expect(try recover().gtid == Source.set(1...2))
            #expect(try fixture.ids().count == 5)
        }

        @Test func aBatchThatDoesNotContinueIsKept() throws {
            try stage(5, sequence: 9)
            #expect(try recover().gtid == Source.set(1...1))
            #expect(try statuses()["1/9"] == "pending")
            #expect(try fixture.ids().count == 2)
            #expect(kept().count == 1)
        }

        private func kept() -> [String] {
            fixture.notices.all.compactMap {
                if case .batchKept(_, let reason) = $0 { reason } else { nil }
            }
        }

        enum Damage: CaseIterable {
            case digest, count, format, missingEvents, next
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

        // MARK: Parts of a large transaction

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
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
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

        @Test func aMissingPartDropsTheOthersAndTheTransactionComesAgain() throws {
            try fixture.admin().insert(
                try Source.documents(2, rows: 3), into: fixture.settings.collection,
                inTransaction: false)
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
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
            #expect(try statuses()["1/11"] == nil)
            // Another transaction may come first; what is known of the interrupted one stays.
            try sink.submit(try Source.transaction(3, rows: 1))
            while sink.progress.events < 1 { Thread.sleep(forTimeInterval: 0.005) }
            #expect(try fixture.offset()?.offset?.partial?.rows == 3)
            try sink.submit(try Source.transaction(2, rows: 9))
            try sink.finish()
            #expect(try fixture.ids().count == 12)
            #expect(try fixture.offset()?.offset?.partial == nil)
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...3))
            _ = try sink.verifyLedger()
        }

        @Test func coveredPartsAreMarked() throws {
            try stage(1, sequence: 20) { batch in
                batch.previous = ""
                batch.chunk = StagedBatch.Chunk(
                    gtid: "\(Source.uuid):1", number: 2, isLast: true, rowsBefore: 2,
                    end: .finished)
            }
            #expect(try recover().gtid == Source.set(1...1))
            #expect(try statuses()["1/20"] == "committed")
            #expect(try fixture.ids().count == 2)
        }
    }
}
