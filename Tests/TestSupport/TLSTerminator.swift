internal import Foundation

/// A port of this machine where TLS is spoken, in front of a server that speaks clear text.
package final class TLSTerminator {
    package let port: UInt16
    private let process = Process()
    private let output = Pipe()

    /// - Parameters:
    ///   - server: the `host:port` of a server on loopback.
    ///   - clientAuthority: the authority of whose certificates a client must present one; nil asks for none.
    package init(
        to server: String, certificate: String, key: String, clientAuthority: String? = nil
    ) throws {
        guard let target = server.split(separator: ":").last else {
            throw FakeServer.Failure(description: "\(server) has no port")
        }
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let script = Services.root.appendingPathComponent("Tests/Support/tls-terminator.py").path
        process.arguments =
            ["python3", script, String(target), certificate, key]
            + [clientAuthority].compactMap { $0 }
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var said = ""
        while !said.hasSuffix("\n") {
            let bytes = output.fileHandleForReading.availableData
            guard !bytes.isEmpty else {
                throw FakeServer.Failure(description: "the TLS terminator ended: \(said)")
            }
            said += String(decoding: bytes, as: UTF8.self)
        }
        guard let match = said.wholeMatch(of: /PORT ([0-9]+)\n/), let port = UInt16(match.1) else {
            throw FakeServer.Failure(description: "the TLS terminator said \(said)")
        }
        self.port = port
    }

    deinit {
        // SIGTERM would wait for ever: a child inherits the signals that a test's thread blocks.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
