import BinlogProtocol
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import MongoSink

extension SinkTests {
    /// Leases that are deleted, fought for, or watched while MongoDB is away.
    @Suite struct LeaseLosses {
        private let fixture: SinkFixture

        init() throws { fixture = try SinkFixture() }

        private func deletePosition() throws {
            _ = try fixture.admin().deleteAll(
                fixture.settings.offsetsCollection, filter: BSONWriter.document { _ in })
        }

        @Test(
            "[T18] a lease that was deleted by hand, and taken by another: never two writers",
            arguments: [true, false])
        func deleted(_ isIdle: Bool) throws {
            // It holds its lease with the number that the next one gets, as numbers are counted again.
            let first = try fixture.started {
                $0.owner = "far/1"
                if !isIdle { $0.leaseDuration = .seconds(60) }
            }
            try deletePosition()
            let second = try fixture.started { $0.owner = "far/2" }
            #expect(try fixture.offset()?.lease?.epoch == 1)
            #expect(try fixture.offset()?.offset?.gtid == GTIDSet())
            let code = sinkCode {
                if isIdle {
                    let deadline = ContinuousClock.now + .seconds(60)
                    while first.failure == nil, ContinuousClock.now < deadline {
                        Thread.sleep(forTimeInterval: 0.01)
                    }
                } else {
                    try first.submit(try Source.transaction(1, rows: 1, value: 66))
                }
                try first.finish()
            }
            #expect(code == .fenced)
            try second.submit(try Source.transaction(1, rows: 1))
            try second.finish()
            #expect(try fixture.ids().count == 1)
            #expect(try second.verifyLedger().events == 1)
        }

        @Test(
            "[T18] a lease that was taken out of its document: the writer stops, the next one goes on"
        )
        func removed() throws {
            let first = try fixture.started { $0.leaseDuration = .seconds(60) }
            try first.submit(try Source.transaction(1, rows: 1))
            while first.progress.events < 1 { Thread.sleep(forTimeInterval: 0.005) }
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
                $0.append("$unset") { $0.append("lease", string: "") }
            }
            #expect(
                sinkCode {
                    try first.submit(try Source.transaction(2, rows: 1))
                    try first.finish()
                } == .fenced)
            let second = try fixture.started()
            #expect(second.progress.committed == (try Source.set(1...2)))
            try second.finish()
            #expect(try fixture.ids().count == 2)
        }

        @Test("[T16] of many that start at one moment exactly one gets the lease")
        func race() throws {
            for round in 0..<6 {
                let fixture = try SinkFixture()
                try fixture.sink().prepare()
                if round % 2 == 1 { try fixture.started().finish() }
                let results = Results()
                let threads = (0..<5).map { number in
                    Thread {
                        do {
                            let sink = try fixture.sink {
                                $0.owner = "far/\(number)"
                                $0.leaseDuration = .seconds(3)
                            }
                            results.add(sink, sinkCode { try sink.acquireLease() })
                        } catch {
                            Issue.record(error)
                            results.add(nil, .permanent)
                        }
                    }
                }
                for thread in threads { thread.start() }
                while results.count < threads.count { Thread.sleep(forTimeInterval: 0.01) }
                #expect(results.codes.count { $0 == nil } == 1)
                #expect(results.codes.count { $0 == .leaseHeld } == 4)
                try results.finish()
            }
        }

        private final class Results: Sendable {
            private let found = Locked<[(sink: MongoSink?, code: SinkError.Code?)]>([])
            var count: Int { found.withLock { $0.count } }
            var codes: [SinkError.Code?] { found.withLock { $0.map(\.code) } }
            func add(_ sink: MongoSink?, _ code: SinkError.Code?) {
                found.withLock { $0.append((sink, code)) }
            }
            func finish() throws {
                for (sink, code) in found.withLock({ $0 }) where code == nil { try sink?.finish() }
            }
        }

        @Test("a standby does not take an outage of MongoDB for the death of the writer")
        func standbyDuringAnOutage() throws {
            let first = try fixture.started {
                $0.owner = "far/1"
                $0.retryMax = 0
                $0.leaseDuration = .seconds(2)
                // It comes back later than the one that waits.
                $0.retryInitial = .seconds(1)
                $0.retryMaxDelay = .seconds(1)
            }
            let standby = try fixture.sink {
                $0.owner = "far/2"
                $0.standby = true
                $0.retryMax = 0
                $0.leaseDuration = .seconds(2)
            }
            let waiting = Thread { _ = sinkCode { try standby.acquireLease() } }
            waiting.start()
            while !fixture.notices.all.contains(.waitingForLease(owner: "far/1")) {
                Thread.sleep(forTimeInterval: 0.01)
            }
            // Longer than the lease, and for both.
            try fixture.failPoint(["find", "update", "insert"], times: 100_000) {
                $0.append("closeConnection", bool: true)
            }
            Thread.sleep(forTimeInterval: 4)
            try fixture.endFailPoint()
            Thread.sleep(forTimeInterval: 4)
            #expect(first.failure == nil)
            #expect(try fixture.offset()?.lease?.owner == "far/1")
            try first.submit(try Source.transaction(1, rows: 1))
            try first.finish()
            // It gave the lease back, and the standby takes it.
            let deadline = ContinuousClock.now + .seconds(60)
            while try fixture.offset()?.lease?.owner != "far/2" {
                try #require(ContinuousClock.now < deadline)
                Thread.sleep(forTimeInterval: 0.02)
            }
            try standby.finish()
            #expect(try fixture.ids().count == 1)
        }
    }
}
