import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// Connections that come to nothing leave nothing behind.
///
/// Each test is a process of its own, because descriptors are counted and other tests open some.
@Suite("GM14, ZJ2: file descriptors")
struct DescriptorTests {
    @Test("Nobody listens, and cancelled before it began")
    func refused() async {
        await #expect(processExitsWith: .success) {
            let nobody = ServerAddress.tcp(host: "localhost", port: 1)
            try Descriptors.expectNoLeak { try Descriptors.attempt(nobody) }
            try Descriptors.expectNoLeak { try Descriptors.attempt(nobody, isCancelled: true) }
        }
    }

    @Test("The server lets us go while logging in, in clear text and while TLS is made")
    func loggingIn() async {
        await #expect(processExitsWith: .success) {
            try Descriptors.expectNoLeak {
                let server = try FakeServer { try $0.send(FakePackets.clearGreeting()) }
                try Descriptors.attempt(server.address)
                try server.finish()
            }
            try Descriptors.expectNoLeak {
                let server = try FakeServer { peer in
                    try peer.send(FakePackets.greeting())
                    _ = try peer.receiveSome(atMost: 4096)
                    try peer.sendRaw(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
                }
                try Descriptors.attempt(server.address, tls: .required)
                try server.finish()
            }
        }
    }

    @Test("Left in the middle of a log")
    func following() async {
        await #expect(processExitsWith: .success) {
            try Descriptors.expectNoLeak {
                let server = try FakeServer { peer in
                    try peer.playUntilDump()
                    try peer.send(FakePackets.error(1236, "bogus data in log event"))
                }
                try Descriptors.expectFailure {
                    let stream = try ServerConnection.connect(
                        Descriptors.options(server.address), cancellation: Cancellation())
                    _ = try stream.beginDump(from: GTIDSet(), replicaUUID: .random())
                    _ = try stream.nextEvent(until: .now.advanced(by: .seconds(60)))
                }
                try server.finish()
            }
        }
    }
}

private enum Descriptors {
    struct Problem: Error {
        let description: String
    }

    /// The first attempt may open what the process keeps; after it the number stays as it is.
    static func expectNoLeak(_ body: () throws -> Void) throws {
        try body()
        let before = try count()
        for _ in 0..<50 { try body() }
        var after = try count()
        // A peer's thread closes its end a moment later than we do.
        for _ in 0..<200 where after > before {
            Thread.sleep(forTimeInterval: 0.05)
            after = try count()
        }
        guard after <= before else {
            throw Problem(description: "\(after - before) descriptors stay open")
        }
    }

    private static func count() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }

    static func options(
        _ address: ServerAddress, tls: TLSOptions.Mode = .disabled
    ) -> ConnectionOptions {
        ConnectionOptions(
            address: address, user: "u", password: Secret("p"), tls: TLSOptions(mode: tls))
    }

    static func attempt(
        _ address: ServerAddress, tls: TLSOptions.Mode = .disabled, isCancelled: Bool = false
    ) throws {
        let cancellation = try Cancellation()
        if isCancelled { cancellation.cancel() }
        try expectFailure {
            _ = try ServerConnection.connect(
                options(address, tls: tls), cancellation: cancellation)
        }
    }

    static func expectFailure(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch is BinlogError {
            return
        }
        throw Problem(description: "nothing failed")
    }
}
