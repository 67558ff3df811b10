import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// A log from servers that misbehave.
@Suite("Logs of misbehaving servers")
struct DumpStreamTests {
    private let uuid = ServerUUID(bytes: [UInt8](0..<16))

    private func options(
        _ server: FakeServer, _ heartbeat: Duration = .seconds(10)
    ) -> ConnectionOptions {
        ConnectionOptions(
            address: server.address, user: "userCanary", password: Secret("passCanary"),
            tls: TLSOptions(mode: .disabled), connectTimeout: .seconds(3),
            heartbeatPeriod: heartbeat)
    }

    private func refusal(_ body: () throws -> Void) -> BinlogError? {
        let error = #expect(throws: BinlogError.self) { try body() }
        #expect(error?.description.contains("passCanary") == false)
        return error
    }

    private func follow(
        _ heartbeat: Duration = .seconds(10), checksum: String = "CRC32",
        isNonBlocking: Bool = false,
        _ script: @escaping @Sendable (FakePeer) throws -> Void,
        _ body: (ServerConnection) throws -> Void
    ) throws {
        let server = try FakeServer { peer in
            var source = FakeSource()
            source.checksum = checksum
            try peer.playUntilDump(source)
            try script(peer)
        }
        let options = options(server, heartbeat)
        var connection: ServerConnection? = try ServerConnection.connect(
            options, cancellation: Cancellation())
        let hasChecksum = try connection?.beginDump(
            from: GTIDSet(), replicaUUID: uuid, isNonBlocking: isNonBlocking)
        #expect(hasChecksum == (checksum == "CRC32"))
        if let connection { try body(connection) }
        connection = nil
        try server.finish()
    }

    private func next(_ connection: ServerConnection) throws -> DumpItem {
        try connection.nextEvent(until: .now.advanced(by: .seconds(5)))
    }

    @Test("Events come without their status byte; EOF is the end", arguments: ["CRC32", "NONE"])
    func events(checksum: String) throws {
        try follow(checksum: checksum, isNonBlocking: true) { peer in
            for payload in [[0, 1, 2, 3], [0], [0, 0xff], FakePackets.eof] as [[UInt8]] {
                try peer.send(payload)
            }
        } _: { (connection: ServerConnection) throws in
            #expect(try next(connection) == .event([1, 2, 3]))
            #expect(try next(connection) == .event([]))
            #expect(try next(connection) == .event([0xff]))
            #expect(try next(connection) == .end)
            #expect(try next(connection) == .end)
        }
    }

    @Test("T81: the end of a log that is waited for is a lost connection, also when asked again")
    func endOfEndless() throws {
        try follow { peer in
            try peer.send(FakePackets.eof)
        } _: { (connection: ServerConnection) throws in
            for _ in 0..<2 {
                let error = refusal { _ = try next(connection) }
                #expect(error?.code == .connectionLost)
                #expect(error?.isTransient == true)
            }
        }
    }

