import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// The conversation while connecting, as a list of packets and answers.
@Suite("Handshake")
struct HandshakeMachineTests {
    // SHA hashes of "secret" with the nonces 1…20 and 101…120, computed with Python's hashlib.
    private static let nativeProof = bytes("b32bb3a583e1340c0a1108d58b1be49781ad8c2f")
    private static let sha2Proof = bytes(
        "746ebe205d56a0707acb3e796e834e0dd7b1d61743b26bd5202c7a623230c7c9")
    private static let otherNativeProof = bytes("bf5ad84441b90818cc6031e816088c817334a60b")
    private static let otherSHA2Proof = bytes(
        "2c1a320fc6146cf1498e533518f46a9f768afe92573087f4bbe5d156c9dcfe76")

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
    }

    private func machine(
        password: String = "secret", tls: TLSOptions.Mode = .disabled, isUnixSocket: Bool = false,
        pinned: [UInt8]? = nil, retrieval: Bool = false, compression: Compression = .none
    ) -> HandshakeMachine {
        HandshakeMachine(
            HandshakeMachine.Configuration(
                user: "repl", password: Secret(password), tlsMode: tls,
                isUnixSocket: isUnixSocket, pinnedPublicKey: pinned,
                allowPublicKeyRetrieval: retrieval, compression: compression,
                attributes: [ConnectionAttribute("program_name", "sdl")]))
    }

    private func response(
        plugin: String, proof: [UInt8], tls: Bool = false
    ) -> HandshakeMachine.Action {
        var capabilities: [UInt8] = [0x05, 0xa2, 0x38, 0x00]
        if tls { capabilities[1] |= 0x08 }
        return .send(
            capabilities + [0, 0, 0, 0x40, 45] + [UInt8](repeating: 0, count: 23)
                + Array("repl\0".utf8) + [UInt8(proof.count)] + proof
                + Array("\(plugin)\0".utf8) + [17, 12] + Array("program_name".utf8) + [3]
                + Array("sdl".utf8))
    }

    /// The code of the error that `packets` end in; nil when there is none.
    private func refusal(
        _ machine: HandshakeMachine, _ packets: [[UInt8]]
    ) -> BinlogError? {
        var machine = machine
        do throws(BinlogError) {
            for packet in packets {
                if case .startTLS = try machine.received(packet) { _ = try machine.tlsStarted() }
            }
            return nil
        } catch {
            return error
        }
    }

    @Test("caching_sha2_password, found in the cache")
    func fast() throws {
        var machine = machine()
        let action = try machine.received(FakePackets.clearGreeting())
        #expect(action == response(plugin: "caching_sha2_password", proof: Self.sha2Proof))
        #expect(machine.greeting?.connectionID == 77)
        #expect(machine.greeting?.serverVersion == "9.7.0")
        #expect(try machine.received(FakePackets.fastAuthenticationDone) == .receive)
        #expect(try machine.received(FakePackets.ok) == .finished)
    }

    @Test("AU1: an error after the fast path said yes")
    func errorAfterFast() throws {
        let error = refusal(
            machine(),
            [
                FakePackets.clearGreeting(), FakePackets.fastAuthenticationDone,
                FakePackets.error(1045, "Access denied"),
            ])
        #expect(error?.code == .authentication)
    }

    @Test("mysql_native_password as the server's default")
    func native() throws {
        var machine = machine()
        let action = try machine.received(
            FakePackets.clearGreeting(plugin: "mysql_native_password"))
        #expect(action == response(plugin: "mysql_native_password", proof: Self.nativeProof))
        #expect(try machine.received(FakePackets.ok) == .finished)
    }

    @Test("A default plugin that we do not know: offer ours and be asked to switch")
    func unknownDefault() throws {
        var machine = machine()
        let action = try machine.received(FakePackets.clearGreeting(plugin: "dialog"))
        #expect(action == response(plugin: "caching_sha2_password", proof: Self.sha2Proof))
        #expect(
            try machine.received(FakePackets.authSwitch("mysql_native_password"))
                == .send(Self.otherNativeProof))
        #expect(try machine.received(FakePackets.ok) == .finished)
    }

    @Test("AU1: a switch to the plugin in use, with a new nonce")
    func switchToSame() throws {
        var machine = machine()
        _ = try machine.received(FakePackets.clearGreeting())
        #expect(
            try machine.received(FakePackets.authSwitch("caching_sha2_password"))
                == .send(Self.otherSHA2Proof))
        #expect(try machine.received(FakePackets.fastAuthenticationDone) == .receive)
        #expect(try machine.received(FakePackets.ok) == .finished)
    }

    @Test("A server that switches for ever is left")
    func endlessSwitch() {
        let again = FakePackets.authSwitch("mysql_native_password")
        func refusal(after switches: Int) -> BinlogError? {
            self.refusal(
                machine(),
                [FakePackets.clearGreeting()] + [[UInt8]](repeating: again, count: switches))
        }
        #expect(refusal(after: 5) == nil)
        let error = refusal(after: 6)
        #expect(error?.code == .corrupt)
        #expect(error?.description.contains("fewer plugins") == true)
    }

    @Test(
        "T112: plugins that are refused, with and without TLS",
        arguments: [
            "mysql_clear_password", "mysql_old_password", "dialog",
            "authentication_ldap_sasl_client",
        ])
    func refusedPlugin(plugin: String) {
        for mode in [TLSOptions.Mode.disabled, .required] {
            let error = refusal(
                machine(tls: mode), [FakePackets.greeting(), FakePackets.authSwitch(plugin)])
            #expect(error?.code == .authentication)
            #expect(error?.description.contains(plugin) == true)
            #expect(error?.description.contains("secret") == false)
        }
    }

    @Test("T112: the old password hash is refused in its own form too")
    func oldPassword() {
        let error = refusal(machine(), [FakePackets.clearGreeting(), [0xfe]])
        #expect(error?.code == .authentication)
        #expect(error?.description.contains("mysql_old_password") == true)
    }

    @Test("AU1: an empty password proves nothing and needs nothing")
    func emptyPassword() throws {
        for plugin in ["caching_sha2_password", "mysql_native_password"] {
            var machine = machine(password: "")
            let action = try machine.received(FakePackets.clearGreeting(plugin: plugin))
            #expect(action == response(plugin: plugin, proof: []))
            #expect(try machine.received(FakePackets.authSwitch(plugin)) == .send([]))
            #expect(try machine.received(FakePackets.ok) == .finished)
        }
    }

    @Test("TLS: the request is the response's first 32 bytes, the user name comes after")
    func tls() throws {
        for mode in [TLSOptions.Mode.preferred, .required, .verifyCA, .verifyIdentity] {
            var machine = machine(tls: mode)
            let full = response(
                plugin: "caching_sha2_password", proof: Self.sha2Proof, tls: true)
            guard case .send(let bytes) = full else { return }
            #expect(
                try machine.received(FakePackets.greeting())
                    == .startTLS(request: Array(bytes.prefix(32))))
            #expect(try machine.tlsStarted() == full)
            #expect(
                try machine.received(FakePackets.fullAuthenticationNeeded)
                    == .send(Array("secret\0".utf8)))
            #expect(try machine.received(FakePackets.ok) == .finished)
        }
    }

    @Test("T114: TLS demanded and not offered: nothing is sent")
    func tlsMissing() {
        for mode in [TLSOptions.Mode.required, .verifyCA, .verifyIdentity] {
            let error = refusal(machine(tls: mode), [FakePackets.clearGreeting()])
            #expect(error?.code == .tls)
        }
        #expect(refusal(machine(tls: .preferred), [FakePackets.clearGreeting()]) == nil)
    }

    @Test("Full authentication over a Unix socket, where TLS is not preferred")
    func unixSocket() throws {
        var machine = machine(tls: .preferred, isUnixSocket: true)
        guard case .send = try machine.received(FakePackets.greeting()) else {
            Issue.record("TLS was started")
            return
        }
        #expect(
            try machine.received(FakePackets.fullAuthenticationNeeded)
                == .send(Array("secret\0".utf8)))
    }

    @Test("Full authentication over a clear connection, without a key: the password stays here")
    func clearConnection() {
        let error = refusal(
            machine(), [FakePackets.clearGreeting(), FakePackets.fullAuthenticationNeeded])
        #expect(error?.code == .authentication)
        for word in ["MYSQL_TLS_MODE", "MYSQL_SERVER_PUBLIC_KEY", "KEY_RETRIEVAL=true"] {
            #expect(error?.description.contains(word) == true)
        }
    }

    @Test("Full authentication by RSA: the pinned key, the retrieved key", arguments: [1, 213])
    func rsa(passwordBytes: Int) throws {
        let password = String(repeating: "p", count: passwordBytes)
        let folder = try TemporaryFolder()
        let privateKey = folder.path("key.pem")
        try CommandLineTool.run(["openssl", "genrsa", "-out", privateKey, "2048"])
        let pem = try CommandLineTool.run(["openssl", "rsa", "-in", privateKey, "-pubout"])

        var pinned = machine(password: password, pinned: pem)
        _ = try pinned.received(FakePackets.clearGreeting())
        let first = try pinned.received(FakePackets.fullAuthenticationNeeded)

        var retrieving = machine(password: password, retrieval: true)
        _ = try retrieving.received(FakePackets.clearGreeting())
        #expect(try retrieving.received(FakePackets.fullAuthenticationNeeded) == .send([2]))
        let second = try retrieving.received([1] + pem)

        for action in [first, second] {
            guard case .send(let encrypted) = action else {
                Issue.record("nothing was sent")
                return
            }
            let clear = try CommandLineTool.run(
                [
                    "openssl", "pkeyutl", "-decrypt", "-inkey", privateKey, "-pkeyopt",
                    "rsa_padding_mode:oaep",
                ], input: encrypted)
            let nonce = FakePackets.nonce
            let plain = clear.indices.map { clear[$0] ^ nonce[$0 % 20] }
            #expect(plain == Array("\(password)\0".utf8))
        }
        #expect(first != second)
        #expect(try retrieving.received(FakePackets.ok) == .finished)

        let long = refusal(
            machine(password: password + String(repeating: "p", count: 213), pinned: pem),
            [FakePackets.clearGreeting(), FakePackets.fullAuthenticationNeeded])
        #expect(long?.code == .authentication)
        #expect(long?.description.contains("213 bytes") == true)
    }

    @Test("Keys that are none, are not RSA or are too short")
    func badKeys() throws {
        let garbage = Array("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n".utf8)
        let folder = try TemporaryFolder()
        let small = folder.path("small.pem")
        let elliptic = folder.path("ec.pem")
        try CommandLineTool.run(["openssl", "genrsa", "-out", small, "1024"])
        try CommandLineTool.run([
            "openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", elliptic,
        ])
        let smallPEM = try CommandLineTool.run(["openssl", "rsa", "-in", small, "-pubout"])
        let ellipticPEM = try CommandLineTool.run(["openssl", "ec", "-in", elliptic, "-pubout"])
        for pem in [[], garbage, smallPEM, ellipticPEM] {
            let error = refusal(
                machine(retrieval: true),
                [
                    FakePackets.clearGreeting(), FakePackets.fullAuthenticationNeeded, [1] + pem,
                ])
            #expect(error?.code == .authentication)
        }
    }

    @Test("T110: refusals of the server, before and after the greeting")
    func refusals() {
        for (number, code) in [
            (1045, BinlogError.Code.authentication), (1130, .authentication),
            (1129, .authentication), (3118, .authentication), (1862, .authentication),
            (1040, .serverError(1040)), (3159, .tls), (1105, .serverError(1105)),
        ] as [(UInt16, BinlogError.Code)] {
            let early = refusal(machine(), [FakePackets.error(number, "No\n", state: nil)])
            #expect(early?.code == code)
            #expect(early?.description.contains("\n") == false)
            let late = refusal(
                machine(), [FakePackets.clearGreeting(), FakePackets.error(number, "No")])
            #expect(late?.code == code)
            #expect(late?.isTransient == (number == 1040))
        }
    }

    @Test("T113: a request for a local file, and packets that have no place")
    func misplaced() {
        for packet in [[0xfb, 0x2f, 0x65], [0x42], [0x01, 0x05], [0x01], []] as [[UInt8]] {
            let error = refusal(machine(), [FakePackets.clearGreeting(), packet])
            #expect(error?.code == .corrupt)
        }
        let file = refusal(machine(), [FakePackets.clearGreeting(), [0xfb, 0x2f]])
        #expect(file?.description.contains("local file") == true)
        let native = refusal(
            machine(),
            [
                FakePackets.clearGreeting(plugin: "mysql_native_password"),
                FakePackets.fullAuthenticationNeeded,
            ])
        #expect(native?.code == .corrupt)
    }

    @Test("Servers that are too old, and nonces of a wrong size")
    func unusable() {
        let old = refusal(
            machine(), [FakePackets.greeting(capabilities: [.protocol41, .secureConnection])])
        #expect(old?.code == .configuration)
        let short = refusal(
            machine(), [FakePackets.greeting(nonce: [UInt8](1...15))])
        #expect(short?.code == .corrupt)
        let badSwitch = refusal(
            machine(),
            [
                FakePackets.clearGreeting(),
                FakePackets.authSwitch("mysql_native_password", nonce: [1, 2, 3]),
            ])
        #expect(badSwitch?.code == .corrupt)
    }

    @Test(
        "GM12: compression is announced when the server offers it, with the level of zstd at the end"
    )
    func compression() throws {
        for (compression, flag, tail) in [
            (Compression.zlib, Capabilities.compress, [] as [UInt8]),
            (.zstd, .zstdCompression, [3]),
        ] {
            var plain = machine()
            var compressed = machine(compression: compression)
            let greeting = FakePackets.greeting(
                capabilities: Capabilities.announced.union([.compress, .zstdCompression]))
            guard case .send(let without) = try plain.received(greeting),
                case .send(let with) = try compressed.received(greeting)
            else {
                Issue.record("no response")
                return
            }
            var expected = without + tail
            for index in 0..<4 {
                expected[index] |= UInt8(truncatingIfNeeded: flag.rawValue >> UInt32(8 * index))
            }
            #expect(with == expected)
        }
    }

    @Test(
        "GM12: a server that does not offer the compression asked for, with and without the other")
    func compressionMissing() {
        for (compression, offered) in [
            (Compression.zlib, Capabilities.zstdCompression), (.zstd, .compress), (.zlib, []),
            (.zstd, []),
        ] {
            for mode in [TLSOptions.Mode.disabled, .required] {
                let error = refusal(
                    machine(tls: mode, compression: compression),
                    [
                        FakePackets.greeting(
                            capabilities: Capabilities.announced.union([.tls]).union(offered))
                    ])
                #expect(error?.code == .configuration)
                #expect(
                    error?.description.contains("MYSQL_COMPRESSION=\(compression.rawValue)")
                        == true)
            }
        }
    }

    @Test("S17: nothing is announced that is not implemented")
    func capabilities() throws {
        var machine = machine()
        let all = Capabilities(rawValue: .max)
        guard
            case .startTLS(let request) = try {
                machine = self.machine(tls: .required)
                return try machine.received(FakePackets.greeting(capabilities: all))
            }()
        else {
            Issue.record("no TLS")
            return
        }
        let flags = request.prefix(4).enumerated().reduce(UInt32(0)) {
            $0 | UInt32($1.element) << UInt32(8 * $1.offset)
        }
        let announced = Capabilities(rawValue: flags)
        #expect(announced == Capabilities.announced.union(.tls))
        #expect(announced.isDisjoint(with: [.localFiles, .deprecateEOF, .connectWithDatabase]))
    }
}
