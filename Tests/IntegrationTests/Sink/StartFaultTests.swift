import BinlogProtocol
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import MongoSink

extension SinkTests {
    /// The transactions of a start: the first position, and the note about one that was set by hand.
    @Suite struct StartFaults {
        private static let isFull = Environment.value("SDL_TEST_SWEEP") == "full"
        private static let step = isFull ? 1 : 3

        private static let kinds: [(MongoFault.Moment, MongoFault.Action)] =
            MongoFault.Moment.allCases.flatMap { moment in
                [(moment, .close), (moment, .fail(code: 10107)), (moment, .fail(code: 91))]
            } + [(.command, .fail(code: 112)), (.command, .fail(code: 251))]

        /// A start that settles what there is, and one transaction behind it.
        private func start(
            _ fixture: SinkFixture, _ number: Int64, first: GTIDSet
        ) throws -> MongoSink {
            let sink = try fixture.sink {
                $0.retryMax = 0
                $0.leaseDuration = .seconds(60)
            }
            try sink.acquireLease()
            if try sink.recover() == nil {
                try sink.storeStart(first, file: "f", position: 4, server: SinkFixture.server)
            }
            try sink.start()
            try sink.submit(try Source.transaction(number, rows: 1))
            try sink.finish()
            return sink
        }

        private func fixture(_ proxy: MongoCommandProxy) throws -> SinkFixture {
            proxy.arm([])
            let fixture = try SinkFixture(uri: proxy.uri)
            try fixture.sink().prepare()
            return fixture
        }

        private func kinds(_ fixture: SinkFixture) throws -> [String] {
            try fixture.documents(fixture.settings.ledgerCollection).map {
                try $0.string("kind") ?? ""
            }
        }

        @Test("a first start whose n-th command fails stores one start and one entry")
        func firstStart() throws {
            let proxy = try MongoCommandProxy(to: try Services.standard(.mongo).uri)
            for (moment, action) in Self.kinds {
                var number = Int.random(in: 1...Self.step)
                var isMet = true
                while isMet {
                    let fixture = try fixture(proxy)
                    proxy.arm([MongoFault(action, at: moment, of: number)])
                    let sink = try start(fixture, 4, first: try Source.set(1...3))
                    isMet = !proxy.faults.isEmpty
                    proxy.arm([])
                    let context: Comment = "\(action) at the \(moment) of \(number)"
                    #expect(try kinds(fixture) == ["start", "batch"], context)
                    #expect(try fixture.ids() == Set(Source.ids(4, rows: 1)), context)
                    #expect(try fixture.offset()?.offset?.gtid == Source.set(1...4), context)
                    #expect(try fixture.offset()?.offset?.events == 1, context)
                    #expect(try sink.verifyLedger().count == 2, context)
                    try fixture.dropDatabase()
                    number += Self.step
                }
                #expect(number > 10)
            }
        }

        @Test("a position set by hand is noted once, whichever command of the start fails")
        func movedByHand() throws {
            let proxy = try MongoCommandProxy(to: try Services.standard(.mongo).uri)
            for (moment, action) in Self.kinds {
                var number = Int.random(in: 1...Self.step)
                var isMet = true
                while isMet {
                    let fixture = try fixture(proxy)
                    try fixture.started().finish()
                    let set = try Source.set(1...9).description
                    try fixture.update(
                        fixture.settings.offsetsCollection, id: fixture.settings.streamName
                    ) {
                        $0.append("$set") { $0.append("gtid", string: set) }
                    }
                    proxy.arm([MongoFault(action, at: moment, of: number)])
                    let sink = try start(fixture, 10, first: GTIDSet())
                    isMet = !proxy.faults.isEmpty
                    proxy.arm([])
                    let context: Comment = "\(action) at the \(moment) of \(number)"
                    #expect(try kinds(fixture) == ["start", "operator", "batch"], context)
                    #expect(
                        try fixture.ids()
                            == ["\(Source.uuid):10/1", "\(fixture.settings.streamName)/gap/2"],
                        context)
                    #expect(try fixture.offset()?.offset?.events == 2, context)
                    #expect(try sink.verifyLedger().count == 3, context)
                    try fixture.dropDatabase()
                    number += Self.step
                }
                #expect(number > 10)
            }
        }

        @Test(
            "the commit of an attempt before that arrives when the next one has begun",
            arguments: [true, false])
        func lateCommit(_ isFirst: Bool) throws {
            let proxy = try MongoCommandProxy(to: try Services.standard(.mongo).uri)
            let fixture = try fixture(proxy)
            let set = try Source.set(1...9)
            if !isFirst {
                try fixture.started().finish()
                try fixture.update(
                    fixture.settings.offsetsCollection, id: fixture.settings.streamName
                ) {
                    let text = set.description
                    $0.append("$set") { $0.append("gtid", string: text) }
                }
            }
            let sink = try fixture.sink { $0.leaseDuration = .seconds(60) }
            try sink.acquireLease()
            let offset = try #require(try fixture.offset())
            let epoch = try #require(offset.lease?.epoch)
            // The same work over another connection, at the moment when the sink is about to write.
            var settings = sink.environment.settings
            settings.uri = try Services.standard(.mongo).uri
            let other = SinkEnvironment(
                settings: settings, notice: { _ in }, cancellation: SinkCancellation(),
                retried: {}, foundOtherImages: { _ in })
            let late = Locked<(any Error)?>(nil)
            let isDone = Locked(false)
            proxy.arm { moment, command in
                let isNow =
                    moment == .command && command.name == "update" && command.isInTransaction
                guard isNow, isDone.withLock({ done in (done, done = true).0 == false }) else {
                    return nil
                }
                do {
                    if isFirst {
                        _ = try FirstStart(
                            environment: other, epoch: epoch,
                            position: Position(gtid: set.description, partial: nil),
                            coordinates: BinlogCoordinates(), server: SinkFixture.server
                        ).store(MongoLink(other))
                    } else if let position = offset.position {
                        _ = try PositionCheck(other, epoch: epoch, offset, position: position)
                            .run(MongoLink(other))
                    }
                } catch {
                    late.withLock { $0 = error }
                }
                return nil
            }
            if isFirst {
                #expect(try sink.recover() == nil)
                try sink.storeStart(set, file: "f", position: 4, server: SinkFixture.server)
            } else {
                #expect(try sink.recover()?.gtid == set)
            }
            #expect(isDone.withLock { $0 })
            #expect(late.withLock { $0.map { "\($0)" } } == nil)
            proxy.arm([])
            #expect(try kinds(fixture) == (isFirst ? ["start"] : ["start", "operator"]))
            try sink.finish()
            _ = try sink.verifyLedger()
        }
    }
}
