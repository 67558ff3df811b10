import BinlogProtocol
import Foundation
import Logging
import MongoSink
import TestSupport
import Testing

@testable import sdl

/// How attempts are counted while the source is followed.
@Suite struct SourceFollowerTests {
    private func follower(_ server: FakeServer, attemptsMax: Int) -> SourceFollower {
        SourceFollower(
            ConnectionOptions(
                address: server.address, user: "u", password: Secret("p"),
                tls: TLSOptions(mode: .disabled)),
            replicaUUID: .random(),
            retry: RetryPolicy(
                attemptsMax: attemptsMax, initial: .milliseconds(1), maxDelay: .milliseconds(1)),
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            shutdown: ShutdownSignal())
    }

    @Test("a transient failure of the first request for the log is tried again")
    func firstRequest() throws {
        let server = try FakeServer(
            { peer in
                var source = FakeSource()
                source.registration = FakePackets.error(1053, "Server shutdown in progress")
                do {
                    try peer.playUntilDump(source)
                } catch is FakeServer.Failure {
                    // The client left, as it should.
                    return
                }
            },
            { peer in
                try peer.playUntilDump()
                try peer.send(events: [EventBuilder.rotate("b.000001")])
                _ = try peer.receiveToEnd()
            })
        var follower: SourceFollower? = follower(server, attemptsMax: 2)
        _ = try follower?.connect()
        try follower?.follow(from: GTIDSet())
        while follower?.position.file != "b.000001" {
            _ = try follower?.next(until: .now + .milliseconds(20))
        }
        follower = nil
        try server.finish()
    }

