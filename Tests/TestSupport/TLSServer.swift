internal import Foundation

/// `openssl s_server` on a free port: a TLS peer whose versions and certificate a test chooses.
package final class TLSServer {
    package let port: UInt16
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// - Parameter options: of `s_server`, without `-quiet`, which keeps the port a secret.
    package init(
        certificate: String, key: String, options: [String] = []
    ) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // Port 0: the system chooses one, so that nobody else can take it first.
        process.arguments =
            [
                "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate,
                "-key", key,
            ] + options
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        port = try Self.announcedPort(output.fileHandleForReading)
        // A full pipe would stop the server.
        output.fileHandleForReading.readabilityHandler = { handle in
            if handle.availableData.isEmpty { handle.readabilityHandler = nil }
        }
    }

    deinit {
        output.fileHandleForReading.readabilityHandler = nil
        // SIGTERM would wait for ever: a child inherits the signals that a test's thread blocks.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Types a line: text for the client, or a command such as `K` (new keys) and `Q` (end).
    package func type(_ line: String) throws {
        let handle = input.fileHandleForWriting
        try handle.write(contentsOf: Data("\(line)\n".utf8))
        // A command counts only as the first thing of what is read at once, so the server must
        // have read this line before the next one comes.
        let deadline = ContinuousClock.now + .seconds(60)
        var unread: CInt = 1
        while unread > 0 {
            guard ioctl(handle.fileDescriptor, UInt(FIONREAD), &unread) == 0,
                ContinuousClock.now < deadline
            else { throw FakeServer.Failure(description: "openssl s_server does not read") }
            if unread > 0 { Thread.sleep(forTimeInterval: 0.001) }
        }
    }

    /// Waits for the line `ACCEPT 127.0.0.1:12345`, which comes when the server listens.
    private static func announcedPort(_ output: FileHandle) throws -> UInt16 {
        var said = ""
        while true {
            let bytes = output.availableData
            guard !bytes.isEmpty else {
                throw FakeServer.Failure(description: "openssl s_server ended: \(said)")
            }
            said += String(decoding: bytes, as: UTF8.self)
            if let match = said.firstMatch(of: /ACCEPT .*:([0-9]+)\n/), let port = UInt16(match.1) {
                return port
            }
        }
    }
}
