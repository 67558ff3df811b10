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

    @Test("GM12: frames begin after the login's OK, in both directions")
    func compressed() throws {
        let server = try FakeServer { peer in
            try peer.send(
                FakePackets.greeting(capabilities: Capabilities.announced.union(.compress)))
            _ = try peer.receive()
            try peer.send(FakePackets.ok)
            let statement = FakePeer.frame([3] + Array("SELECT 1".utf8), sequence: 0)
            let expected = CompressedFrames.frame(statement, sequence: 0, form: .verbatim)
            guard try peer.receiveRaw(expected.count) == expected else {
                throw FakeServer.Failure(description: "no frame with a statement")
            }
            var packets: [UInt8] = []
            for (index, packet) in FakePackets.result(columns: ["1"], rows: [["1"]]).enumerated() {
                packets += FakePeer.frame(packet, sequence: UInt8(1 + index))
            }
            let half = packets.count / 2
            try peer.sendRaw(
                CompressedFrames.frame(Array(packets[..<half]), sequence: 1, form: .zlib)
                    + CompressedFrames.frame(Array(packets[half...]), sequence: 2, form: .zlib))
            let goodBye = CompressedFrames.frame(
                FakePeer.frame([1], sequence: 0), sequence: 0, form: .verbatim)
            guard try peer.receiveToEnd() == goodBye else {
                throw FakeServer.Failure(description: "no frame with a good-bye")
            }
        }
        var options = options(server)
        options.compression = .zlib
        var connection: ServerConnection? = try ServerConnection.connect(
            options, cancellation: Cancellation())
        #expect(try connection?.query("SELECT 1").singleValue == "1")
        try connection?.quit()
        connection = nil
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

    @Test("The X protocol's port says what is wrong with it")
    func xProtocol() throws {
        let server = try FakeServer { try $0.sendRaw([5, 0, 0, 0, 0x0b, 8, 5, 0x1a, 0]) }
        let error = refusal { _ = try connect(server) }
        #expect(error?.code == .configuration)
        #expect(error?.description.contains("33060") == true)
        try server.finish()
    }

    @Test("After the greeting bytes that make no sense are somebody's meddling")
    func brokenAfterGreeting() throws {
        let server = try FakeServer { peer in
            try peer.send(FakePackets.clearGreeting())
            _ = try peer.receive()
            try peer.sendRaw([1, 0, 0, 77, 0])
        }
        #expect(refusal { _ = try connect(server) }?.code == .corrupt)
        try server.finish()
    }

    @Test(
        "T110: each refusal of an account says what to do, and what passes by itself is tried again",
        arguments: [
            (1045, BinlogError.Code.authentication, "MYSQL_PASS"),
            (1129, .authentication, "host_cache"), (1862, .authentication, "IDENTIFIED BY"),
            (3118, .authentication, "ACCOUNT UNLOCK"), (3159, .tls, "MYSQL_TLS_MODE"),
            (1040, .serverError(1040), "refused"), (1041, .serverError(1041), "refused"),
            (1042, .serverError(1042), "refused"), (1135, .serverError(1135), "refused"),
        ] as [(UInt16, BinlogError.Code, String)])
    func refusedAccount(number: UInt16, code: BinlogError.Code, word: String) throws {
        let server = try FakeServer { peer in
            try peer.send(FakePackets.clearGreeting())
            _ = try peer.receive()
            try peer.send(FakePackets.error(number, "no"))
        }
        let error = refusal { _ = try connect(server) }
        #expect(error?.code == code)
        #expect(error?.description.contains(word) == true)
        #expect(error?.isTransient == (code == .serverError(number)))
        try server.finish()
    }

    @Test("An expired password shows at the first statement, and is no missing privilege")
    func expired() throws {
        let server = try FakeServer { peer in
            try peer.playLogin()
            _ = try peer.receive()
            try peer.send(FakePackets.error(1820, "You must reset your password"))
        }
        let error = refusal { _ = try connect(server).query("SELECT 1") }
        #expect(error?.code == .authentication)
        try server.finish()
    }

    @Test("Options that cannot work are refused before anything is connected")
    func options() throws {
        let authority = try CertificateAuthority()
        var options = ConnectionOptions(
            address: .tcp(host: "127.0.0.1", port: 1), user: "u", password: Secret("passCanary"))
        // A certificate is PEM, but no public key.
        options.serverPublicKeyFile = authority.caFile
        let key = refusal {
            _ = try ServerConnection.connect(options, cancellation: Cancellation())
        }
        #expect(key?.code == .configuration)
        options.serverPublicKeyFile = nil
        for path in ["/" + String(repeating: "x", count: 107), "/a\0b"] {
            options.address = .unix(path: path)
            let error = refusal {
                _ = try ServerConnection.connect(options, cancellation: Cancellation())
            }
            #expect(error?.code == .configuration)
        }
    }

    @Test("A greeting that is none, a server that closes at once, one that is silent")
    func noServer() throws {
        let other = try FakeServer { try $0.sendRaw(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)) }
        let closing = try FakeServer { _ in }
        let silent = try FakeServer { _ = try $0.receiveToEnd() }
        let foreign = refusal { _ = try connect(other) }
        #expect(foreign?.code == .configuration)
        #expect(foreign?.description.contains("No MySQL server answers at") == true)
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
