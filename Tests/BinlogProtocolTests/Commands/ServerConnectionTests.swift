import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// A connection against servers that misbehave.
@Suite("Connections to misbehaving servers")
struct ServerConnectionTests {
    private func options(
        _ server: FakeServer, tls: TLSOptions.Mode = .disabled
    ) -> ConnectionOptions {
        ConnectionOptions(
            address: server.address, user: "userCanary", password: Secret("passCanary"),
            tls: TLSOptions(mode: tls), connectTimeout: .seconds(3))
    }

    private func connect(
        _ server: FakeServer, tls: TLSOptions.Mode = .disabled
    ) throws -> ServerConnection {
        try ServerConnection.connect(options(server, tls: tls), cancellation: Cancellation())
    }

    private func refusal(_ body: () throws -> Void) -> BinlogError? {
        let error = #expect(throws: BinlogError.self) { try body() }
        #expect(error?.description.contains("passCanary") == false)
        return error
    }

    @Test("AU1: yes, then no")
    func fastThenError() throws {
        let server = try FakeServer { peer in
            try peer.send(FakePackets.clearGreeting())
            _ = try peer.receive()
            try peer.send(FakePackets.fastAuthenticationDone)
            try peer.send(FakePackets.error(1045, "Access denied"))
        }
        #expect(refusal { _ = try connect(server) }?.code == .authentication)
        try server.finish()
    }

    @Test("AU1, T112: a switch to the same plugin, with the sequence going on")
    func switchToSame() throws {
        let server = try FakeServer { peer in
            try peer.send(FakePackets.clearGreeting())
            _ = try peer.receive()
            try peer.send(FakePackets.authSwitch("caching_sha2_password"))
            guard try peer.receive().count == 32 else {
                throw FakeServer.Failure(description: "no new proof")
            }
            try peer.send(FakePackets.fastAuthenticationDone)
            try peer.send(FakePackets.ok)
            guard try peer.receive() == [1] else {
                throw FakeServer.Failure(description: "no good-bye")
            }
        }
        try connect(server).quit()
        try server.finish()
    }

    @Test("T114: no TLS though required: not one byte is sent")
    func tlsAbsent() throws {
        let server = try FakeServer { peer in
            try peer.send(FakePackets.clearGreeting())
            guard try peer.receiveToEnd().isEmpty else {
                throw FakeServer.Failure(description: "something was sent")
            }
        }
        #expect(refusal { _ = try connect(server, tls: .required) }?.code == .tls)
        try server.finish()
    }

    @Test("T114: clear text behind the greeting is never read after the switch to TLS")
    func injection() throws {
        let server = try FakeServer { peer in
            let injected = FakePeer.frame(FakePackets.ok, sequence: 2)
            try peer.sendRaw(FakePeer.frame(FakePackets.greeting(), sequence: 0) + injected)
            guard try peer.receiveToEnd().count == 36 else {
                throw FakeServer.Failure(description: "more than the request for TLS was sent")
            }
        }
        #expect(refusal { _ = try connect(server, tls: .required) }?.code == .tls)
        try server.finish()
    }

    @Test("T114: cut while TLS is made; something that is no TLS")
    func badTLS() throws {
        let cut = try FakeServer { peer in
            try peer.send(FakePackets.greeting())
            _ = try peer.receiveRaw(36)
            _ = try peer.receiveSome(atMost: 4096)
        }
        let error = refusal { _ = try connect(cut, tls: .required) }
        #expect(error?.code == .connectionFailed)
        try cut.finish()
        let garbage = try FakeServer { peer in
            try peer.send(FakePackets.greeting())
            _ = try peer.receiveRaw(36)
            try peer.sendRaw(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
            let sent = try peer.receiveToEnd()
            guard !String(decoding: sent, as: UTF8.self).contains("userCanary") else {
                throw FakeServer.Failure(description: "the user name was sent in clear text")
            }
        }
        #expect(refusal { _ = try connect(garbage, tls: .preferred) }?.code == .tls)
        try garbage.finish()
    }

    @Test("T114: a certificate that does not pass ends the connection before the user name")
    func certificate() throws {
        let authority = try CertificateAuthority()
        let own = try authority.issue(name: "peer", names: "DNS:elsewhere")
        let tls = try TLSServer(certificate: own.certificate, key: own.key)
        let port = tls.port
        let server = try FakeServer { peer in
            try peer.send(FakePackets.greeting())
            _ = try peer.receiveRaw(36)
            try peer.relay(toPort: port)
        }
        var options = options(server, tls: .verifyIdentity)
        options.tls.caFile = authority.caFile
        let error = refusal {
            _ = try ServerConnection.connect(options, cancellation: Cancellation())
        }
        #expect(error?.code == .tls)
        #expect(error?.description.contains("mismatch") == true)
        withExtendedLifetime(tls) {}
        try server.finish()
    }

    @Test("T113: a local file is asked for: refused")
    func localFile() throws {
        let server = try FakeServer { peer in
            try peer.playLogin()
            _ = try peer.receive()
            try peer.send([0xfb] + Array("/etc/passwd".utf8))
            guard try peer.receiveToEnd().isEmpty else {
                throw FakeServer.Failure(description: "something was sent")
            }
        }
        var connection: ServerConnection? = try connect(server)
        let error = refusal { _ = try connection?.query("SELECT 1") }
        #expect(error?.code == .corrupt)
        #expect(error?.description.contains("local file") == true)
        connection = nil
        try server.finish()
    }

    @Test("A greeting that is none, a server that closes at once, one that is silent")
    func noServer() throws {
        let other = try FakeServer { try $0.sendRaw(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)) }
        let closing = try FakeServer { _ in }
        let silent = try FakeServer { _ = try $0.receiveToEnd() }
        #expect(refusal { _ = try connect(other) }?.code == .corrupt)
        #expect(refusal { _ = try connect(closing) }?.code == .connectionFailed)
        var options = options(silent)
        options.connectTimeout = .milliseconds(300)
        let error = refusal {
            _ = try ServerConnection.connect(options, cancellation: Cancellation())
        }
        #expect(error?.code == .connectionFailed)
        #expect(error?.description.contains("within") == true)
        for server in [other, closing, silent] { try server.finish() }
    }
}
