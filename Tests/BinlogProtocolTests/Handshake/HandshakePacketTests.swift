import BinlogProtocol
import TestSupport
import Testing

@Suite("Packets of the handshake")
struct HandshakePacketTests {
    // Recorded from a MySQL 9.7.4 and a MariaDB 10.11.19 server.
    static let mysql = bytes(
        """
        0a392e372e342d3200be00000004226d1362100a5600ffffff0200ffdf1500000000000000000000134e08745d\
        09040d2b237f7d0063616368696e675f736861325f70617373776f726400
        """)
    static let mariadb = bytes(
        """
        0a352e352e352d31302e31312e31392d4d6172696144422d302b646562313275312d6c6f67002800000040713b\
        6f3f2c5d6f00fef7080200ff81150000000000001d00000037626a6e673b307e4d434822006d7973716c5f6e61\
        746976655f70617373776f726400
        """)

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
    }

    private func greeting(_ bytes: [UInt8]) throws -> ServerGreeting {
        var reader = ByteReader(bytes)
        return try ServerGreeting(from: &reader)
    }

    @Test("Recorded greetings")
    func recorded() throws {
        let mysql = try greeting(Self.mysql)
        #expect(mysql.serverVersion == "9.7.4-2")
        #expect(mysql.connectionID == 190)
        #expect(mysql.plugin == "caching_sha2_password")
        #expect(mysql.nonce == Self.bytes("04226d1362100a56134e08745d09040d2b237f7d"))
        #expect(mysql.capabilities.contains([.tls, .pluginAuthentication, .deprecateEOF]))
        let mariadb = try greeting(Self.mariadb)
        #expect(mariadb.serverVersion == "5.5.5-10.11.19-MariaDB-0+deb12u1-log")
        #expect(mariadb.plugin == "mysql_native_password")
        #expect(mariadb.nonce == Self.bytes("40713b6f3f2c5d6f37626a6e673b307e4d434822"))
        #expect(!mariadb.capabilities.contains(.longPassword))
        #expect(!mariadb.capabilities.contains(.tls))
    }

    @Test("A plugin name without its NUL, and other handshake versions")
    func variants() throws {
        #expect(try greeting(Self.mysql.dropLast()).plugin == "caching_sha2_password")
        #expect(throws: DecodingError(.unsupported("handshake version 9"), at: 0)) {
            try greeting([9] + Self.mysql.dropFirst())
        }
    }

    @Test("Error packets are made fit to be printed")
    func errorText() throws {
        var reader = ByteReader(
            FakePackets.error(
                1064, "near '\u{1b}[31m\n\u{202e}x' \u{0}" + String(repeating: "y", count: 3000)))
        let error = try ErrorPacket(from: &reader)
        #expect(error.number == 1064)
        #expect(error.sqlState == "HY000")
        #expect(error.message.hasPrefix("near '?[31m??x' ?yyy"))
        #expect(error.message.utf8.count < 2010)
        var bare = ByteReader(FakePackets.error(1130, "Host", state: nil))
        #expect(try ErrorPacket(from: &bare).message == "Host")
    }

    @Test("Bytes that are no text make a message no longer than text does")
    func errorOfBytes() throws {
        var reader = ByteReader([0xff, 0x48, 0x04] + [UInt8](repeating: 0xcd, count: 3000))
        #expect(try ErrorPacket(from: &reader).message.utf8.count <= 2003)
    }

    private func decodeEverything(_ bytes: [UInt8]) -> Int {
        var accepted = 0
        func attempt(_ body: (inout ByteReader) throws -> Void) {
            var reader = ByteReader(bytes)
            do {
                try body(&reader)
                accepted += 1
            } catch {
                #expect(error is DecodingError)
            }
        }
        attempt { _ = try ServerGreeting(from: &$0) }
        attempt { _ = try OKPacket(from: &$0) }
        attempt { _ = try ErrorPacket(from: &$0) }
        attempt { _ = try AuthSwitchRequest(from: &$0) }
        return accepted
    }

    static let packets = [
        mysql, mariadb, FakePackets.ok, FakePackets.error(1045, "Access denied"),
        FakePackets.authSwitch("caching_sha2_password"),
    ]

    @Test("Cut anywhere, corrupted anywhere: an error or a value, never a trap", arguments: packets)
    func hostile(packet: [UInt8]) {
        #expect(decodeEverything(packet) == 1)
        for count in 0..<packet.count { _ = decodeEverything(Array(packet.prefix(count))) }
        let seed = UInt64.random(in: 0...UInt64.max)
        print("HandshakePacketTests.hostile seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            var bytes = packet
            for _ in 0...Int.random(in: 0...3, using: &generator) {
                let index = Int.random(in: bytes.indices, using: &generator)
                bytes[index] = UInt8.random(in: 0...255, using: &generator)
            }
            _ = decodeEverything(bytes)
        }
    }

    @Test("A whole handshake with corrupted packets never traps")
    func hostileHandshake() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("HandshakePacketTests.hostileHandshake seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let scripts = [
            [FakePackets.greeting(), FakePackets.fastAuthenticationDone, FakePackets.ok],
            [Self.mariadb, FakePackets.authSwitch("mysql_native_password"), FakePackets.ok],
            [FakePackets.clearGreeting(), FakePackets.fullAuthenticationNeeded, [1, 2, 3]],
            [
                FakePackets.clearGreeting(),
                FakePackets.authSwitch("parsec", nonce: [UInt8](1...32)),
                [0x50, 0] + [UInt8](1...18), FakePackets.ok,
            ],
        ]
        var finished = 0
        var refused = 0
        for round in 0..<3000 {
            var machine = HandshakeMachine(
                HandshakeMachine.Configuration(
                    user: "u", password: Secret("p"), tlsMode: .preferred, isUnixSocket: false,
                    pinnedPublicKey: nil, allowPublicKeyRetrieval: true, compression: .none,
                    attributes: []))
            do throws(BinlogError) {
                packets: for packet in scripts[round % scripts.count] {
                    var bytes = packet
                    if Bool.random(using: &generator) {
                        let index = Int.random(in: bytes.indices, using: &generator)
                        bytes[index] = UInt8.random(in: 0...255, using: &generator)
                    }
                    switch try machine.received(bytes) {
                    case .startTLS: _ = try machine.tlsStarted()
                    case .finished:
                        finished += 1
                        break packets
                    case .send, .receive: continue
                    }
                }
            } catch {
                refused += 1
            }
        }
        #expect(finished > 0)
        #expect(refused > 0)
    }
}
