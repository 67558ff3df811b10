import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// GM14: whatever a connection waits for, cancelling ends it at once and closes it.
@Suite("Cancelling")
struct CancellationTests {
    /// - Parameter reached: tells that the server has come to where it is to be left; nil when it is there at once.
    private func expectCancelled(
        _ options: ConnectionOptions, behind reached: DispatchSemaphore? = nil,
        _ body: (ServerConnection) throws -> Void = { _ in }
    ) throws {
        let cancellation = try Cancellation()
        Thread.detachNewThread {
            reached?.wait()
            Thread.sleep(forTimeInterval: 0.2)
            cancellation.cancel()
        }
        let start = ContinuousClock.now
        let error = #expect(throws: BinlogError.self) {
            try body(ServerConnection.connect(options, cancellation: cancellation))
        }
        #expect(error?.code == .cancelled)
        #expect(error?.isTransient == false)
        // Far below the minute that every wait here would last by itself.
        #expect(start.duration(to: .now) < .seconds(30))
    }

    private func options(_ address: ServerAddress, tls: TLSOptions.Mode) -> ConnectionOptions {
        ConnectionOptions(
            address: address, user: "u", password: Secret("p"), tls: TLSOptions(mode: tls),
            connectTimeout: .seconds(60))
    }

    @Test("GM14: before it began")
    func before() throws {
        let cancellation = try Cancellation()
        cancellation.cancel()
        for host in ["127.0.0.1", "localhost"] {
            let error = #expect(throws: BinlogError.self) {
                try ServerConnection.connect(
                    options(.tcp(host: host, port: 9), tls: .disabled), cancellation: cancellation)
            }
            #expect(error?.code == .cancelled)
        }
    }

    @Test("GM14: during connect, to a listener whose queue is full")
    func connecting() throws {
        let (listener, port) = try FakeServer.listen(backlog: 0)
        defer { close(listener) }
        let address = ServerAddress.tcp(host: "127.0.0.1", port: port)
        let cancellation = try Cancellation()
        var waiting: [Socket] = []
        var isFull = false
        while !isFull, waiting.count < 64 {
            do {
                waiting.append(
                    try Socket.connect(
                        to: address, until: .now.advanced(by: .milliseconds(200)),
                        cancellation: cancellation))
            } catch {
                #expect(error == .timedOut)
                isFull = true
            }
        }
        #expect(isFull)
        try expectCancelled(options(address, tls: .disabled))
        var quick = options(address, tls: .disabled)
        quick.connectTimeout = .milliseconds(200)
        let error = #expect(throws: BinlogError.self) {
            try ServerConnection.connect(quick, cancellation: cancellation)
        }
        #expect(error?.code == .connectionFailed)
        withExtendedLifetime(waiting) {}
    }

    @Test("GM14: while waiting for the greeting, for TLS, for the verdict")
    func loggingIn() throws {
        for step in 0..<3 {
            let server = try FakeServer { peer in
                if step == 1 { try peer.send(FakePackets.greeting()) }
                if step == 2 { try peer.send(FakePackets.clearGreeting()) }
                _ = try peer.receiveToEnd()
            }
            try expectCancelled(options(server.address, tls: .preferred))
            try server.finish()
        }
    }

    @Test("GM14: while the log is idle, and in the middle of a packet", arguments: [0, 2, 9])
    func following(bytesOfEvent: Int) throws {
        let reached = DispatchSemaphore(value: 0)
        let server = try FakeServer { peer in
            try peer.playUntilDump()
            reached.signal()
            let event = FakePeer.frame([0] + [UInt8](repeating: 7, count: 40), sequence: 1)
            try peer.sendRaw(Array(event.prefix(bytesOfEvent)))
            _ = try peer.receiveToEnd()
        }
        let uuid = ServerUUID(bytes: [UInt8](0..<16))
        try expectCancelled(options(server.address, tls: .disabled), behind: reached) {
            connection in
            _ = try connection.beginDump(from: GTIDSet(), replicaUUID: uuid)
            #expect(
                try connection.nextEvent(until: .now.advanced(by: .milliseconds(10))) == .timedOut)
            _ = try connection.nextEvent(until: .now.advanced(by: .seconds(60)))
            Issue.record("an event came")
        }
        try server.finish()
    }

    @Test("GM14: in a stream that never pauses")
    func busy() throws {
        let reached = DispatchSemaphore(value: 0)
        let server = try FakeServer { peer in
            try peer.playUntilDump()
            reached.signal()
            var sequence: UInt8 = 1
            let payload = [0] + [UInt8](repeating: 7, count: 4000)
            do {
                while true {
                    try peer.sendRaw(FakePeer.frame(payload, sequence: sequence))
                    sequence &+= 1
                }
            } catch is FakeServer.Failure {
                // The client left, as it should.
                return
            }
        }
        let uuid = ServerUUID(bytes: [UInt8](0..<16))
        try expectCancelled(options(server.address, tls: .disabled), behind: reached) {
            connection in
            _ = try connection.beginDump(from: GTIDSet(), replicaUUID: uuid)
            while try connection.nextEvent(until: .now.advanced(by: .seconds(60))) != .end {}
        }
        try server.finish()
    }

    @Test("S16: a server that drips its greeting does not pass the deadline")
    func slowLoris() throws {
        let server = try FakeServer { peer in
            let greeting = FakePeer.frame(FakePackets.greeting(), sequence: 0)
            do {
                for byte in greeting {
                    try peer.sendRaw([byte])
                    Thread.sleep(forTimeInterval: 0.2)
                }
                Issue.record("the client took the whole greeting, long after its deadline")
            } catch is FakeServer.Failure {
                return
            }
        }
        var options = options(server.address, tls: .disabled)
        options.connectTimeout = .milliseconds(400)
        let error = #expect(throws: BinlogError.self) {
            try ServerConnection.connect(options, cancellation: Cancellation())
        }
        #expect(error?.code == .connectionFailed)
        try server.finish()
    }
}
