import BinlogProtocol
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import MongoSink

extension SinkTests {
    /// Ends that are asked for while the server does not do its part, and waits for room.
    @Suite struct Stops {
        @Test func cancelEndsARetryAtOnce() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started {
                $0.retryMax = 0
                $0.retryInitial = .seconds(60)
                $0.retryMaxDelay = .seconds(60)
                $0.leaseDuration = .seconds(60)
            }
            try fixture.failPoint(["commitTransaction", "insert"], times: 1000) {
                $0.append("errorCode", int32: 189)
            }
            try sink.submit(try Source.transaction(1, rows: 1))
            while sink.progress.retries == 0 { Thread.sleep(forTimeInterval: 0.005) }
            let start = ContinuousClock.now
            #expect(sinkCode { try sink.stop(within: .milliseconds(50)) } == .cancelled)
            // Far below the minute until the next attempt.
            #expect(ContinuousClock.now - start < .seconds(30))
            try fixture.endFailPoint()
        }

        @Test(arguments: ["hello", "find", "insert", "commitTransaction"])
        func aServerThatDoesNotAnswerDoesNotHoldUpTheEnd(_ command: String) throws {
            let fixture = try SinkFixture()
            try fixture.sink().prepare()
            try fixture.failPoint([command], times: 1000) {
                $0.append("blockConnection", bool: true)
                $0.append("blockTimeMS", int32: 60_000)
            }
            let sink = try fixture.sink { $0.leaseDuration = .seconds(60) }
            let cancelling = Thread {
                Thread.sleep(forTimeInterval: 0.5)
                sink.cancel()
            }
            cancelling.start()
            let start = ContinuousClock.now
            let code = sinkCode {
                try sink.prepare()
                try sink.acquireLease()
                _ = try sink.recover()
                try sink.storeStart(
                    GTIDSet(), file: "f", position: 4, server: SinkFixture.server)
                try sink.start()
                try sink.submit(try Source.transaction(1, rows: 1))
                while sink.failure == nil { Thread.sleep(forTimeInterval: 0.005) }
                try sink.stop(within: .seconds(20))
            }
            #expect(code == .cancelled)
            _ = sinkCode { try sink.stop(within: .seconds(20)) }
            // Below what the first of the blocked commands takes.
            #expect(ContinuousClock.now - start < .seconds(60))
            try fixture.endFailPoint()
        }

        @Test(
            "a thread that is stuck in the driver for longer than the end waits says nothing behind it"
        )
        func nothingIsSaidBehindTheEnd() throws {
            let proxy = try MongoCommandProxy(to: try Services.standard(.mongo).uri)
            let fixture = try SinkFixture(uri: proxy.uri)
            let sink = try fixture.started { $0.leaseDuration = .seconds(60) }
            let isOver = Locked(false)
            proxy.arm { moment, command in
                // The lease cannot be given back either.
                if isOver.withLock({ $0 }) { return .close }
                guard moment == .command, command.name == "commitTransaction" else { return nil }
                while !isOver.withLock({ $0 }) { Thread.sleep(forTimeInterval: 0.01) }
                return .close
            }
            try sink.submit(try Source.transaction(1, rows: 1))
            #expect(sinkCode { try sink.stop(within: .milliseconds(300)) } == .cancelled)
            let said = fixture.notices.all
            let running = { sink.monitor.withLock { ($0.runningThreads, []) } }
            #expect(running() > 0)
            isOver.withLock { $0 = true }
            while running() > 0 { Thread.sleep(forTimeInterval: 0.01) }
            #expect(fixture.notices.all == said)
            proxy.arm(nil)
            try fixture.dropDatabase()
        }

        @Test func anInterruptedWaitForRoomKeepsWhatWasTaken() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started {
                $0.batchBytes = 5000
                $0.memoryLimit = 5000
                $0.leaseDuration = .seconds(60)
            }
            try fixture.failPoint(["insert"], times: 15) { $0.append("errorCode", int32: 189) }
            let interrupting = Thread {
                while sink.progress.retries == 0 { Thread.sleep(forTimeInterval: 0.005) }
                sink.interruptSubmission()
            }
            interrupting.start()
            var taken: Int64 = 0
            let code = sinkCode {
                while true {
                    try sink.submit(try Source.transaction(taken + 1, rows: 1, pad: 800))
                    taken += 1
                }
            }
            #expect(code == .cancelled)
            try sink.abandonLarge()
            try sink.stop(within: .seconds(60))
            try fixture.endFailPoint()
            #expect(taken > 0)
            #expect(try fixture.ids().count == Int(taken))
        }

        @Test func fullMemoryBlocksTheReaderUntilThereIsRoom() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started {
                $0.batchBytes = 20_000
                $0.memoryLimit = 30_000
            }
            for number in 1...60 as ClosedRange<Int64> {
                try sink.submit(try Source.transaction(number, rows: 5, pad: 800))
                #expect(sink.progress.heldBytes <= 30_000)
            }
            try sink.finish()
            #expect(try fixture.ids().count == 300)
        }

        @Test func aBlockedSubmitEndsWithTheFailure() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started {
                $0.batchBytes = 5000
                $0.memoryLimit = 5000
                $0.retryInitial = .seconds(60)
                $0.retryMaxDelay = .seconds(60)
            }
            try fixture.failPoint(["insert"], times: 1000) { $0.append("errorCode", int32: 189) }
            let cancelling = Thread {
                while sink.progress.retries == 0 { Thread.sleep(forTimeInterval: 0.005) }
                sink.cancel()
            }
            cancelling.start()
            let code = sinkCode {
                for number in 1...100 as ClosedRange<Int64> {
                    try sink.submit(try Source.transaction(number, rows: 1, pad: 800))
                }
            }
            #expect(code == .cancelled)
            try fixture.endFailPoint()
        }
    }
}
