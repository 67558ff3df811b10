import BinlogProtocol
import Foundation
import Testing

@testable import MongoSink

extension SinkTests {
    /// Positions with many holes and many servers, as years of failovers leave them.
    @Suite struct LargePositions {
        /// Every other number of one server, and a few of many others.
        private func set(holes: Int64, servers: Int) throws -> GTIDSet {
            var parts = [Source.uuid]
            for number in 1...holes { parts.append("\(number * 2 + 1_000_000)") }
            var text = parts.joined(separator: ":")
            for server in 0..<servers {
                text += String(format: ",%08x-0000-1111-2222-333344445555:1-7:9", server)
            }
            return try GTIDSet(parsing: text)
        }

        @Test(
            "[T60] a position of 100,000 intervals, and one of 1,000 servers, is kept exactly with each commit",
            arguments: [(100_000, 0), (2, 1000)] as [(Int64, Int)])
        func manyIntervals(_ holes: Int64, _ servers: Int) throws {
            let fixture = try SinkFixture()
            let start = try set(holes: holes, servers: servers)
            let sink = try fixture.sink { $0.leaseDuration = .seconds(60) }
            try sink.prepare()
            try sink.acquireLease()
            #expect(try sink.recover() == nil)
            try sink.storeStart(start, file: "f", position: 4, server: SinkFixture.server)
            try sink.start()
            for number in 1...10 as ClosedRange<Int64> {
                try sink.submit(try Source.transaction(number, rows: 2))
                while sink.progress.transactions < number, sink.failure == nil {
                    Thread.sleep(forTimeInterval: 0.001)
                }
            }
            try sink.finish()
            let expected = start.union(try Source.set(1...10))
            #expect(try fixture.offset()?.offset?.gtid == expected)
            #expect(try fixture.ids().count == 20)
            #expect(try sink.verifyLedger().transactions == 10)
            // A start reads it again, and settles what was staged.
            let again = try fixture.started()
            #expect(again.progress.committed == expected)
            try again.finish()
            try fixture.dropDatabase()
        }
    }
}
