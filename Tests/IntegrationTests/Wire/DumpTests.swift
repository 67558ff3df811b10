import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// The log of a real server, as bytes.
@Suite("Dump from real servers", .serialized)
struct DumpTests {
    private let uuid = ServerUUID(bytes: (0..<16).map { _ in UInt8.random(in: 0...255) })

    private let heartbeats: Set<UInt8> = [27, 41]

    private func connect(_ server: ServiceInstance) throws -> ServerConnection {
        try ServerConnection.connect(server.options(), cancellation: Cancellation())
    }

    private func typeCode(_ event: [UInt8]) -> UInt8 { event.count > 4 ? event[4] : 0 }

    private func size(_ event: [UInt8]) -> Int {
        event.count < 13
            ? -1
            : Int(event[9]) | Int(event[10]) << 8 | Int(event[11]) << 16 | Int(event[12]) << 24
    }

    @Test("The whole log, then its end; every packet is exactly one event")
    func wholeLog() throws {
        let server = try Services.standard(.mysql)
        let database = "dump\(UInt32.random(in: 0...999_999))"
        // A log has a transaction, also when this is the first test to run.
        try run(
            try server.root(), ["CREATE DATABASE \(database)", "DROP DATABASE \(database)"])
        let connection = try connect(server)
        let hasChecksums = try connection.beginDump(
            from: GTIDSet(), replicaUUID: uuid, isNonBlocking: true)
        #expect(hasChecksums)
        var types: [UInt8] = []
        loop: while true {
            switch try connection.nextEvent(until: .now.advanced(by: .seconds(10))) {
            case .event(let event):
                #expect(size(event) == event.count)
                types.append(typeCode(event))
            case .timedOut, .largeEvent:
                Issue.record("no end of the log")
                break loop
            case .end: break loop
            }
        }
        #expect(types.prefix(3) == [4, 15, 35])
        #expect(types.contains(33))
        #expect(try connection.nextEvent(until: .now) == .end)
    }

