import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// The proxy that breaks lines does so where its rules say, and nowhere else.
struct FaultProxyTests {
    private static let answer: [UInt8] = Array(0..<100)

    /// A server that gives its answer to each of `clients` when 10 bytes have come from it.
    private func server(clients: Int = 1) throws -> FakeServer {
        let script: @Sendable (FakePeer) throws -> Void = { peer in
            var came = 0
            while came < 10 {
                let part = try peer.receiveSome(atMost: 10 - came)
                if part.isEmpty { return }
                came += part.count
            }
            do {
                try peer.sendRaw(Self.answer)
                _ = try peer.receiveToEnd()
            } catch {
                // A broken line is what these tests make.
            }
        }
        return clients == 1 ? try FakeServer(script) : try FakeServer(script, script)
    }

    /// What a client got until the line ended.
    private struct Received: Equatable {
        var bytes: [UInt8] = []
        var wasReset = false
    }

    private final class Client {
        /// Nil when the connection was broken before we could see that it was there.
        let descriptor: Int32?
        init(_ proxy: FaultProxy) throws {
            do {
                descriptor = try Loopback.connect(to: try ServerAddress(parsing: proxy.address))
            } catch {
                guard "\(error)".contains("reset") else { throw error }
                descriptor = nil
            }
        }
        deinit { if let descriptor { close(descriptor) } }

        func ask() {
            guard let descriptor else { return }
            let question = [UInt8](repeating: 7, count: 10)
            #expect(send(descriptor, question, question.count, Int32(MSG_NOSIGNAL)) == 10)
        }

        func isReadable(within milliseconds: Int32) -> Bool {
            var polled = pollfd(fd: descriptor ?? -1, events: Int16(POLLIN), revents: 0)
            return poll(&polled, 1, milliseconds) > 0
        }

        func receive(_ limit: Int) -> Received {
            guard let descriptor else { return Received(wasReset: true) }
            var received = Received()
            var buffer = [UInt8](repeating: 0, count: 256)
            while received.bytes.count < limit {
                let count = recv(descriptor, &buffer, limit - received.bytes.count, 0)
                guard count > 0 else {
                    received.wasReset = count < 0 && errno == ECONNRESET
                    break
                }
                received.bytes += buffer[..<count]
            }
            return received
        }
    }

    private func proxy(to server: FakeServer) throws -> FaultProxy {
        try FaultProxy(to: "127.0.0.1:\(server.port)")
    }

    @Test func passesAndCounts() throws {
        let server = try server()
        let proxy = try proxy(to: server)
        do {
            let client = try Client(proxy)
            client.ask()
            #expect(client.receive(100) == Received(bytes: Self.answer))
        }
        try server.finish()
        let line = try #require(proxy.lines.first)
        #expect(line.toServer.bytes == 10 && line.toClient.bytes == 100)
        #expect(proxy.faults == 0)
    }

