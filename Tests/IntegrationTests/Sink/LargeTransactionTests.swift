import BinlogProtocol
import Foundation
import Testing

@testable import MongoSink

extension SinkTests {
    @Suite struct LargeTransactions {
        private let fixture: SinkFixture

        init() throws { fixture = try SinkFixture() }

        private func chunk(_ number: Int64, rows: Int, from first: Int) throws -> EncodedChunk {
            let documents = try Source.documents(number, rows: rows, from: first, xid: true)
            return EncodedChunk(
                gtid: try Source.gtid(number), documents: documents.bytes, ends: documents.ends)
        }

        @Test func partsAreAppliedAfterTheEndAndBetweenTheirNeighbours() throws {
            let sink = try fixture.started()
            try sink.submit(try Source.transaction(1, rows: 2))
            for part in 0..<5 {
                try sink.submitChunk(try chunk(2, rows: 10, from: part * 10 + 1))
            }
            while sink.progress.heldBytes > 0 { Thread.sleep(forTimeInterval: 0.005) }
            #expect(try fixture.ids().count == 2)
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...1))
            try sink.finishLarge(
                try Source.transaction(2, rows: 3, from: 51, xid: true), xid: 4711)
            try sink.submit(try Source.transaction(3, rows: 2))
            try sink.finish()
            #expect(try fixture.ids().count == 57)
            let offset = try #require(try fixture.offset()?.offset)
            #expect(offset.gtid == (try Source.set(1...3)))
            #expect(offset.partial == nil)
            #expect(offset.transactions == 3)
            let ledger = try sink.verifyLedger()
            #expect(ledger.events == 57)
            #expect(ledger.transactions == 3)
            let stored = try fixture.documents(fixture.settings.collection)
            #expect(try stored.filter { try $0.integer("src", "xid") == 4711 }.count == 53)
            #expect(sink.progress.events == 57)
        }

        @Test func rollbackDropsThePartsAndMovesOn() throws {
            let sink = try fixture.started()
            try sink.submitChunk(try chunk(1, rows: 10, from: 1))
            try sink.submitChunk(try chunk(1, rows: 10, from: 11))
            try sink.discardLarge(try Source.transaction(1, rows: 0))
            try sink.submit(try Source.transaction(2, rows: 1))
            try sink.finish()
            #expect(try fixture.ids() == Set(Source.ids(2, rows: 1)))
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...2))
            #expect(try fixture.staging().count == 1)
            #expect(try sink.verifyLedger().transactions == 2)
        }

        @Test func whatWasRolledBackAfterItWasStagedIsLeftOut() throws {
            let sink = try fixture.started()
            for part in 0..<4 {
                try sink.submitChunk(try chunk(1, rows: 5, from: part * 5 + 1))
            }
            // The second part is empty then, the first and third are cut.
            try sink.finishLarge(
                try Source.transaction(1, rows: 0), xid: 7, undone: [4...12, 20...20])
            try sink.finish()
            let expected = Source.ids(1, rows: 20).enumerated().filter { index, _ in
                !(4...12).contains(index + 1) && index + 1 != 20
            }
            #expect(try fixture.ids() == Set(expected.map(\.element)))
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...1))
            #expect(try sink.verifyLedger().events == 10)
            #expect(try fixture.staging().allSatisfy { $0.status == "committed" })
        }

        @Test func anAbandonedTransactionCanComeAgain() throws {
            let sink = try fixture.started()
            try sink.abandonLarge()
            try sink.submitChunk(try chunk(1, rows: 10, from: 1))
            try sink.abandonLarge()
            #expect(sink.progress.committed.isEmpty)
            try sink.submitChunk(try chunk(1, rows: 4, from: 1))
            try sink.finishLarge(try Source.transaction(1, rows: 0), xid: nil)
            try sink.finish()
            #expect(try fixture.ids() == Set(Source.ids(1, rows: 4)))
            #expect(try fixture.staging().allSatisfy { $0.status == "committed" })
        }

        @Test func anUnfinishedTransactionIsGoneAfterTheEnd() throws {
            let sink = try fixture.started()
            try sink.submit(try Source.transaction(1, rows: 1))
            try sink.submitChunk(try chunk(2, rows: 10, from: 1))
            try sink.finish()
            #expect(try fixture.ids() == Set(Source.ids(1, rows: 1)))
            #expect(try fixture.staging().map(\.status) == ["committed"])
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...1))
        }

        @Test func partsOfAnEarlierLifeAreNotTakenForItsOwn() throws {
            // Killed in the middle of a large transaction; then someone deletes the position to start afresh,
            // so that epochs, and with them the ids of staged batches, are counted again.
            let first = try fixture.started()
            for part in 0..<4 {
                try first.submitChunk(try chunk(1, rows: 5, from: part * 5 + 1))
            }
            while first.progress.heldBytes > 0 { Thread.sleep(forTimeInterval: 0.005) }
            first.cancel()
            _ = sinkCode { try first.finish() }
            try fixture.admin().run(
                BSONWriter.document {
                    $0.append("delete", string: fixture.settings.offsetsCollection)
                    $0.appendArray("deletes") {
                        $0.append(BSONKey(index: 0)) {
                            $0.append("q") { $0.append("_id", string: fixture.settings.streamName) }
                            $0.append("limit", int32: 1)
                        }
                    }
                }, .plain, operation: "delete the position")
            let second = try fixture.started()
            for part in 0..<4 {
                try second.submitChunk(try chunk(2, rows: 5, from: part * 5 + 1))
            }
            try second.finishLarge(try Source.transaction(2, rows: 0), xid: 9)
            try second.finish()
            #expect(try fixture.ids() == Set(Source.ids(2, rows: 20)))
        }

        @Test("[T17] a writer that was paused finds its parts applied by another: it is fenced")
        func partsThatAnotherInstanceApplied() throws {
            let first = try fixture.started { $0.leaseDuration = .seconds(60) }
            for part in 0..<2 {
                try first.submitChunk(try chunk(1, rows: 5, from: part * 5 + 1))
            }
            while first.progress.heldBytes > 0 { Thread.sleep(forTimeInterval: 0.005) }
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
                $0.append("$set") {
                    $0.append("lease.owner", string: "other/2")
                    $0.append("lease.epoch", int64: 2)
                }
            }
            for (id, _, _) in try fixture.staging() {
                try fixture.update(fixture.settings.stagingCollection, id: id) {
                    $0.append("$set") { $0.append("status", string: "committed") }
                    $0.append("$unset") { $0.append("events", string: "") }
                }
            }
            let code = sinkCode {
                try first.finishLarge(try Source.transaction(1, rows: 0), xid: 9)
                try first.finish()
            }
            #expect(code == .fenced)
            #expect(try fixture.ids().isEmpty)
        }

        @Test func aWholeTransactionBeyondABatchIsSplit() throws {
            let sink = try fixture.started()
            try sink.submit(try Source.transaction(1, rows: 20, pad: 1 << 20))
            try sink.finish()
            #expect(try fixture.ids().count == 20)
            #expect(try fixture.staging().count > 2)
            #expect(try sink.verifyLedger().transactions == 1)
        }

        @Test func othersInsideALargeTransactionAreRefused() throws {
            let sink = try fixture.started()
            try sink.submitChunk(try chunk(1, rows: 1, from: 1))
            #expect(
                sinkCode { try sink.submit(try Source.transaction(2, rows: 1)) } == .permanent)
            #expect(sinkCode { try sink.submitChunk(try chunk(2, rows: 1, from: 1)) } == .permanent)
            #expect(
                sinkCode { try sink.finishLarge(try Source.transaction(2, rows: 1), xid: 1) }
                    == .permanent)
            try sink.finish()
        }

        @Test(arguments: [1, 3, 5, 6, 8, 10, 13] as [Int32])
        func interruptedAtAnyCommandItIsThereOnce(_ skip: Int32) throws {
            let sink = try fixture.started {
                $0.retryMax = 1
                $0.leaseDuration = .seconds(60)
            }
            // Every command from the n-th on fails, as if the process had been killed there.
            let command = BSONWriter.document {
                $0.append("configureFailPoint", string: "failCommand")
                $0.append("mode") { $0.append("skip", int32: skip) }
                $0.append("data") { data in
                    data.appendArray("failCommands") {
                        for (index, name) in [
                            "insert", "update", "find", "commitTransaction", "delete",
                        ].enumerated() { $0.append(BSONKey(index: index), string: name) }
                    }
                    data.append("appName", string: fixture.settings.applicationName)
                    data.append("closeConnection", bool: true)
                }
            }
            try fixture.admin().run(command, .plain, database: "admin", operation: "fail point")
            let code = sinkCode {
                for part in 0..<3 {
                    try sink.submitChunk(try chunk(1, rows: 5, from: part * 5 + 1))
                }
                try sink.finishLarge(try Source.transaction(1, rows: 0), xid: 9)
                try sink.finish()
            }
            try fixture.endFailPoint()
            #expect(code == .retriesExhausted)
            let again = try fixture.started()
            if !again.progress.committed.contains(try Source.gtid(1)) {
                for part in 0..<3 {
                    try again.submitChunk(try chunk(1, rows: 5, from: part * 5 + 1))
                }
                try again.finishLarge(try Source.transaction(1, rows: 0), xid: 9)
            }
            try again.finish()
            #expect(try fixture.ids() == Set(Source.ids(1, rows: 15)))
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...1))
            #expect(try again.verifyLedger().transactions == 1)
            #expect(try fixture.staging().allSatisfy { $0.status == "committed" })
            let stored = try fixture.documents(fixture.settings.collection)
            #expect(try stored.allSatisfy { try $0.integer("src", "xid") == 9 })
        }
    }
}
