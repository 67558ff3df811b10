import BinlogProtocol
import Foundation
import Testing

@testable import MongoSink

extension SinkTests {
    @Suite struct Leases {
        @Test func aDeadProcessOfThisHostIsSucceededAtOnce() throws {
            let fixture = try SinkFixture()
            let dead = try deadProcess()
            try hold(fixture, owner: "\(ProcessInfo.processInfo.hostName)/\(dead)")
            let second = try fixture.sink { $0.leaseDuration = .seconds(60) }
            let start = ContinuousClock.now
            try second.acquireLease()
            // Below one lease time, which it would wait for an owner that may live.
            #expect(ContinuousClock.now - start < .seconds(60))
            #expect(try fixture.offset()?.lease?.epoch == 2)
        }

        /// A lease of a writer that will never renew it.
        private func hold(_ fixture: SinkFixture, owner: String, space: String? = nil) throws {
            try fixture.sink().prepare()
            var settings = fixture.settings
            settings.owner = owner
            _ = try Lease(settings: settings).attempt(try fixture.admin(), stale: nil, now: 1)
            guard let space else { return }
            try fixture.update(settings.offsetsCollection, id: settings.streamName) {
                $0.append("$set") { $0.append("lease.space", string: space) }
            }
        }

        @Test func aProcessOfAnotherContainerOfThisNameIsWatched() throws {
            let fixture = try SinkFixture()
            let owner = "\(ProcessInfo.processInfo.hostName)/\(try deadProcess())"
            try hold(fixture, owner: owner, space: "another boot pid:[1]")
            let start = ContinuousClock.now
            try fixture.sink().acquireLease()
            #expect(ContinuousClock.now - start >= fixture.settings.leaseDuration)
        }

        @Test(arguments: [1, 3] as [Int32])
        func aLeaseWhoseAnswerIsLostIsOurs(_ times: Int32) throws {
            let fixture = try SinkFixture()
            try fixture.started().finish()
            let sink = try fixture.sink { $0.leaseDuration = .seconds(60) }
            try fixture.failPoint(["update"], times: times) {
                $0.append("closeConnection", bool: true)
                $0.append("afterCommand", bool: true)
            }
            let start = ContinuousClock.now
            try sink.acquireLease()
            #expect(ContinuousClock.now - start < .seconds(60))
            try fixture.endFailPoint()
            #expect(try fixture.offset()?.lease?.epoch == 2)
            try sink.finish()
        }

        @Test func aFirstLeaseWhoseAnswerIsLostIsOurs() throws {
            let fixture = try SinkFixture()
            try fixture.sink().prepare()
            let sink = try fixture.sink { $0.leaseDuration = .seconds(60) }
            try fixture.failPoint(["insert"], times: 3) {
                $0.append("closeConnection", bool: true)
                $0.append("afterCommand", bool: true)
            }
            let start = ContinuousClock.now
            try sink.acquireLease()
            #expect(ContinuousClock.now - start < .seconds(60))
            try fixture.endFailPoint()
            #expect(try fixture.offset()?.lease?.epoch == 1)
            try sink.finish()
        }

        private func deadProcess() throws -> Int32 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/true")
            try process.run()
            process.waitUntilExit()
            return process.processIdentifier
        }

        @Test func aReleasedLeaseIsTakenAtOnce() throws {
            let fixture = try SinkFixture()
            let first = try fixture.started { $0.owner = "far/1" }
            try first.finish()
            let start = ContinuousClock.now
            let second = try fixture.sink { $0.leaseDuration = .seconds(60) }
            try second.acquireLease()
            // Below one lease time, which it would wait for an owner that may live.
            #expect(ContinuousClock.now - start < .seconds(60))
            try second.finish()
        }

        @Test(
            "a broken line or another writer does not keep the lease from being given back",
            arguments: [1, 2])
        func aReleaseIsRepeated(failures: Int32) throws {
            let fixture = try SinkFixture()
            for isStarted in [true, false] {
                for code in [nil, 10107, 112] as [Int32?] {
                    let sink = isStarted ? try fixture.started() : try fixture.sink()
                    if !isStarted { try sink.acquireLease() }
                    try fixture.failPoint(["update"], times: failures) {
                        if let code {
                            $0.append("errorCode", int32: code)
                        } else {
                            $0.append("closeConnection", bool: true)
                        }
                    }
                    try sink.finish()
                    #expect(try fixture.endFailPoint() > 0)
                    let lease = try fixture.offset()?.lease
                    #expect(lease != nil && lease?.owner == nil, "\(isStarted) \(code ?? 0)")
                }
            }
        }

        @Test func aForeignLeaseThatNobodyRenewsIsTakenAfterItsTime() throws {
            let fixture = try SinkFixture()
            try hold(fixture, owner: "far/1")
            let start = ContinuousClock.now
            let second = try fixture.sink()
            try second.acquireLease()
            #expect(ContinuousClock.now - start >= fixture.settings.leaseDuration)
            #expect(fixture.notices.all.contains(.leaseTakenOver(owner: "far/1", epoch: 2)))
        }

