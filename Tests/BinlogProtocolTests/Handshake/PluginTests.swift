import BinlogProtocol
import TestSupport
import Testing

/// The conversation of each plugin that a server switches to.
@Suite("Authentication plugins")
struct PluginTests {
    /// 32 bytes, the last of them a NUL that belongs to the nonce.
    private static let longNonce = [UInt8](1...31) + [0]

    private func machine(
        password: String = "secret", tls: TLSOptions.Mode = .disabled, isUnixSocket: Bool = false,
        pinned: [UInt8]? = nil, retrieval: Bool = false
    ) -> HandshakeMachine {
        HandshakeMachine(
            HandshakeMachine.Configuration(
                user: "repl", password: Secret(password), tlsMode: tls,
                isUnixSocket: isUnixSocket, pinnedPublicKey: pinned,
                allowPublicKeyRetrieval: retrieval, compression: .none, attributes: []))
    }

    /// What a machine does about the last of these packets.
    private func play(
        _ machine: inout HandshakeMachine, _ packets: [UInt8]...
    ) throws(BinlogError) -> HandshakeMachine.Action {
        var action = HandshakeMachine.Action.receive
        for packet in packets {
            action = try machine.received(packet)
            if case .startTLS = action { action = try machine.tlsStarted() }
        }
        return action
    }

    private func refusal(_ machine: HandshakeMachine, _ packets: [UInt8]...) -> BinlogError? {
        var machine = machine
        do throws(BinlogError) {
            for packet in packets { _ = try play(&machine, packet) }
            return nil
        } catch {
            return error
        }
    }

    @Test("sha256_password over TLS: the password, or that there is none")
    func sha256() throws {
        for mode in [TLSOptions.Mode.preferred, .required, .verifyCA, .verifyIdentity] {
            for (password, message) in [("secret", Array("secret\0".utf8)), ("", [0])] {
                var machine = machine(password: password, tls: mode)
                let action = try play(
                    &machine, FakePackets.greeting(), FakePackets.authSwitch("sha256_password"))
                #expect(action == .send(message))
                #expect(try machine.received(FakePackets.ok) == .finished)
            }
        }
    }