    @Test(
        "a cut behind any byte lets through what stands before it", arguments: [0, 1, 57, 99, 100])
    func cuts(after: Int) throws {
        for fault in [FaultRules.Fault.close, .reset] {
            let server = try server()
            let proxy = try proxy(to: server)
            proxy.rules.cut = FaultRules.Cut(fault, after: after)
            let client = try Client(proxy)
            if after > 0 { client.ask() }
            let received = client.receive(101)
            // A reset may overtake what was sent before it.
            if fault == .close {
                #expect(received == Received(bytes: Array(Self.answer[..<after])))
            }
            if fault == .reset { #expect(received.wasReset) }
            #expect(try #require(proxy.lines.first).toClient.bytes == after)
            #expect(proxy.faults == 1 && proxy.rules.cut == nil)
            try server.finish()
        }
    }

    @Test func cutsTheQuestion() throws {
        let server = try server()
        let proxy = try proxy(to: server)
        proxy.rules.cut = FaultRules.Cut(.close, after: 9, .toServer)
        let client = try Client(proxy)
        client.ask()
        #expect(client.receive(1).bytes.isEmpty)
        #expect(try #require(proxy.lines.first).toServer.bytes == 9)
        try server.finish()
    }

    @Test("only the line that a cut names, and only once") func oneLine() throws {
        let server = try server(clients: 2)
        let proxy = try proxy(to: server)
        proxy.rules.cut = FaultRules.Cut(.close, after: 3, line: 1)
        do {
            let first = try Client(proxy)
            first.ask()
            #expect(first.receive(100).bytes == Self.answer)
            let second = try Client(proxy)
            second.ask()
            #expect(second.receive(100).bytes == Array(Self.answer[..<3]))
        }
        try server.finish()
    }

    @Test func stallsUntilItIsResumed() throws {
        let server = try server()
        let proxy = try proxy(to: server)
        proxy.rules.cut = FaultRules.Cut(.stall, after: 40)
        do {
            let client = try Client(proxy)
            client.ask()
            #expect(client.receive(40).bytes == Array(Self.answer[..<40]))
            #expect(!client.isReadable(within: 100))
            let deadline = ContinuousClock.now + .seconds(60)
            while proxy.faults == 0, .now < deadline { usleep(1000) }
            #expect(proxy.faults == 1)
            proxy.resume()
            #expect(client.receive(60).bytes == Array(Self.answer[40...]))
        }
        try server.finish()
    }

    @Test func losesAnAnswer() throws {
        let server = try server()
        let proxy = try proxy(to: server)
        proxy.rules.cut = FaultRules.Cut(.swallow, after: 0)
        let client = try Client(proxy)
        client.ask()
        while proxy.lines.first?.toServer.bytes != 10 { usleep(1000) }
        #expect(!client.isReadable(within: 100))
        proxy.closeLines()
        #expect(client.receive(1) == Received())
        try server.finish()
    }

    @Test(arguments: [1, 2, 3, 7]) func pieces(of size: Int) throws {
        let server = try server()
        let proxy = try proxy(to: server)
        proxy.rules.pieces = size
        do {
            let client = try Client(proxy)
            client.ask()
            #expect(client.receive(100).bytes == Self.answer)
        }
        try server.finish()
        #expect(try #require(proxy.lines.first).toClient.pieces >= (100 + size - 1) / size)
    }

    @Test func delays() throws {
        let server = try server()
        let proxy = try proxy(to: server)
        proxy.rules.pieces = 50
        proxy.rules.delay = .milliseconds(60)
        do {
            let client = try Client(proxy)
            let start = ContinuousClock.now
            client.ask()
            #expect(client.receive(100).bytes == Self.answer)
            // The question, and both halves of the answer.
            #expect(.now - start >= .milliseconds(180))
        }
        try server.finish()
    }

    @Test func refuses() throws {
        let server = try server(clients: 2)
        let proxy = try proxy(to: server)
        proxy.rules.refuses = true
        let refused = try Client(proxy)
        #expect(refused.receive(1).wasReset)
        proxy.rules.refuses = false
        do {
            let client = try Client(proxy)
            client.ask()
            #expect(client.receive(100).bytes == Self.answer)
        }
        try server.finish()
    }

    @Test func bordersOfPackets() {
        let bytes =
            FakePeer.frame([1, 2, 3], sequence: 0) + FakePeer.frame([], sequence: 1)
            + FakePeer.frame(Array(repeating: 9, count: 300), sequence: 2)
        for size in [1, 2, 3, 7, bytes.count] {
            var borders = PacketBorders()
            for start in stride(from: 0, to: bytes.count, by: size) {
                borders.add(bytes[start..<min(start + size, bytes.count)])
            }
            #expect(borders.offsets == [7, 11, 315])
        }
        var unfinished = PacketBorders()
        unfinished.add(bytes.dropLast())
        #expect(unfinished.offsets == [7, 11])
    }
}
