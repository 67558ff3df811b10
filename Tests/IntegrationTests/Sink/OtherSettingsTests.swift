import BinlogProtocol
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import MongoSink

extension SinkTests {
    /// Work that was staged with other settings than those that decide what is stored now.
    @Suite struct OtherSettings {
        private let proxy: MongoCommandProxy
        private let fixture: SinkFixture
        private let narrow = RecordedSettings(["INCLUDE_REGEX": "a", "TZ": "UTC"])
        private let wide = RecordedSettings(["INCLUDE_REGEX": "a|b", "TZ": "UTC"])

        init() throws {
            proxy = try MongoCommandProxy(to: try Services.standard(.mongo).uri)
            fixture = try SinkFixture(uri: proxy.uri)
        }

        private func started(_ recorded: RecordedSettings) throws -> MongoSink {
            try fixture.started {
                $0.recorded = recorded
                $0.batchSize = 5
                $0.leaseDuration = .seconds(60)
            }
        }

        private func kept() -> [String] {
            fixture.notices.all.compactMap {
                if case .batchKept(_, let reason) = $0 { reason } else { nil }
            }
        }

        @Test(
            "a batch that an instance with another filter staged after it lost its lease is read again",
            arguments: [true, false])
        func lateStaging(_ isNarrowFirst: Bool) throws {
            let (before, after) = isNarrowFirst ? (narrow, wide) : (wide, narrow)
            let first = try started(before)
            try first.submit(try Source.transaction(1, rows: 1))
            while first.progress.events < 1 { Thread.sleep(forTimeInterval: 0.005) }
            let flaws = Locked<[String]>([])
            let isDone = Locked(false)
            proxy.arm { [fixture] moment, command in
                guard moment == .command, command.name == "insert",
                    command.collection == fixture.settings.stagingCollection,
                    isDone.withLock({ done in (done, done = true).0 == false })
                else { return nil }
                // Paused here, while another instance comes and goes, for which the source has nothing.
                do {
                    try fixture.update(
                        fixture.settings.offsetsCollection, id: fixture.settings.streamName
                    ) {
                        $0.append("$set") { $0.appendNull("lease.owner") }
                    }
                    let second = try fixture.started { $0.recorded = after }
                    try second.finish()
                } catch {
                    flaws.withLock { $0.append("\(error)") }
                }
                return nil
            }
            try first.submit(try Source.transaction(2, rows: isNarrowFirst ? 2 : 3))
            #expect(sinkCode { try first.finish() } == .fenced)
            #expect(flaws.withLock { $0 } == [])
            #expect(try fixture.staging().contains { $0.status == "pending" })
            let third = try started(after)
            try #require(third.progress.committed == (try Source.set(1...1)))
            #expect(kept().first?.contains("other settings") == true)
            try third.submit(try Source.transaction(2, rows: isNarrowFirst ? 3 : 2))
            try third.finish()
            let expected = Source.ids(1, rows: 1) + Source.ids(2, rows: isNarrowFirst ? 3 : 2)
            #expect(try fixture.ids() == Set(expected))
            #expect(try third.verifyLedger().events == Int64(expected.count))
            // All that it holds is stored, or what it holds beyond is not wanted any more.
            try started(after).finish()
            #expect(
                try fixture.staging().contains { $0.status == "pending" } == !isNarrowFirst)
            #expect(kept().count == (isNarrowFirst ? 1 : 2))
            #expect(kept().last?.contains("other settings") == true)
            try fixture.dropDatabase()
        }

        /// The transaction 2 in parts of five documents; those of the tables that only the wide filter takes come first.
        private func submitLarge(_ sink: MongoSink, _ recorded: RecordedSettings) throws {
            for row in stride(from: recorded == narrow ? 21 : 1, to: 41, by: 5) {
                let documents = try Source.documents(2, rows: 5, from: row, xid: true)
                try sink.submitChunk(
                    EncodedChunk(
                        gtid: try Source.gtid(2), documents: documents.bytes, ends: documents.ends))
            }
            try sink.finishLarge(try Source.transaction(2, rows: 0), xid: 7)
        }

