import BinlogProtocol
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import MongoSink

extension SinkTests {
    /// A server that takes longer than a transaction may live.
    @Suite struct SlowServers {
        /// A server of its own whose transactions live for a second, and a proxy that makes each document take its time.
        private final class SlowServer {
            let server: ServiceInstance
            let proxy: MongoCommandProxy
            let fixture: SinkFixture

            init(_ name: String, perDocument: Double) throws {
                server = try Services.start(
                    .mongo, name: name, options: ["--transaction-lifetime-limit-seconds", "1"])
                proxy = try MongoCommandProxy(to: try server.uri)
                fixture = try SinkFixture(uri: proxy.uri)
                slow(perDocument)
            }

            func slow(_ perDocument: Double) {
                proxy.arm { moment, command in
                    if moment == .command, command.name == "insert", command.isInTransaction,
                        command.collection == "row_changes"
                    {
                        // A server that ends a transaction says so soon.
                        let time = perDocument * Double(command.documents)
                        Thread.sleep(forTimeInterval: min(time, 1.4))
                    }
                    return nil
                }
            }

            func stop() {
                do {
                    try Services.stop(server)
                } catch {
                    Issue.record(error)
                }
            }
        }

        private func isSplit(_ fixture: SinkFixture) -> Bool {
            fixture.notices.all.contains {
                if case .transactionSplit = $0 { true } else { false }
            }
        }

        private func chunk(_ number: Int64, rows: Int, from first: Int) throws -> EncodedChunk {
            let documents = try Source.documents(number, rows: rows, from: first, xid: true)
            return EncodedChunk(
                gtid: try Source.gtid(number), documents: documents.bytes, ends: documents.ends)
        }

        /// Everything is stored once, and the ledger says so.
        private func check(
            _ fixture: SinkFixture, _ ids: [String], transactions: ClosedRange<Int64>
        ) throws {
            #expect(try fixture.ids() == Set(ids))
            let offset = try #require(try fixture.offset()?.offset)
            #expect(offset.gtid == (try Source.set(transactions)))
            #expect(offset.partial == nil)
            #expect(offset.events == Int64(ids.count))
            #expect(offset.transactions == Int64(transactions.count))
            let ledger = try fixture.sink().verifyLedger()
            #expect(ledger.events == Int64(ids.count))
            #expect(ledger.transactions == Int64(transactions.count))
            #expect(try fixture.staging().allSatisfy { $0.status == "committed" })
        }

        @Test(
            "[T25] transactions that take too long together, and a large one, are stored in smaller ones",
            .enabled(if: Services.canStart(.mongo), "needs a MongoDB server of its own"))
        func smaller() throws {
            let slow = try SlowServer("sink-slow", perDocument: 0.05)
            defer { slow.stop() }
            let fixture = slow.fixture
            let sink = try fixture.started {
                $0.retryMax = 0
                $0.leaseDuration = .seconds(60)
            }
            for number in 1...20 as ClosedRange<Int64> {
                try sink.submit(try Source.transaction(number, rows: number == 9 ? 0 : 2))
            }
            for part in 0..<2 {
                try sink.submitChunk(try chunk(21, rows: 30, from: part * 30 + 1))
            }
            try sink.finishLarge(
                try Source.transaction(21, rows: 3, from: 61, xid: true), xid: 99, undone: [5...8])
            try sink.submit(try Source.transaction(22, rows: 1))
            try sink.finish()
            #expect(isSplit(fixture))
            let small = (1...20 as ClosedRange<Int64>).filter { $0 != 9 }
                .flatMap { Source.ids($0, rows: 2) }
            let large = Source.ids(21, rows: 63).enumerated()
                .filter { !(5...8).contains($0.offset + 1) }.map(\.element)
            try check(fixture, small + large + Source.ids(22, rows: 1), transactions: 1...22)
        }

        @Test(
            "[T25] killed between two of the smaller ones, the start stores the rest",
            .enabled(if: Services.canStart(.mongo), "needs a MongoDB server of its own"),
            arguments: ["small", "one", "large"])
        func interrupted(_ kind: String) throws {
            let slow = try SlowServer("sink-slow-\(kind)", perDocument: 0.05)
            defer { slow.stop() }
            let fixture = slow.fixture
            let sink = try fixture.started {
                $0.retryMax = 0
                $0.leaseDuration = .seconds(60)
                // What was submitted together is staged together.
                $0.flushInterval = .milliseconds(300)
            }
            try sink.submit(try Source.transaction(1, rows: 1))
            var ids = Source.ids(1, rows: 1)
            switch kind {
            case "small":
                for number in 2...12 as ClosedRange<Int64> {
                    try sink.submit(try Source.transaction(number, rows: 4))
                    ids += Source.ids(number, rows: 4)
                }
            case "one":
                try sink.submit(try Source.transaction(2, rows: 44))
                ids += Source.ids(2, rows: 44)
            default:
                for part in 0..<2 {
                    try sink.submitChunk(try chunk(2, rows: 44, from: part * 44 + 1))
                }
                try sink.finishLarge(try Source.transaction(2, rows: 0), xid: 7)
                ids += Source.ids(2, rows: 88)
            }
            let last: Int64 = kind == "small" ? 12 : 2
            while try fixture.ids().count <= 1 || !isSplit(fixture) {
                try #require(sink.failure == nil)
                Thread.sleep(forTimeInterval: 0.01)
            }
            sink.cancel()
            #expect(sinkCode { try sink.finish() } == .cancelled)
            slow.slow(0)
            let stored = try fixture.ids().count
            #expect(stored < ids.count, "nothing was left to do")
            let again = try fixture.started()
            // All of it was staged, so that nothing has to be read again.
            #expect(again.progress.committed == (try Source.set(1...last)))
            try again.finish()
            #expect(
                !fixture.notices.all.contains {
                    if case .batchKept = $0 { true } else { false }
                })
            try check(fixture, ids, transactions: 1...last)
        }

