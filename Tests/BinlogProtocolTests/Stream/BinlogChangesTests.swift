import BinlogProtocol
import Foundation
import Synchronization
import TestSupport
import Testing

/// The asynchronous front door against a fake server.
@Suite("BinlogChanges")
struct BinlogChangesTests {
    private let uuid: ServerUUID
    private let source: FakeSource

    init() throws {
        uuid = try #require(ServerUUID(FakeSource.uuid))
        var source = FakeSource()
        source.executed = "\(FakeSource.uuid):1-2"
        self.source = source
    }

    private func changes(_ server: FakeServer, untilEnd: Bool = false) -> BinlogChanges {
        BinlogChanges(
            ConnectionOptions(
                address: server.address, user: "u", password: Secret("p"),
                tls: TLSOptions(mode: .disabled)),
            start: .earliest, untilEnd: untilEnd)
    }

    private func log() -> [[UInt8]] {
        [EventBuilder.rotate("b.000001")] + EventBuilder.transaction(uuid, 1)
            + EventBuilder.transaction(uuid, 2)
    }

    /// The second connection: it must end the first one's thread on the server.
    private let endOfDump: @Sendable (FakePeer) throws -> Void = { peer in
        guard try peer.playEndOfDump().last == "KILL 77" else {
            throw FakeServer.Failure(description: "the thread was not ended")
        }
    }

    @Test("To the end of the log; asked again it is still the end")
    func toTheEnd() async throws {
        let (source, log) = (source, log())
        let server = try FakeServer { peer in
            try peer.playUntilDump(source)
            try peer.send(events: log)
            try peer.send(FakePackets.eof)
            _ = try peer.receiveToEnd()
        }
        let iterator = changes(server, untilEnd: true).makeAsyncIterator()
        var count = 0
        while try await iterator.next() != nil { count += 1 }
        #expect(count == 4)
        #expect(try await iterator.next() == nil)
        try server.finish()
    }

    @Test("An error is thrown once and then the sequence is over")
    func error() async throws {
        let (source, log) = (source, log())
        let server = try FakeServer { peer in
            try peer.playUntilDump(source)
            try peer.send(events: log)
            try peer.send(FakePackets.error(1236, "bogus data in log event"))
            _ = try peer.receiveToEnd()
        }
        let iterator = changes(server).makeAsyncIterator()
        for _ in 0..<4 { #expect(try await iterator.next() != nil) }
        await #expect(throws: BinlogError.self) { try await iterator.next() }
        #expect(try await iterator.next() == nil)
        try server.finish()
    }

    @Test("No server: the error of the connection")
    func noServer() async throws {
        let server = try FakeServer { _ in }
        let iterator = changes(server).makeAsyncIterator()
        let error = await #expect(throws: BinlogError.self) { try await iterator.next() }
        #expect(error?.code == .connectionFailed)
        try server.finish()
    }

    @Test("GM14, ZJ5: cancelling the task ends the waiting and the server's thread")
    func cancelled() async throws {
        let (source, log) = (source, log())
        let server = try FakeServer(
            { peer in
                try peer.playUntilDump(source)
                try peer.send(events: log)
                _ = try peer.receiveToEnd()
            }, endOfDump)
        let sequence = changes(server)
        let (seen, signal) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            let iterator = sequence.makeAsyncIterator()
            for _ in 0..<4 { _ = try await iterator.next() }
            signal.yield()
            var codes: [BinlogError.Code?] = []
            for _ in 0..<2 {
                do {
                    _ = try await iterator.next()
                } catch {
                    codes.append((error as? BinlogError)?.code)
                }
            }
            return codes
        }
        for await _ in seen { break }
        task.cancel()
        #expect(try await task.value == [.cancelled, .cancelled])
        try server.finish()
    }

    @Test("ZJ5: leaving the loop early ends the server's thread")
    func early() async throws {
        let (source, log) = (source, log())
        let server = try FakeServer(
            { peer in
                try peer.playUntilDump(source)
                try peer.send(events: log)
                _ = try peer.receiveToEnd()
            }, endOfDump)
        var count = 0
        for try await _ in changes(server) {
            count += 1
            break
        }
        #expect(count == 1)
        try server.finish()
    }

    @Test("Nothing is read that was not asked for: a slow consumer stops the server")
    func backPressure() async throws {
        let source = source
        let sent = Locked(0)
        let isOver = Locked(false)
        let uuid = uuid
        let server = try FakeServer(
            { peer in
                try peer.playUntilDump(source)
                try peer.send(events: [EventBuilder.rotate("b.000001")])
                let name = String(repeating: "s", count: 60_000)
                let events = [
                    EventBuilder.gtid(uuid, 1), EventBuilder.query("BEGIN"),
                    EventBuilder.query("SAVEPOINT `\(name)`"),
                ]
                try peer.send(events: events)
                do {
                    while !isOver.withLock({ $0 }) {
                        try peer.send(events: [events[2]])
                        sent.withLock { $0 += 1 }
                    }
                } catch is FakeServer.Failure {
                    // The client left, as it should.
                    return
                }
            }, endOfDump)
        var iterator: BinlogChanges.Iterator? = changes(server).makeAsyncIterator()
        _ = try await iterator?.next()
        var before = -1
        var rounds = 0
        while before != sent.withLock({ $0 }), rounds < 50 {
            before = sent.withLock { $0 }
            rounds += 1
            try await Task.sleep(for: .milliseconds(200))
        }
        #expect(rounds < 50, "the server can still send")
        isOver.withLock { $0 = true }
        iterator = nil
        try server.finish()
    }
}
