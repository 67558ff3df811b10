import Synchronization
import TestSupport
import Testing

@testable import BinlogProtocol

@Suite("When definitions are asked for")
struct DefinitionRequestTests {
    private let uuid = ServerUUID(bytes: Array(repeating: 7, count: 16))

    private func map(_ id: UInt64) -> [UInt8] {
        var bytes = TableMapBytes(columns: [(3, [])])
        bytes.tableID = id
        return EventBuilder.event(19, bytes.encoded.bytes)
    }

    private func rows(_ id: UInt64) -> [UInt8] {
        var bytes = TableMapBytes(columns: [(3, [])])
        bytes.tableID = id
        return EventBuilder.event(30, bytes.rows([0, 1, 0, 0, 0]))
    }

    /// Feeds events and answers each question with a name that counts the questions.
    private func names(_ events: [[UInt8]]) throws -> [String] {
        var stream = ChangeStream(checksum: .crc32)
        stream.asksForDefinitions = true
        var questions = 0
        var names: [String] = []
        for event in events {
            stream.feed(event)
            while true {
                if let change = try stream.next() {
                    if case .rows(let rows) = change {
                        names.append(rows.event.table.columns[0].name)
                    }
                } else if stream.undefinedTable != nil {
                    questions += 1
                    stream.define(
                        TableDefinition(columns: [
                            .init(name: "c\(questions)", type: "int", isNullable: false)
                        ]))
                } else {
                    break
                }
            }
        }
        return names
    }

    private func transaction(_ number: Int64, _ events: [[UInt8]]) -> [[UInt8]] {
        [EventBuilder.gtid(uuid, number), EventBuilder.query("BEGIN")] + events
            + [EventBuilder.xid(1)]
    }

    @Test("once per table map, not per statement and not per row")
    func once() throws {
        let events =
            transaction(1, [map(1), rows(1), map(1), rows(1)]) + transaction(2, [map(1), rows(1)])
            + transaction(3, [map(2), rows(2)])
        #expect(try names(events) == ["c1", "c1", "c1", "c2"])
    }

    @Test(
        "a statement that changes a definition clears what was looked up, other statements do not")
    func definitionChange() throws {
        let events = [
            transaction(1, [map(1), rows(1)]),
            [EventBuilder.gtid(uuid, 2), EventBuilder.query("TRUNCATE TABLE t")],
            transaction(3, [map(1), rows(1)]),
            [EventBuilder.gtid(uuid, 4), EventBuilder.query("ALTER TABLE t RENAME COLUMN a TO b")],
            transaction(5, [map(1), rows(1), map(1), rows(1)]),
        ]
        #expect(try names(events.flatMap { $0 }) == ["c1", "c1", "c2", "c2"])
    }

    @Test("GM16, MZ2: a file without names takes them from whoever knows them")
    func file() throws {
        let calls = Locked<[String]>([])
        let names = ["e1", "e2", "s1", "v1", "v2", "v3", "v4", "u"]
        let types = [
            "enum('a','b','c')", "enum('a','b','c')", "set('x','y')", "varchar(10)", "varchar(10)",
            "varchar(10)", "varchar(10)", "int unsigned",
        ]
        let logged = try FixtureEvents.rows(ofFile: "images.binlog").map(\.table)
        let nullable = try #require(logged.last { $0.table == "labels" }).columns.map(\.isNullable)
        let file = try BinlogFile(path: Fixtures.path("Rows/images.binlog")) {
            (database, table) throws(BinlogError) in
            calls.withLock { $0.append("\(database).\(table)") }
            return TableDefinition(
                columns: zip(zip(names, types), nullable).map {
                    .init(name: $0.0, type: $0.1, isNullable: $1)
                }, primaryKey: [7])
        }
        var found: [TableMap] = []
        while let change = try file.nextChange() {
            if case .rows(let rows) = change, rows.event.table.table == "labels" {
                found.append(rows.event.table)
            }
        }
        #expect(found.map(\.schema) == [.log, .lookup])
        #expect(found.last?.columns.map(\.name) == names)
        #expect(found.last?.primaryKey == [7])
        // Tables whose names are in the log are not asked for.
        #expect(calls.withLock { $0.count } == logged.filter { !$0.hasColumnNames }.count)
    }

    @Test("DT4: a definition that cannot be had ends the reading there, with the place")
    func failure() throws {
        let file = try BinlogFile(path: Fixtures.path("Rows/images.binlog")) {
            (_, _) throws(BinlogError) in throw BinlogError(.privilege, "No.")
        }
        for _ in 0..<2 {
            let error = #expect(throws: BinlogError.self) {
                while try file.nextChange() != nil {}
            }
            #expect(error?.code == .privilege)
            #expect(error?.file == "images.binlog")
            #expect(error?.gtid != nil)
        }
    }

    @Test("cancelling ends the wait for an answer")
    func cancellation() throws {
        let uuid = uuid
        let (map, rows) = (map(1), rows(1))
        let source = FakeSource()
        let cancellation = try Cancellation()
        let server = try FakeServer(
            { peer in
                try peer.playUntilDump(source)
                try peer.send(
                    events: [
                        EventBuilder.rotate("b.000001"), EventBuilder.gtid(uuid, 1),
                        EventBuilder.query("BEGIN"), map, rows,
                    ])
                _ = try peer.receiveToEnd()
            },
            { peer in
                try peer.playLogin()
                _ = try peer.receive()
                cancellation.cancel()
                _ = try peer.receiveToEnd()
            }, { peer in try peer.playEndOfDump() })
        var stream: BinlogStream? = try BinlogStream(
            ConnectionOptions(
                address: server.address, user: "u", password: Secret("p"),
                tls: TLSOptions(mode: .disabled)), cancellation: cancellation)
        try stream?.follow(from: GTIDSet(), replicaUUID: .random())
        let error = #expect(throws: BinlogError.self) {
            while true { _ = try stream?.next(until: .now.advanced(by: .seconds(60))) }
        }
        #expect(error?.code == .cancelled)
        try stream?.close()
        stream = nil
        try server.finish()
    }
}