        @Test(
            "[T25] who waits for the lease does not take it from a writer whose transactions take longer than a lease time",
            .enabled(if: Services.canStart(.mongo), "needs a MongoDB server of its own"))
        func standby() throws {
            let slow = try SlowServer("sink-slow-standby", perDocument: 0.05)
            defer { slow.stop() }
            let fixture = slow.fixture
            let sink = try fixture.started {
                $0.owner = "far/1"
                $0.retryMax = 0
                $0.flushInterval = .milliseconds(300)
                $0.leaseDuration = .seconds(3)
            }
            let waiting = try fixture.sink {
                $0.owner = "far/2"
                $0.standby = true
                $0.retryMax = 0
                $0.leaseDuration = .seconds(3)
                $0.applicationName = "sdl-waiting"
            }
            Thread { _ = sinkCode { try waiting.acquireLease() } }.start()
            while !fixture.notices.all.contains(.waitingForLease(owner: "far/1")) {
                Thread.sleep(forTimeInterval: 0.01)
            }
            for number in 1...40 as ClosedRange<Int64> {
                try sink.submit(try Source.transaction(number, rows: 2))
            }
            try sink.finish()
            #expect(isSplit(fixture))
            try check(
                fixture, (1...40 as ClosedRange<Int64>).flatMap { Source.ids($0, rows: 2) },
                transactions: 1...40)
            let deadline = ContinuousClock.now + .seconds(60)
            while try fixture.offset()?.lease?.owner != "far/2" {
                try #require(ContinuousClock.now < deadline)
                Thread.sleep(forTimeInterval: 0.02)
            }
            try waiting.finish()
        }

        @Test("[T25] what cannot be smaller ends with a sentence, and not never")
        func hopeless() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started { $0.retryMax = 0 }
            try fixture.failPoint(["insert"], times: 1000) {
                $0.append("errorCode", int32: 251)
                Faults.labels(&$0, "TransientTransactionError")
                $0.append(
                    "namespace",
                    string: "\(fixture.settings.database).\(fixture.settings.collection)")
            }
            for number in 1...4 as ClosedRange<Int64> {
                try sink.submit(try Source.transaction(number, rows: 2))
            }
            var failure: SinkError?
            do throws(SinkError) { try sink.finish() } catch { failure = error }
            let count = try fixture.endFailPoint()
            #expect(failure?.code == .permanent)
            #expect(failure?.sentence.contains("cannot be smaller") == true, "\(failure as Any)")
            #expect(failure?.sentence.contains("transactionLifetimeLimitSeconds") == true)
            #expect(count < 30)
            #expect(try fixture.ids().isEmpty)
            #expect(try fixture.staging().allSatisfy { $0.status == "pending" })
            let reasons = try fixture.staging().compactMap { try $0.document.string("lastError") }
            #expect(reasons.count == 1)
            // Nothing is lost: the next start stores it.
            let again = try fixture.started()
            try again.finish()
            #expect(try fixture.ids().contains("\(Source.uuid):1/1"))
        }

        @Test("[T25] we give a transaction up before the server does, when it can be smaller")
        func givenUp() throws {
            let fixture = try SinkFixture()
            try fixture.sink().prepare()
            var offset = DocumentSequence()
            offset.append(
                BSONWriter.document {
                    $0.append("_id", string: fixture.settings.streamName)
                    $0.append("gtid", string: "")
                    $0.append("lease") {
                        $0.append("epoch", int64: 1)
                        $0.append("token", string: "")
                    }
                })
            let connection = try fixture.admin()
            try connection.insert(
                offset, into: fixture.settings.offsetsCollection, inTransaction: false)
            let documents = try Source.documents(1, rows: 2)
            let unit = CommitUnit(
                documents: documents, digest: documents.digest,
                before: Position(gtid: "", partial: nil),
                after: Position(gtid: try Source.set(1...1).description, partial: nil),
                transactions: 1, times: nil, coordinates: BinlogCoordinates(), stagingID: nil)
            let transaction = CommitTransaction(
                settings: fixture.settings, epoch: 1, tip: LedgerTip(), unit: unit)
            #expect {
                _ = try transaction.run(connection, merging: false, now: 1, until: .now)
            } throws: { ($0 as? MongoError)?.outcome == .transientTransaction }
            try connection.abortTransaction()
            #expect(
                try transaction.run(connection, merging: false, now: 1, until: .now + .seconds(600))
                    != nil)
            try connection.abortTransaction()
        }
    }
}