    @Test(
        "what every connection begins with is no progress: a file that stays missing ends the following"
    )
    func missingFile() throws {
        let lost: @Sendable (FakePeer) throws -> Void = { peer in
            var source = FakeSource()
            source.executed = "\(FakeSource.uuid):1"
            try peer.playUntilDump(source)
            try peer.send(events: [EventBuilder.rotate("b.000001")])
            try peer.send(events: try Self.transaction(1))
            try peer.send(FakePackets.error(1236, "could not find next log"))
            _ = try peer.receiveToEnd()
        }
        let server = try FakeServer(lost, lost, lost, lost, lost)
        var follower: SourceFollower? = follower(server, attemptsMax: 100)
        _ = try follower?.connect()
        try follower?.follow(from: GTIDSet())
        let error = #expect(throws: BinlogError.self) {
            while true { _ = try follower?.next(until: .now + .seconds(5)) }
        }
        #expect(error?.code == .purged(missing: nil))
        #expect(follower?.executed == (try GTIDSet(parsing: "\(FakeSource.uuid):1")))
        follower = nil
        try server.finish()
    }

    @Test("a purge of nothing but the transaction that is asked for once more is no missing log")
    func purgedMeanwhile() throws {
        let uuid = try #require(ServerUUID(FakeSource.uuid))
        let server = try FakeServer(
            { peer in
                var source = FakeSource()
                source.executed = "\(FakeSource.uuid):1-2"
                try peer.playUntilDump(source)
                try peer.send(events: [EventBuilder.rotate("b.000001")])
                try peer.send(
                    FakePackets.error(
                        1236,
                        "Cannot replicate because the source purged required binary logs."))
            },
            { peer in
                var source = FakeSource()
                source.executed = "\(FakeSource.uuid):1-3"
                source.purged = "\(FakeSource.uuid):1-2"
                try peer.playUntilDump(source)
                try peer.send(events: [EventBuilder.rotate("b.000002")])
                try peer.send(events: try Self.transaction(3))
                _ = try peer.receiveToEnd()
            })
        var follower: SourceFollower? = follower(server, attemptsMax: 3)
        _ = try follower?.connect()
        try follower?.follow(
            from: GTIDSet(parsing: "\(FakeSource.uuid):1-2"),
            last: LastTransaction(
                gtid: GTID(source: GTID.Source(uuid: uuid), number: 2), commitTime: 5, previous: nil
            ))
        while follower?.last?.gtid.number != 3 {
            _ = try follower?.next(until: .now + .seconds(5))
        }
        follower = nil
        try server.finish()
    }

    @Test("a transaction that is cut again and again is no progress: RETRY_MAX ends the following")
    func sameTransaction() throws {
        let cut: @Sendable (FakePeer) throws -> Void = { peer in
            try peer.playUntilDump()
            try peer.send(events: [EventBuilder.rotate("b.000001")])
            try peer.send(events: Array(try Self.transaction(1).dropLast()))
        }
        let server = try FakeServer(cut, cut, cut)
        var connections = 0
        var follower: SourceFollower? = SourceFollower(
            ConnectionOptions(
                address: server.address, user: "u", password: Secret("p"),
                tls: TLSOptions(mode: .disabled)),
            replicaUUID: .random(),
            retry: RetryPolicy(attemptsMax: 3, initial: .milliseconds(1), maxDelay: .seconds(600)),
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            shutdown: ShutdownSignal(), mayConnect: { connections += 1 })
        _ = try follower?.connect()
        try follower?.follow(from: GTIDSet())
        let error = #expect(throws: BinlogError.self) {
            while true { _ = try follower?.next(until: .now + .seconds(5)) }
        }
        #expect(error?.code == .connectionLost)
        #expect(connections == 3)
        follower = nil
        try server.finish()
    }

    @Test("what may not connect ends, also while the source is away")
    func mayNotConnect() throws {
        struct Fenced: Error {}
        var attempts = 0
        let listener = try FakeServer.listen()
        close(listener.descriptor)
        let follower = SourceFollower(
            ConnectionOptions(
                address: .tcp(host: "127.0.0.1", port: listener.port), user: "u",
                password: Secret("p"), tls: TLSOptions(mode: .disabled)),
            replicaUUID: .random(),
            retry: RetryPolicy(
                attemptsMax: 0, initial: .milliseconds(1), maxDelay: .milliseconds(1)),
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            shutdown: ShutdownSignal(),
            mayConnect: {
                attempts += 1
                if attempts == 4 { throw Fenced() }
            })
        #expect(throws: Fenced.self) { _ = try follower.connect() }
        #expect(attempts == 4)
    }

    @Test("without another attempt left the failure is the end")
    func noAttemptLeft() throws {
        let server = try FakeServer { peer in
            var source = FakeSource()
            source.registration = FakePackets.error(1053, "Server shutdown in progress")
            do {
                try peer.playUntilDump(source)
            } catch is FakeServer.Failure {
                return
            }
        }
        var follower: SourceFollower? = follower(server, attemptsMax: 1)
        _ = try follower?.connect()
        let error = #expect(throws: BinlogError.self) { try follower?.follow(from: GTIDSet()) }
        #expect(error?.code == .connectionLost)
        follower = nil
        try server.finish()
    }

    @Test("connections lost on a source where nothing is written do not add up")
    func idleSource() throws {
        let wasIdle = DispatchSemaphore(value: 0)
        let lost: @Sendable (FakePeer) throws -> Void = { peer in
            try peer.playUntilDump()
            try peer.send(events: [EventBuilder.rotate("b.000001")])
            guard wasIdle.wait(timeout: .now() + 60) == .success else {
                throw FakeServer.Failure(description: "the client was never idle")
            }
        }
        let server = try FakeServer(lost, lost, lost) { peer in
            try peer.playUntilDump()
            _ = try peer.receiveToEnd()
        }
        var follower: SourceFollower? = follower(server, attemptsMax: 2)
        _ = try follower?.connect()
        try follower?.follow(from: GTIDSet())
        var losses = 0
        var isToldIdle = false
        while losses < 3 {
            switch try follower?.next(until: .now + .milliseconds(20)) {
            case .idle where follower?.position.file == "b.000001" && !isToldIdle:
                isToldIdle = true
                wasIdle.signal()
            case .lost:
                isToldIdle = false
                losses += 1
            default: break
            }
        }
        while follower?.confirmedSource == nil {
            _ = try follower?.next(until: .now + .milliseconds(20))
        }
        follower = nil
        try server.finish()
    }

    /// One transaction with two rows, to be cut behind each of its events.
    private static func transaction(_ number: Int64) throws -> [[UInt8]] {
        let table = TableMapBytes(
            columns: [(3, [])], optional: [(1, [0]), TableMapBytes.names(["a"])])
        let map = EventBuilder.event(19, table.encoded.bytes)
        let uuid = try #require(ServerUUID(FakeSource.uuid))
        func row(_ value: UInt8) -> [UInt8] {
            EventBuilder.event(30, table.rows([0, value, 0, 0, 0]))
        }
        return [
            EventBuilder.gtid(uuid, number), EventBuilder.query("BEGIN"), map, row(1), map, row(2),
            EventBuilder.xid(9),
        ]
    }

    @Test(
        "GM9: wherever a transaction is cut, it is asked for again unless its end was there",
        arguments: 1...7)
    func cuts(count: Int) throws {
        let isWhole = count == 7
        let server = try FakeServer(
            { peer in
                try peer.playUntilDump()
                try peer.send(events: [EventBuilder.rotate("b.000001")])
                try peer.send(events: try Self.transaction(1))
                try peer.send(events: Array(try Self.transaction(2).prefix(count)))
            },
            { peer in
                var source = FakeSource()
                source.executed = "\(FakeSource.uuid):1-3"
                let request = try peer.playUntilDump(source).last
                // The last whole transaction is asked for once more, to see that it is the same.
                let executed = try GTIDSet(parsing: isWhole ? "\(FakeSource.uuid):1" : "")
                guard
                    request
                        == BinlogDumpGTID(
                            serverID: 2222, executed: executed, isNonBlocking: false
                        ).encoded()
                else { throw FakeServer.Failure(description: "not asked from \(executed)") }
                try peer.send(events: [EventBuilder.rotate("b.000001")])
                for number in (isWhole ? 2 : 1)...3 as ClosedRange<Int64> {
                    try peer.send(events: try Self.transaction(number))
                }
                _ = try peer.receiveToEnd()
            })
        var follower: SourceFollower? = follower(server, attemptsMax: 3)
        _ = try follower?.connect()
        try follower?.follow(from: GTIDSet())
        var open: [String] = []
        var whole: [String] = []
        while whole.last?.hasPrefix("3") != true {
            switch try follower?.next(until: .now + .seconds(5)) {
            case .change(.begin(let start)): open = ["\(start.gtid?.number ?? 0)"]
            case .change(.rows): open.append("row")
            case .change(.end): whole.append(open.joined(separator: " "))
            case .lost: open = []
            default: break
            }
        }
        #expect(whole == ["1 row row", "2 row row", "3 row row"])
        follower = nil
        try server.finish()
    }
}
