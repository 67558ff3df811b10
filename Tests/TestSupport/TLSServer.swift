internal import Foundation

/// `openssl s_server` on a free port: a TLS peer whose versions and certificate a test chooses.
package final class TLSServer {
    package let port: UInt16
    private let process = Process()
    private let input = Pipe()

    package init(
        certificate: String, key: String, options: [String] = []
    ) throws {
        let (descriptor, port) = try FakeServer.listen()
        close(descriptor)
        self.port = port
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            [
                "openssl", "s_server", "-accept", "127.0.0.1:\(port)", "-cert", certificate,
                "-key", key,
            ] + options
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try waitUntilListening()
    }

    deinit {
        // SIGTERM would wait for ever: a child inherits the signals that a test's thread blocks.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Types a line: text for the client, or a command such as `K` (new keys) and `Q` (end).
    package func type(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
        // A command counts only as the first thing of what is read at once.
        Thread.sleep(forTimeInterval: 0.2)
    }

    /// Asks the kernel: connecting would use up the one client that interactive mode serves.
    private func waitUntilListening() throws {
        let wanted = String(format: ":%04X", Int(port))
        for _ in 0..<200 {
            let table = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)
            let isListening = table.split(separator: "\n").contains { line in
                let fields = line.split(separator: " ")
                return fields.count > 3 && fields[1].hasSuffix(wanted) && fields[3] == "0A"
            }
            if isListening { return }
            Thread.sleep(forTimeInterval: 0.02)
        }
        throw FakeServer.Failure(description: "openssl s_server does not listen")
    }
}
