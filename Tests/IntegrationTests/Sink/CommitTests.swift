import BinlogProtocol
import Foundation
import Testing

@testable import MongoSink

/// Everything that shares the server's one fail point runs one after another.
@Suite(.serialized)
struct SinkTests {
    @Suite struct Commits {
        @Test func storesDocumentsPositionLedgerAndStagingTogether() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started()
            for number in 1...40 as ClosedRange<Int64> {
                try sink.submit(try Source.transaction(number, rows: number == 7 ? 0 : 3))
            }
            try sink.finish()

            let expected = (1...40 as ClosedRange<Int64>).filter { $0 != 7 }
                .flatMap { Source.ids($0, rows: 3) }
            #expect(try fixture.ids() == Set(expected))
            let offset = try #require(try fixture.offset()?.offset)
            #expect(offset.gtid == (try Source.set(1...40)))
            #expect(offset.events == 117)
            #expect(offset.transactions == 40)
            #expect(offset.position == 4000)
            #expect(offset.file == "mysql-bin.000001")
            #expect(offset.lastEventTime == 1_700_000_000_040)
            #expect(offset.server == SinkFixture.server)
            #expect(try fixture.offset()?.lease?.owner == nil)
            #expect(sink.progress.committed == offset.gtid)
            #expect(sink.progress.events == 117)
            #expect(sink.progress.heldBytes == 0)
            #expect(sink.progress.heldEvents == 0)
            #expect(sink.progress.stagingPending == 0)
            for staged in try fixture.staging() {
                #expect(staged.status == "committed")
                #expect(try staged.document.element("events") == nil)
                let committed = try #require(try staged.document.utcDateTime("committedAt"))
                #expect(
                    try staged.document.utcDateTime("expiresAt") == committed + 7 * 86_400_000)
            }
            let ledger = try sink.verifyLedger()
            #expect(ledger.events == 117)
            #expect(ledger.transactions == 40)
        }

        @Test func aSecondRunContinuesTheLedger() throws {
            let fixture = try SinkFixture()
            for run in 0..<3 as Range<Int64> {
                let sink = try fixture.started()
                for number in (run * 5 + 1)...(run * 5 + 5) {
                    try sink.submit(try Source.transaction(number, rows: 2))
                }
                try sink.finish()
            }
            let sink = try fixture.sink()
            #expect(try sink.verifyLedger().transactions == 15)
            #expect(try fixture.ids().count == 30)
            #expect(try fixture.offset()?.lease?.epoch == 3)
        }

        @Test func batchesEndOnTransactionsAndStayWithinTheirLimits() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started {
                $0.batchSize = 10
                $0.batchBytes = 4096
                $0.memoryLimit = 8192
            }
            for number in 1...60 as ClosedRange<Int64> {
                try sink.submit(try Source.transaction(number, rows: 3))
            }
            try sink.submit(try Source.transaction(61, rows: 25))
            try sink.finish()
            #expect(try fixture.ids().count == 205)
            for staged in try fixture.staging() {
                let count = try #require(try staged.document.integer("eventCount"))
                #expect(count <= 10 || count == 25)
                #expect(count % 3 == 0 || count == 25)
            }
            _ = try sink.verifyLedger()
        }

        @Test func aTransactionWithoutDocumentsMovesThePositionInTime() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started()
            try sink.submit(try Source.transaction(1, rows: 0))
            let deadline = ContinuousClock.now + .seconds(60)
            while try fixture.offset()?.offset?.transactions != 1 {
                try #require(ContinuousClock.now < deadline)
                Thread.sleep(forTimeInterval: 0.02)
            }
            #expect(try fixture.staging().isEmpty)
            try sink.finish()
            #expect(try sink.verifyLedger().transactions == 1)
        }

        @Test func theSameTransactionTwiceIsRefused() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started()
            try sink.submit(try Source.transaction(1, rows: 1))
            #expect(
                sinkCode { try sink.submit(try Source.transaction(1, rows: 1)) } == .integrity)
            try sink.finish()
            #expect(try fixture.ids().count == 1)
        }
    }
}