    @Test("T80: an error packet within the log; T81: a packet of no known type, an empty one")
    func badPackets() throws {
        try follow { peer in
            try peer.send(FakePackets.error(1236, "bogus data in log event"))
        } _: { (connection: ServerConnection) throws in
            #expect(refusal { _ = try next(connection) }?.code == .corrupt)
        }
        try follow { peer in
            try peer.send([0xef, 1, 2])
        } _: { (connection: ServerConnection) throws in
            #expect(refusal { _ = try next(connection) }?.code == .corrupt)
        }
        try follow { peer in
            // What comes after a packet that makes no sense is not read.
            try peer.send([0xef, 1, 2])
            try peer.send([0, 1, 2])
        } _: { (connection: ServerConnection) throws in
            for _ in 0..<2 { #expect(refusal { _ = try next(connection) }?.code == .corrupt) }
        }
        try follow { peer in
            try peer.send([])
        } _: { (connection: ServerConnection) throws in
            let error = refusal { _ = try next(connection) }
            #expect(error?.code == .connectionLost)
            #expect(error?.isTransient == true)
        }
        try follow { peer in
            try peer.send([0xff, 1])
        } _: { (connection: ServerConnection) throws in
            #expect(refusal { _ = try next(connection) }?.code == .corrupt)
        }
    }

    @Test("T81: the connection ends between two events or within one")
    func cut() throws {
        for bytes in [[], [9, 0, 0, 1, 0, 1, 2]] as [[UInt8]] {
            try follow { peer in
                try peer.sendRaw(bytes)
            } _: { (connection: ServerConnection) throws in
                let error = refusal { _ = try next(connection) }
                #expect(error?.code == .connectionLost)
                #expect(error?.isTransient == true)
                // Asked again it is not a silent end.
                #expect(refusal { _ = try next(connection) }?.code == .connectionLost)
            }
        }
    }

    @Test("OJ1: three heartbeat periods of silence are a lost connection")
    func silence() throws {
        try follow(.milliseconds(100)) { peer in
            try peer.send([0, 1])
            _ = try peer.receiveToEnd()
        } _: { (connection: ServerConnection) throws in
            #expect(try next(connection) == .event([1]))
            let start = ContinuousClock.now
            let error = refusal {
                while try connection.nextEvent(until: .now.advanced(by: .milliseconds(20)))
                    == .timedOut
                {}
            }
            #expect(error?.code == .connectionLost)
            #expect(start.duration(to: .now) > .milliseconds(290))
        }
    }

    @Test("DZ1: a server that looks long for our position before its first packet is not lost")
    func longSeek() throws {
        try follow(.milliseconds(20)) { peer in
            Thread.sleep(forTimeInterval: 0.3)
            try peer.send([0, 1])
            _ = try peer.receiveToEnd()
        } _: { (connection: ServerConnection) throws in
            #expect(try next(connection) == .event([1]))
            #expect(refusal { _ = try next(connection) }?.code == .connectionLost)
        }
    }

    @Test("Nor while what stands at the beginning of a log file is all that came")
    func longSeekInsideAFile() throws {
        let beginning = [
            EventBuilder.rotate("b.000001"), EventBuilder.event(15, []),
            EventBuilder.event(163, []),
        ]
        try follow(.milliseconds(20)) { peer in
            try peer.send(events: beginning)
            Thread.sleep(forTimeInterval: 0.3)
            try peer.send([0] + EventBuilder.xid(1))
            _ = try peer.receiveToEnd()
        } _: { (connection: ServerConnection) throws in
            for event in beginning { #expect(try next(connection) == .event(event)) }
            #expect(try next(connection) == .event(EventBuilder.xid(1)))
            #expect(refusal { _ = try next(connection) }?.code == .connectionLost)
        }
    }

    @Test("Heartbeat periods that no server takes", arguments: [0, -1, 4_294_968, Int64.max, .min])
    func heartbeat(seconds: Int64) throws {
        let server = try FakeServer { peer in
            try peer.playLogin()
            _ = try peer.receiveToEnd()
        }
        var connection: ServerConnection? = try ServerConnection.connect(
            options(server, .seconds(seconds)), cancellation: Cancellation())
        let error = refusal {
            _ = try connection?.beginDump(from: GTIDSet(), replicaUUID: uuid)
        }
        #expect(error?.code == .configuration)
        connection = nil
        try server.finish()
    }

    @Test("T81, MX15: what is set and asked before the log, and how the log is asked for")
    func commands() throws {
        let server = try FakeServer { peer in
            let commands = try peer.playUntilDump()
            let texts = commands.map { String(decoding: $0.dropFirst(), as: UTF8.self) }
            guard commands.map({ $0.first }) == [0x03, 0x03, 0x15, 0x1e] else {
                throw FakeServer.Failure(description: "other commands: \(texts)")
            }
            for setting in [
                "@source_heartbeat_period = 10000000000", "@master_heartbeat_period = 10000000000",
                "@source_binlog_checksum = @@global.binlog_checksum",
                "@master_binlog_checksum = @@global.binlog_checksum",
                "@replica_uuid = '00010203-0405-0607-0809-0a0b0c0d0e0f'",
                "@slave_uuid = '00010203-0405-0607-0809-0a0b0c0d0e0f'",
                "SESSION net_write_timeout = 3600", "SESSION net_read_timeout = 3600",
                "SESSION lc_messages = 'en_US'",
            ] where !texts[0].contains(setting) {
                throw FakeServer.Failure(description: "\(setting) is missing in \(texts[0])")
            }
            let expected = BinlogDumpGTID(
                serverID: 2222, executed: GTIDSet(), isNonBlocking: false)
            guard commands[3] == expected.encoded() else {
                throw FakeServer.Failure(description: "another request: \(commands[3])")
            }
        }
        var connection: ServerConnection? = try ServerConnection.connect(
            options(server), cancellation: Cancellation())
        _ = try connection?.beginDump(from: GTIDSet(), replicaUUID: uuid)
        connection = nil
        try server.finish()
    }

    @Test("A checksum algorithm that does not exist yet")
    func unknownChecksum() throws {
        let error = refusal {
            try follow(checksum: "BLAKE3") { _ in
            } _: { _ in
            }
        }
        #expect(error?.code == .undecodable)
    }
}