    @Test("sha256_password as the server's default: no password goes to who did not ask for it")
    func sha256Default() throws {
        var machine = machine(tls: .required)
        let action = try play(&machine, FakePackets.greeting(plugin: "sha256_password"))
        guard case .send(let response) = action else {
            Issue.record("nothing was sent")
            return
        }
        let text = String(decoding: response, as: UTF8.self)
        #expect(!text.contains("secret"))
        #expect(text.contains("caching_sha2_password"))
        #expect(
            try machine.received(FakePackets.authSwitch("sha256_password"))
                == .send(Array("secret\0".utf8)))
    }

    @Test("sha256_password without TLS: by the pinned key, the key asked for, or not at all")
    func sha256RSA() throws {
        let folder = try TemporaryFolder()
        let privateKey = folder.path("key.pem")
        try CommandLineTool.run(["openssl", "genrsa", "-out", privateKey, "2048"])
        let pem = try CommandLineTool.run(["openssl", "rsa", "-in", privateKey, "-pubout"])
        let request = FakePackets.authSwitch("sha256_password")

        var pinned = machine(pinned: pem)
        var sent = [try play(&pinned, FakePackets.clearGreeting(), request)]
        // Nobody can sit between the ends of a Unix socket.
        for (isUnixSocket, retrieval) in [(false, true), (true, false)] {
            var asking = machine(isUnixSocket: isUnixSocket, retrieval: retrieval)
            #expect(try play(&asking, FakePackets.clearGreeting(), request) == .send([1]))
            sent.append(try asking.received([1] + pem))
            #expect(try asking.received(FakePackets.ok) == .finished)
        }
        for action in sent {
            guard case .send(let encrypted) = action else {
                Issue.record("nothing was sent")
                return
            }
            let clear = try CommandLineTool.run(
                [
                    "openssl", "pkeyutl", "-decrypt", "-inkey", privateKey, "-pkeyopt",
                    "rsa_padding_mode:oaep",
                ], input: encrypted)
            let nonce = FakePackets.otherNonce
            #expect(clear.indices.map { clear[$0] ^ nonce[$0 % 20] } == Array("secret\0".utf8))
        }
        let error = refusal(machine(), FakePackets.clearGreeting(), request)
        #expect(error?.code == .authentication)
        for word in ["sha256_password", "MYSQL_SERVER_PUBLIC_KEY", "KEY_RETRIEVAL=true"] {
            #expect(error?.description.contains(word) == true)
        }
    }

    @Test("mysql_clear_password: only through TLS whose certificate was checked")
    func clear() throws {
        let request = FakePackets.authSwitch("mysql_clear_password", nonce: [])
        for mode in [TLSOptions.Mode.verifyCA, .verifyIdentity] {
            for data in [
                request, Array(request.dropLast()), FakePackets.authSwitch("mysql_clear_password"),
            ] {
                var machine = machine(tls: mode)
                #expect(
                    try play(&machine, FakePackets.greeting(), data)
                        == .send(Array("secret\0".utf8)))
                #expect(try machine.received(FakePackets.ok) == .finished)
            }
        }
        for machine in [
            machine(), machine(tls: .preferred), machine(tls: .required),
            machine(tls: .preferred, isUnixSocket: true),
        ] {
            let error = refusal(machine, FakePackets.greeting(), request)
            #expect(error?.code == .authentication)
            #expect(error?.description.contains("MYSQL_TLS_MODE=verify-identity") == true)
            #expect(error?.description.contains("secret") == false)
        }
    }

    @Test("client_ed25519: a signature of a nonce that may end in NUL")
    func ed25519() throws {
        let expected = try Ed25519Password.signature(
            password: Secret("secret"), nonce: Self.longNonce)
        let plain = FakePackets.authSwitch("client_ed25519", nonce: Self.longNonce)
        for request in [plain, Array(plain.dropLast())] {
            var machine = machine()
            #expect(try play(&machine, FakePackets.clearGreeting(), request) == .send(expected))
            #expect(try machine.received(FakePackets.ok) == .finished)
        }
        for count in [0, 20, 30, 33] {
            let nonce = [UInt8](repeating: 7, count: count)
            let request = FakePackets.authSwitch("client_ed25519", nonce: nonce)
            #expect(refusal(machine(), FakePackets.clearGreeting(), request)?.code == .corrupt)
        }
    }

    @Test("An account with several plugins: the next one after a wrong answer to the first")
    func next() throws {
        var machine = machine()
        let action = try play(
            &machine, FakePackets.clearGreeting(plugin: "mysql_native_password"),
            FakePackets.authSwitch("client_ed25519", nonce: Self.longNonce),
            FakePackets.authSwitch("mysql_native_password"))
        let proof = NativePassword.proof(
            password: Secret("secret"), nonce: FakePackets.otherNonce)
        #expect(action == .send(proof))
        #expect(try machine.received(FakePackets.ok) == .finished)
    }

    @Test("An account with as many plugins as are answered: the last one lets us in")
    func last() throws {
        var machine = machine()
        let action = try play(
            &machine, FakePackets.clearGreeting(plugin: "mysql_native_password"),
            FakePackets.authSwitch("client_ed25519", nonce: Self.longNonce),
            FakePackets.authSwitch("mysql_native_password"),
            FakePackets.authSwitch("parsec", nonce: Self.longNonce),
            [0x50, 1] + [UInt8](41...58),
            FakePackets.authSwitch("mysql_native_password"),
            FakePackets.authSwitch("client_ed25519", nonce: Self.longNonce))
        let proof = try Ed25519Password.signature(
            password: Secret("secret"), nonce: Self.longNonce)
        #expect(action == .send(proof))
        #expect(try machine.received(FakePackets.ok) == .finished)
    }

    @Test("parsec: an empty packet, the salt, our nonce and the signature")
    func parsec() throws {
        let salt = [0x50, 1] + [UInt8](41...58)
        var answers: Set<[UInt8]> = []
        for mark in [[], [0x01]] as [[UInt8]] {
            var machine = machine()
            let request = FakePackets.authSwitch("parsec", nonce: Self.longNonce)
            #expect(try play(&machine, FakePackets.clearGreeting(), request) == .send([]))
            guard case .send(let answer) = try machine.received(mark + salt) else {
                Issue.record("nothing was sent")
                return
            }
            var reader = ByteReader(salt)
            let expected = try Parsec.proof(
                password: Secret("secret"), derivation: Parsec.Derivation(from: &reader),
                serverNonce: Self.longNonce, clientNonce: Array(answer.prefix(32)))
            #expect(answer == expected)
            #expect(try machine.received(FakePackets.ok) == .finished)
            answers.insert(answer)
        }
        #expect(answers.count == 2)
    }

    @Test("parsec: salts that are none, and more rounds than servers know")
    func parsecRefused() {
        let salt = [UInt8](41...58)
        for packet in [
            [0x50, 4] + salt, [0x50, 255] + salt, [0x51, 0] + salt, [0x50, 0] + salt.dropLast(),
            [0x50, 0] + salt + [0], [0x50], [], [0x01], [0x01, 0x01, 0x50, 0] + salt,
        ] as [[UInt8]] {
            let request = FakePackets.authSwitch("parsec", nonce: Self.longNonce)
            let error = refusal(machine(), FakePackets.clearGreeting(), request, packet)
            #expect(error?.code == .corrupt)
        }
        let refused = refusal(
            machine(), FakePackets.clearGreeting(),
            FakePackets.authSwitch("parsec", nonce: Self.longNonce),
            FakePackets.error(1045, "Access denied"))
        #expect(refused?.code == .authentication)
    }
}
