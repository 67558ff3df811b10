import BinlogProtocol
import Synchronization
import TestSupport
import Testing

/// ZJ5: how a log is left, through a second connection.
@Suite("Leaving a log")
struct EndDumpTests {
    /// The statements of the second connection.
    private func statements(
        uuid: String = FakeSource.uuid, dump: [String?]? = ["u", "Binlog Dump GTID"]
    ) throws -> [String] {
        let seen = Locked<[String]>([])
        let server = try FakeServer(
            { peer in
                try peer.playUntilDump()
                _ = try peer.receiveToEnd()
            },
            { peer in
                let statements = try peer.playEndOfDump(uuid: uuid, dump: dump)
                seen.withLock { $0 = statements }
            })
        var connection: ServerConnection? = try ServerConnection.connect(
            ConnectionOptions(
                address: server.address, user: "u", password: Secret("p"),
                tls: TLSOptions(mode: .disabled)), cancellation: Cancellation())
        _ = try connection?.beginDump(from: GTIDSet(), replicaUUID: .random())
        try connection?.quit()
        // A second time there is nothing left to do, and nobody to connect to.
        try connection?.quit()
        let error = #expect(throws: BinlogError.self) {
            try connection?.nextEvent(until: .now)
        }
        #expect(error?.code == .cancelled)
        connection = nil
        try server.finish()
        return seen.withLock { $0 }
    }

    @Test("The dump thread of this connection is ended")
    func ended() throws {
        #expect(try statements().last == "KILL 77")
    }

    @Test("Another server behind the same address: nothing is ended there")
    func otherServer() throws {
        let statements = try statements(uuid: "11111111-2222-3333-4444-555555555555")
        #expect(statements == ["SELECT @@global.server_uuid"])
    }

    @Test(
        "The number is somebody else's by now, or nobody's: nothing is ended",
        arguments: [
            ["u", "Query"], ["somebody", "Binlog Dump GTID"], [nil, "Daemon"], nil,
        ] as [[String?]?])
    func stranger(dump: [String?]?) throws {
        #expect(try statements(dump: dump).allSatisfy { !$0.contains("KILL") })
    }
}
