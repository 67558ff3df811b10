import BinlogProtocol
import Foundation
import Logging
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
            retry: Settings.Retry(
                attemptsMax: attemptsMax, initialDelay: .milliseconds(1),
                delayMax: .milliseconds(1)),
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
            case .restarted:
                isToldIdle = false
                losses += 1
            default: break
            }
        }
        follower = nil
        try server.finish()
    }
}