    @Test("Waiting: the deadline, a heartbeat, a new transaction, a large event; SHOW REPLICAS")
    func waiting() throws {
        let server = try Services.standard(.mysql)
        let root = try server.root()
        let database = "dump\(UInt32.random(in: 0...999_999))"
        try run(
            root,
            [
                "CREATE DATABASE \(database)",
                "CREATE TABLE \(database).t (a INT PRIMARY KEY, b LONGBLOB)",
            ])
        let executed = try SourceInfo.read(root).executed
        var options = try server.options()
        options.heartbeatPeriod = .milliseconds(200)
        let connection = try ServerConnection.connect(options, cancellation: Cancellation())
        _ = try connection.beginDump(from: executed, replicaUUID: uuid)
        var types: [UInt8] = []
        while try typesUntilTimeout(connection, &types, .milliseconds(50)) {}
        types = []
        let start = ContinuousClock.now
        // Other tests write to the same server meanwhile, and a heartbeat comes only when it is silent.
        while !types.contains(where: heartbeats.contains), start.duration(to: .now) < .seconds(60) {
            _ = try typesUntilTimeout(connection, &types, .milliseconds(100))
        }
        #expect(types.contains(where: heartbeats.contains))

        let replicas = try root.query("SHOW REPLICAS")
        let column = try #require(replicas.columns.firstIndex(of: "Replica_UUID"))
        #expect(replicas.rows.contains { $0[column] == uuid.description })

        try run(root, ["INSERT INTO \(database).t VALUES (1, REPEAT('x', 17000000))"])
        types = []
        var largest = 0
        while largest < 17_000_000 || types.last != 16 {
            guard
                case .event(let event) = try connection.nextEvent(
                    until: .now.advanced(by: .seconds(20)))
            else { break }
            types.append(typeCode(event))
            largest = max(largest, event.count)
            #expect(size(event) == event.count)
        }
        // The statement's text may be among them.
        #expect(
            types.filter { $0 != 29 && !heartbeats.contains($0) }.suffix(5) == [33, 2, 19, 30, 16])
        #expect(largest > 17_000_000)
        try run(root, ["DROP DATABASE \(database)"])
    }

    private func typesUntilTimeout(
        _ connection: ServerConnection, _ types: inout [UInt8], _ time: Duration
    ) throws -> Bool {
        guard case .event(let event) = try connection.nextEvent(until: .now.advanced(by: time))
        else { return false }
        types.append(typeCode(event))
        return true
    }

    @Test("T80: without REPLICATION SLAVE the error says what to grant")
    func missingPrivilege() throws {
        let server = try Services.standard(.mysql)
        let root = try server.root()
        try run(root, ["CREATE USER noGrant IDENTIFIED BY 'x'"])
        let outcome = Result {
            let connection = try ServerConnection.connect(
                server.options(user: "noGrant", password: "x"), cancellation: Cancellation())
            return failure { _ = try connection.beginDump(from: GTIDSet(), replicaUUID: uuid) }
        }
        try run(root, ["DROP USER noGrant"])
        let error = try outcome.get()
        #expect(error?.code == .privilege)
        #expect(error?.description.contains("GRANT REPLICATION SLAVE") == true)
        #expect(error?.isTransient == false)
    }

    @Test("T80: the same replica twice: the older one is told, and it is no network error")
    func duplicateReplica() throws {
        let server = try Services.standard(.mysql)
        let executed = try SourceInfo.read(server.root()).executed
        let older = try connect(server)
        _ = try older.beginDump(from: executed, replicaUUID: uuid)
        while case .event = try older.nextEvent(until: .now.advanced(by: .milliseconds(100))) {}
        let newer = try connect(server)
        _ = try newer.beginDump(from: executed, replicaUUID: uuid)
        _ = try newer.nextEvent(until: .now.advanced(by: .seconds(2)))
        let error = failure {
            while try older.nextEvent(until: .now.advanced(by: .seconds(5))) != .end {}
        }
        #expect(error?.code == .duplicateReplica)
    }

    @Test("GM14: cancelled while idle; ZJ5: no dump thread stays on the server")
    func cancelled() throws {
        let server = try Services.standard(.mysql)
        let root = try server.root()
        let executed = try SourceInfo.read(root).executed
        let cancellation = try Cancellation()
        var connection: ServerConnection? = try ServerConnection.connect(
            server.options(), cancellation: cancellation)
        let id = try #require(connection?.greeting.connectionID)
        _ = try connection?.beginDump(from: executed, replicaUUID: uuid)
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.3)
            cancellation.cancel()
        }
        let start = ContinuousClock.now
        let error = failure {
            while true {
                _ = try connection?.nextEvent(until: .now.advanced(by: .seconds(60)))
            }
        }
        #expect(error?.code == .cancelled)
        #expect(start.duration(to: .now) < .seconds(30))
        try connection?.quit()
        connection = nil
        let closed = ContinuousClock.now
        var threads = "1"
        while threads != "0", closed.duration(to: .now) < .seconds(20) {
            threads =
                try root.query(
                    "SELECT COUNT(*) FROM performance_schema.processlist WHERE id = \(id)"
                ).singleValue ?? ""
            Thread.sleep(forTimeInterval: 0.05)
        }
        #expect(threads == "0")
    }

    @Test(
        "T80: a server that is shut down while we follow it is worth reconnecting to",
        .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
    func shutdown() throws {
        let server = try Services.start(
            .mysql, name: "shut-\(UInt32.random(in: 0...999_999))")
        let outcome = Result {
            let executed = try SourceInfo.read(server.root()).executed
            // The shutdown waits for the dump thread, which looks up at each heartbeat.
            var options = try server.options()
            options.heartbeatPeriod = .milliseconds(500)
            let connection = try ServerConnection.connect(options, cancellation: Cancellation())
            _ = try connection.beginDump(from: executed, replicaUUID: uuid)
            while case .event = try connection.nextEvent(
                until: .now.advanced(by: .milliseconds(100)))
            {}
            _ = try server.root().query("SHUTDOWN")
            return failure {
                while try connection.nextEvent(until: .now.advanced(by: .seconds(20))) != .end {}
            }
        }
        try Services.stop(server)
        let error = try outcome.get()
        // Some versions say why, some only close, some send the end of the stream; none just falls silent.
        #expect(error?.isTransient == true)
        if case .silent = error?.underlying as? TransportError {
            Issue.record("the shutdown was not noticed")
        }
    }

    @Test("T81: a dump thread that is killed on the server is a lost connection and no end")
    func killed() throws {
        let server = try Services.standard(.mysql)
        let root = try server.root()
        let connection = try connect(server)
        _ = try connection.beginDump(
            from: SourceInfo.read(root).executed, replicaUUID: uuid)
        _ = try connection.nextEvent(until: .now.advanced(by: .seconds(10)))
        _ = try root.query("KILL \(connection.greeting.connectionID)")
        let error = failure {
            while try connection.nextEvent(until: .now.advanced(by: .seconds(20))) != .end {}
        }
        #expect(error?.code == .connectionLost)
    }
}
