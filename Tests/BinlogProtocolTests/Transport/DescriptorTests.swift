import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// Connections that come to nothing leave nothing behind.
@Suite("File descriptors")
struct DescriptorTests {
    private static let attempts = 100

    private var count: Int {
        get throws { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
    }

    /// Other tests open descriptors meanwhile, so only growth by about one each attempt is a leak.
    private func expectNoLeak(_ body: () throws -> Void) throws {
        let before = try count
        for _ in 0..<Self.attempts { try body() }
        var after = try count
        for _ in 0..<100 where after - before >= Self.attempts / 2 {
            Thread.sleep(forTimeInterval: 0.05)
            after = try count
        }
        #expect(after - before < Self.attempts / 2)
    }

    private func attempt(
        _ address: ServerAddress, tls: TLSOptions.Mode = .disabled, isCancelled: Bool = false
    ) throws {
        let cancellation = try Cancellation()
        if isCancelled { cancellation.cancel() }
        #expect(throws: BinlogError.self) {
            try ServerConnection.connect(
                ConnectionOptions(
                    address: address, user: "u", password: Secret("p"), tls: TLSOptions(mode: tls)),
                cancellation: cancellation)
        }
    }

    @Test("Nobody listens, and cancelled before it began")
    func refused() throws {
        try expectNoLeak { try attempt(.tcp(host: "localhost", port: 1)) }
        try expectNoLeak { try attempt(.tcp(host: "localhost", port: 1), isCancelled: true) }
    }

    @Test("The server lets us go while logging in, in clear text and while TLS is made")
    func loggingIn() throws {
        try expectNoLeak {
            let server = try FakeServer { try $0.send(FakePackets.clearGreeting()) }
            try attempt(server.address)
            try server.finish()
        }
        try expectNoLeak {
            let server = try FakeServer { peer in
                try peer.send(FakePackets.greeting())
                _ = try peer.receiveSome(atMost: 4096)
                try peer.sendRaw(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
            }
            try attempt(server.address, tls: .required)
            try server.finish()
        }
    }

    @Test("Left in the middle of a log")
    func following() throws {
        try expectNoLeak {
            let server = try FakeServer { peer in
                try peer.playUntilDump()
                try peer.send(FakePackets.error(1236, "bogus data in log event"))
            }
            let stream = try ServerConnection.connect(
                ConnectionOptions(
                    address: server.address, user: "u", password: Secret("p"),
                    tls: TLSOptions(mode: .disabled)), cancellation: Cancellation())
            _ = try stream.beginDump(from: GTIDSet(), replicaUUID: .random())
            #expect(throws: BinlogError.self) {
                try stream.nextEvent(until: .now.advanced(by: .seconds(5)))
            }
            try server.finish()
        }
    }
}