        @Test func aRenewedLeaseIsRefused() throws {
            let fixture = try SinkFixture()
            let first = try fixture.started { $0.owner = "far/1" }
            let second = try fixture.sink()
            #expect(sinkCode { try second.acquireLease() } == .leaseHeld)
            #expect(first.failure == nil)
            try first.finish()
        }

        @Test func theLeaseIsKeptWhileTheSourceIsAway() throws {
            let fixture = try SinkFixture()
            let first = try fixture.sink { $0.owner = "far/1" }
            try first.prepare()
            try first.acquireLease()
            Thread.sleep(forTimeInterval: 1.5)
            let second = try fixture.sink()
            #expect(sinkCode { try second.acquireLease() } == .leaseHeld)
            #expect(try first.recover() == nil)
            try first.finish()
            try second.acquireLease()
            try second.finish()
        }

        @Test func standbyWaitsUntilTheLeaseIsFree() throws {
            let fixture = try SinkFixture()
            let first = try fixture.started { $0.owner = "far/1" }
            let second = try fixture.sink { $0.standby = true }
            let ending = Thread {
                Thread.sleep(forTimeInterval: 1.5)
                do {
                    try first.finish()
                } catch {
                    Issue.record(error)
                }
            }
            let start = ContinuousClock.now
            ending.start()
            try second.acquireLease()
            #expect(ContinuousClock.now - start >= .milliseconds(1400))
            try second.finish()
        }

        @Test(arguments: ["null", "without expiresAt"])
        func aLeaseEditedByHandIsTaken(_ edit: String) throws {
            let fixture = try SinkFixture()
            try fixture.started().finish()
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
                if edit == "null" {
                    $0.append("$set") { $0.appendNull("lease") }
                } else {
                    $0.append("$unset") { $0.append("lease.expiresAt", string: "") }
                }
            }
            let sink = try fixture.sink()
            let limit = Thread {
                Thread.sleep(forTimeInterval: 60)
                sink.cancel()
            }
            limit.start()
            try sink.acquireLease()
            try sink.finish()
        }

        @Test func aWriterThatLostItsLeaseCannotCommit() throws {
            let fixture = try SinkFixture()
            let first = try fixture.started { $0.owner = "far/1" }
            try first.submit(try Source.transaction(1, rows: 1))
            while first.progress.events < 1 { Thread.sleep(forTimeInterval: 0.005) }
            // As if the first had been paused for longer than its lease.
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
                $0.append("$set") {
                    $0.append("lease.owner", string: "other/2")
                    $0.append("lease.epoch", int64: 2)
                }
            }
            #expect(
                sinkCode {
                    try first.submit(try Source.transaction(2, rows: 1))
                    try first.finish()
                } == .fenced)
            #expect(try fixture.ids() == Set(Source.ids(1, rows: 1)))
            #expect(try fixture.offset()?.lease?.owner == "other/2")
        }

        @Test func anIdleWriterNoticesThatItLostItsLease() throws {
            let fixture = try SinkFixture()
            let first = try fixture.started { $0.owner = "far/1" }
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
                $0.append("$set") { $0.append("lease.epoch", int64: 9) }
            }
            let deadline = ContinuousClock.now + .seconds(60)
            while first.failure == nil {
                try #require(ContinuousClock.now < deadline)
                Thread.sleep(forTimeInterval: 0.01)
            }
            #expect(first.failure?.code == .fenced)
        }

        @Test func twoWritersOfOneStreamNeverBothCommit() throws {
            let fixture = try SinkFixture()
            let first = try fixture.started { $0.owner = "far/1" }
            try first.submit(try Source.transaction(1, rows: 2))
            while first.progress.events < 2 { Thread.sleep(forTimeInterval: 0.005) }
            // The second takes over by force, while the first is held where it begins to commit what it staged.
            try fixture.failPoint(["update"]) {
                $0.append("blockConnection", bool: true)
                $0.append("blockTimeMS", int32: 3000)
            }
            for number in 2...20 as ClosedRange<Int64> {
                try first.submit(try Source.transaction(number, rows: 2))
            }
            while first.progress.stagingPending == 0 { Thread.sleep(forTimeInterval: 0.005) }
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
                $0.append("$set") { $0.appendNull("lease.owner") }
            }
            let second = try fixture.sink { $0.applicationName = "sdl-second" }
            try second.acquireLease()
            let position = try #require(try second.recover())
            #expect(position.gtid.contains(try Source.gtid(2)))
            try second.start()
            for number in 1...30 as ClosedRange<Int64>
            where !position.gtid.contains(try Source.gtid(number)) {
                try second.submit(try Source.transaction(number, rows: 2))
            }
            try second.finish()
            #expect(sinkCode { try first.finish() } == .fenced)
            #expect(try fixture.endFailPoint() == 1)
            #expect(try fixture.ids().count == 60)
            #expect(try second.verifyLedger().events == 60)
        }
    }
}
