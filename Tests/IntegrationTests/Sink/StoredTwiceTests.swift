import BinlogProtocol
import Foundation
import Testing

@testable import MongoSink

extension SinkTests {
    /// What is stored already and comes again: after a position set back, a lost commit, from a server with another row image.
    @Suite struct StoredTwice {
        private let fixture: SinkFixture

        init() throws { fixture = try SinkFixture() }

        private func store(_ numbers: ClosedRange<Int64>) throws {
            let sink = try fixture.started()
            for number in numbers where !sink.progress.committed.contains(try Source.gtid(number)) {
                try sink.submit(try Source.transaction(number, rows: 2))
            }
            try sink.finish()
        }

        private func setPosition(_ last: Int64) throws {
            let set = try Source.set(1...last).description
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
                $0.append("$set") { $0.append("gtid", string: set) }
            }
        }

        @Test("[T11] a position set back by hand: everything comes again and is there once")
        func setBack() throws {
            try store(1...6)
            let before = try fixture.documents(fixture.settings.collection).map(\.bytes)
            try setPosition(3)
            try store(1...6)
            #expect(try fixture.documents(fixture.settings.collection).map(\.bytes) == before)
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...6))
            #expect(try fixture.offset()?.offset?.events == 12)
            #expect(try fixture.sink().verifyLedger().events == 12)
        }

        @Test(
            "[T12] a stored document that was altered by hand is found when it comes again, and stays as it is"
        )
        func altered() throws {
            try store(1...6)
            try fixture.update(fixture.settings.collection, id: "\(Source.uuid):5/2") {
                $0.append("$set") { $0.append("chg.value.t", int32: 8) }
            }
            try setPosition(3)
            var failure: SinkError?
            do {
                try store(1...6)
            } catch {
                failure = error as? SinkError
            }
            #expect(failure?.code == .integrity)
            #expect(failure?.sentence.contains("\(Source.uuid):5/2") == true)
            let stored = try fixture.documents(fixture.settings.collection).first {
                try $0.string("_id") == "\(Source.uuid):5/2"
            }
            #expect(try stored?.integer("chg", "value", "t") == 8)
        }

        @Test(
            "[T43] an election that loses the last commit: the writer stops, and the next start stores it again"
        )
        func lostCommit() throws {
            try store(1...3)
            let sink = try fixture.started { $0.leaseDuration = .seconds(60) }
            let collections = [
                fixture.settings.collection, fixture.settings.offsetsCollection,
                fixture.settings.ledgerCollection, fixture.settings.stagingCollection,
            ]
            let before = try collections.map { try fixture.documents($0) }
            try sink.submit(try Source.transaction(4, rows: 2))
            while sink.progress.events < 2 { Thread.sleep(forTimeInterval: 0.005) }
            // The new primary never had it.
            for (collection, documents) in zip(collections, before) {
                _ = try fixture.admin().deleteAll(
                    collection, filter: BSONWriter.document { _ in })
                var all = DocumentSequence()
                for document in documents { all.append(document.bytes) }
                try fixture.admin().insert(all, into: collection, inTransaction: false)
            }
            #expect(
                sinkCode {
                    try sink.submit(try Source.transaction(5, rows: 2))
                    try sink.finish()
                } == .offsetMismatch)
            #expect(try fixture.ids().count == 6)
            try store(1...6)
            #expect(try fixture.ids().count == 12)
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...6))
            #expect(try fixture.sink().verifyLedger().events == 12)
        }

        @Test(
            "a part that ends just where an interrupted run had come is stored, also when its commit is unknown and did not happen"
        )
        func sameProgress() throws {
            try store(1...1)
            // That run had other filters: none of what it stored of the transaction is there.
            let interrupted = "\(Source.uuid):2"
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
                $0.append("$set") {
                    $0.append("partial") {
                        $0.append("gtid", string: interrupted)
                        $0.append("rows", int64: 3)
                    }
                }
            }
            let sink = try fixture.started { $0.leaseDuration = .seconds(60) }
            try fixture.failPoint(["commitTransaction"], times: 9) {
                $0.append("errorCode", int32: 50)
                Faults.labels(&$0, "UnknownTransactionCommitResult")
            }
            for first in [1, 4] {
                let part = try Source.documents(2, rows: 3, from: first)
                try sink.submitChunk(
                    EncodedChunk(
                        gtid: try Source.gtid(2), documents: part.bytes, ends: part.ends))
            }
            try sink.finishLarge(try Source.transaction(2, rows: 0), xid: nil)
            try sink.finish()
            try fixture.endFailPoint()
            #expect(
                try fixture.ids() == Set(Source.ids(1, rows: 2) + Source.ids(2, rows: 6)))
            #expect(try fixture.offset()?.offset?.partial == nil)
            #expect(try sink.verifyLedger().events == 8)
        }

        /// One update as servers with different row images tell it.
        private func update(
            _ number: Int64, file: String, old: Int32?, new: Int32 = 7
        ) throws -> EncodedTransaction {
            let id = "\(Source.uuid):\(number)"
            let document = BSONWriter.document {
                $0.append("_id", string: "\(id)/1")
                $0.append("op", string: "u")
                $0.append("meta") { $0.append("pk", int32: 1) }
                $0.append("chg") {
                    $0.append("value") {
                        if let old { $0.append("f", int32: old) }
                        $0.append("t", int32: new)
                    }
                }
                $0.append("src") {
                    $0.append("gtid", string: id)
                    $0.append("row", int32: 1)
                    $0.append("binlog") { $0.append("file", string: file) }
                }
            }
            return EncodedTransaction(
                gtid: try Source.gtid(number), documents: document, ends: [document.count],
                commitTime: 1, file: file, position: 4)
        }

        @Test(
            "[F9 T69] a replica with another row image tells the same: what is stored stays, it is counted and said once"
        )
        func otherImages() throws {
            let primary = try fixture.started()
            for number in 1...3 as ClosedRange<Int64> {
                try primary.submit(try update(number, file: "primary", old: nil))
            }
            try primary.finish()
            let before = try fixture.documents(fixture.settings.collection).map(\.bytes)
            let digests = try fixture.documents(fixture.settings.ledgerCollection).map {
                try $0.binary("digest")
            }
            try setPosition(1)
            let replica = try fixture.started { $0.batchSize = 1 }
            for number in 2...3 as ClosedRange<Int64> {
                try replica.submit(try update(number, file: "replica", old: 5))
            }
            try replica.submit(try update(4, file: "replica", old: 5))
            try replica.finish()
            let after = try fixture.documents(fixture.settings.collection)
            #expect(Array(after.map(\.bytes).prefix(3)) == before)
            #expect(after.count == 4)
            #expect(replica.progress.otherImages == 2)
            let told = fixture.notices.all.filter {
                if case .otherImages = $0 { true } else { false }
            }
            #expect(told == [.otherImages(documents: 1, id: "\(Source.uuid):2/1")])
            // The ledger says again what stands there, and not what came.
            let entries = try fixture.documents(fixture.settings.ledgerCollection)
            #expect(try entries.prefix(digests.count).map { try $0.binary("digest") } == digests)
            let second = try #require(
                try after.first { try $0.string("_id") == "\(Source.uuid):2/1" })
            #expect(
                try entries.contains {
                    try $0.integer("detail", "existing") == 1
                        && $0.binary("digest") == SHA256.digest(second.bytes[...])
                })
            #expect(try replica.verifyLedger().events == 4)
            // A value that differs is an incident, whatever the image.
            try setPosition(1)
            let wrong = try fixture.started()
            try wrong.submit(try update(2, file: "other", old: 5, new: 8))
            #expect(sinkCode { try wrong.finish() } == .integrity)
        }
    }
}