        /// Ends the sink with the commit of this number.
        private func failCommit(_ number: Int) {
            let commits = Locked(0)
            proxy.arm { [fixture] moment, command in
                guard moment == .command, command.name == "update", command.isInTransaction,
                    command.collection == fixture.settings.offsetsCollection
                else { return nil }
                let count = commits.withLock { count in
                    count += 1
                    return count
                }
                let badValue: Int32 = 2
                return count == number ? .fail(code: badValue) : nil
            }
        }

        @Test(
            "the parts of a large transaction that were staged with another filter are not put behind those of this one",
            arguments: [0, 2, 3])
        func parts(_ committed: Int) throws {
            let first = try started(narrow)
            try first.submit(try Source.transaction(1, rows: 1))
            while first.progress.events < 1 { Thread.sleep(forTimeInterval: 0.005) }
            failCommit(2)
            #expect(
                sinkCode {
                    try submitLarge(first, narrow)
                    try first.finish()
                } == .permanent)
            #expect(try fixture.offset()?.offset?.partial?.rows == 5)
            // One of the parts is lost, so that the transaction has to be read again.
            let second = try #require(
                try fixture.staging().first {
                    try $0.document.integer("chunk", "n") == 2
                })
            _ = try fixture.admin().deleteAll(
                fixture.settings.stagingCollection,
                filter: BSONWriter.document { $0.append("_id", string: second.id) })
            proxy.arm([])
            let wider = try started(wide)
            #expect(wider.progress.committed == (try Source.set(1...1)))
            failCommit(committed + 1)
            #expect(
                sinkCode {
                    try submitLarge(wider, wide)
                    try wider.finish()
                } == .permanent)
            proxy.arm([])
            let last = try started(wide)
            #expect(last.progress.committed == (try Source.set(1...2)))
            try last.finish()
            #expect(
                try fixture.ids() == Set(Source.ids(1, rows: 1) + Source.ids(2, rows: 40)))
            #expect(try fixture.offset()?.offset?.partial == nil)
            #expect(try fixture.offset()?.offset?.events == 41)
            #expect(try last.verifyLedger().events == 41)
            #expect(try last.verifyLedger().transactions == 2)
            // The others are covered now.
            try started(wide).finish()
            #expect(try fixture.staging().allSatisfy { $0.status == "committed" })
            try fixture.dropDatabase()
        }

        @Test("what an older version staged does not say with which settings, and is read again")
        func unknown() throws {
            let first = try started(narrow)
            try first.submit(try Source.transaction(1, rows: 1))
            try first.finish()
            let documents = try Source.documents(2, rows: 3)
            let batch = StagedBatch(
                epoch: 1, sequence: 9, previous: try Source.set(1...1).description,
                next: try Source.set(1...2).description, documents: documents,
                digest: documents.digest, transactions: 1, times: 1...2,
                coordinates: BinlogCoordinates(file: "f", position: 77))
            try StagingCollection(settings: fixture.settings).insert(
                batch, try fixture.admin(), now: 1)
            let second = try started(narrow)
            #expect(second.progress.committed == (try Source.set(1...1)))
            #expect(kept().count == 1)
            try second.submit(try Source.transaction(2, rows: 3))
            try second.finish()
            try started(narrow).finish()
            #expect(try fixture.staging().allSatisfy { $0.status == "committed" })
            #expect(try fixture.ids().count == 4)
            try fixture.dropDatabase()
        }

        @Test(
            "a batch of the settings before is stored ahead of the entry that tells of the change")
        func sameSettings() throws {
            let first = try started(narrow)
            try first.submit(try Source.transaction(1, rows: 1))
            while first.progress.events < 1 { Thread.sleep(forTimeInterval: 0.005) }
            failCommit(1)
            #expect(
                sinkCode {
                    try first.submit(try Source.transaction(2, rows: 2))
                    try first.finish()
                } == .permanent)
            proxy.arm([])
            let second = try started(wide)
            #expect(second.progress.committed == (try Source.set(1...2)))
            try second.finish()
            let kinds = try fixture.documents(fixture.settings.ledgerCollection).map {
                try $0.string("kind")
            }
            #expect(kinds == ["start", "batch", "batch", "settings"])
            try fixture.dropDatabase()
        }
    }
}
