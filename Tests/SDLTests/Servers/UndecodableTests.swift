import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink
@testable import sdl

/// A log that holds something nobody can decode: `sdl` stops there each time, or stores that it is there.
@Suite struct UndecodableTests {
    private let trail: OwnTrail
    private let uuid: ServerUUID
    private let table = TableMapBytes(
        columns: [(3, []), (255, [4])], nullable: [2],
        optional: [(1, [0]), TableMapBytes.names(["id", "place"]), (8, [0])])

    init() throws {
        trail = try OwnTrail()
        uuid = try #require(ServerUUID(FakeSource.uuid))
    }

    /// Rows whose geometry has these many bytes; fewer than four are none.
    private func rows(_ lengths: UInt8...) -> [[UInt8]] {
        var images: [UInt8] = []
        for (number, length) in lengths.enumerated() {
            images += [0, UInt8(number), 0, 0, 0, length, 0, 0, 0]
            images += [UInt8](repeating: 0, count: Int(length))
        }
        return [
            EventBuilder.event(19, table.encoded.bytes),
            EventBuilder.event(30, table.rows(images), logPosition: 900),
        ]
    }

    private func group(_ number: Int64, _ events: [[UInt8]]) -> [[UInt8]] {
        [EventBuilder.gtid(uuid, number), EventBuilder.query("BEGIN")] + events
            + [EventBuilder.xid(UInt64(number))]
    }

    /// Three transactions; the second has a poisoned row between good ones, and what `more` says.
    private func log(_ more: [[UInt8]] = []) -> [[UInt8]] {
        [EventBuilder.rotate("b.000001")] + group(1, rows(5)) + group(2, rows(5, 3, 6) + more)
            + group(3, rows(7))
    }

    /// Runs `sdl` against a server that sends the log.
    private func run(
        _ events: [[UInt8]], _ arguments: [String] = [], _ changes: [String: String] = [:]
    ) throws -> SDLCommand {
        let server = try FakeServer(
            { peer in
                var source = FakeSource()
                source.executed = "\(FakeSource.uuid):1-3"
                try peer.playUntilDump(source)
                do {
                    try peer.send(events: events)
                    _ = try peer.receiveToEnd()
                } catch is FakeServer.Failure {
                    // The client has seen enough.
                    return
                }
            }, { try $0.playEndOfDump() })
        let settings = [
            "MYSQL_ADDR": "127.0.0.1:\(server.port)", "MYSQL_TLS_MODE": "disabled",
            "START": "earliest",
        ].merging(changes) { $1 }
        let run = try trail.run(["run"] + arguments, settings)
        try server.finish()
        return run
    }

    @Test("T87, T88: it stops with the place, stores nothing of the transaction, and grows nothing")
    func stops() throws {
        var lines: Set<Int> = []
        for attempt in 1...5 {
            let run = try run(log())
            #expect(run.exitCode == 5)
            #expect(try endsInOneSentence(run))
            let size = rows(5, 3, 6)[1].count
            for part in ["at b.000001:\(900 - size),", "GTID \(FakeSource.uuid):2"] {
                #expect(try run.complaints.contains(part))
            }
            // MongoDB may be asked for something twice at any time.
            let said = try run.complaints.split(separator: "\n").filter {
                !$0.contains("repeated in")
            }
            if attempt > 1 { lines.insert(said.count) }
            #expect(try trail.position()?.gtid.description == "\(FakeSource.uuid):1")
            #expect(
                try trail.documents("row_changes").map { try $0.string("_id") }
                    == ["\(FakeSource.uuid):1/1"])
            #expect(try trail.documents("row_changes_staging").count == 1)
            // The start and the first transaction.
            #expect(try trail.documents("row_changes_ledger").count == 2)
        }
        #expect(lines.count == 1, "every run says the same: \(lines)")
    }

    @Test("T86, T87: ON_UNDECODABLE=gap stores what it is, counts it in the ledger, and goes on")
    func gap() throws {
        let lost: [UInt8] = [1, 0, 11] + Array("lost events".utf8)
        let events = log([EventBuilder.event(99, [1, 2]), EventBuilder.event(26, lost)])
        #expect(try run(events).exitCode == 5)
        let run = try run(
            events, ["--until", "\(FakeSource.uuid):1-3"], ["ON_UNDECODABLE": "gap"])
        #expect(run.exitCode == 0)
        #expect(try run.complaints.contains("is stored as a gap"))
        let documents = try trail.documents("row_changes").map { document in
            let reason = try document.string("gap", "reason") ?? ""
            return
                "\(try document.string("_id") ?? "") \(try document.string("op") ?? "") \(reason)"
        }
        #expect(
            documents.sorted()
                == [
                    "1/1 i ", "2/1 i ", "2/2 gap undecodable", "2/3 i ", "2/4 gap undecodable",
                    "2/5 gap incident", "3/1 i ",
                ].map { "\(FakeSource.uuid):\($0)" })
        let gaps = try trail.documents("row_changes_ledger").compactMap {
            try $0.integer("detail", "gaps")
        }
        #expect(gaps.reduce(0, +) == 3)
        // What is stored is what a run that never stopped stores, and a replay finds it equal.
        #expect(try trail.ledger().events == 7)
        try trail.setPosition("\(FakeSource.uuid):1")
        let rest = [events[0]] + events.dropFirst(1 + group(1, rows(5)).count)
        let again = try self.run(
            rest, ["--until", "\(FakeSource.uuid):1-3"], ["ON_UNDECODABLE": "gap"])
        #expect(again.exitCode == 0)
        #expect(try trail.documents("row_changes").count == 7)
    }

    @Test("T52, T86: a value of 17 MB behind a gap is stored under the name that its document says")
    func largeValueBehindAGap() throws {
        let map = TableMapBytes(
            columns: [(252, [4])], optional: [TableMapBytes.names(["b"]), (3, [63])])
        let count = 17 << 20
        let image = [0, 0, 0, 0x10, 1] + [UInt8](repeating: 1, count: count)
        let events =
            [EventBuilder.rotate("b.000001")]
            + group(
                1,
                [
                    EventBuilder.event(99, [1, 2]), EventBuilder.event(19, map.encoded.bytes),
                    EventBuilder.event(30, map.rows(image)),
                ])
        let run = try run(
            events, ["--until", "\(FakeSource.uuid):1"], ["ON_UNDECODABLE": "gap"])
        let complaints = try run.complaints
        try #require(run.exitCode == 0, "\(complaints)")
        let change = try #require(
            try trail.documents("row_changes").first { try $0.string("op") == "i" })
        let blob = try #require(try change.string("chg", "b", "t", "$oversize", "blob"))
        #expect(blob == "\(FakeSource.uuid):1/2/t/1")
        let chunks = try trail.documents("row_changes_blobs")
        #expect(try chunks.allSatisfy { try $0.string("files_id") == blob })
        #expect(try chunks.reduce(0) { try $0 + ($1.binary("data")?.count ?? 0) } == count)
    }

    @Test("T82: a wrong checksum never is a gap: it is read once more, then it stops")
    func checksum() throws {
        var damaged = EventBuilder.event(99, [1, 2])
        damaged[20] ^= 1
        let events = [EventBuilder.rotate("b.000001")] + group(1, [damaged])
        let server = try FakeServer(
            { peer in try Self.play(peer, events) }, { peer in try Self.play(peer, events) })
        let run = try trail.run(
            ["run"],
            [
                "MYSQL_ADDR": "127.0.0.1:\(server.port)", "MYSQL_TLS_MODE": "disabled",
                "START": "earliest", "ON_UNDECODABLE": "gap",
            ])
        #expect(run.exitCode == 5)
        #expect(try run.complaints.contains("checksum"))
        #expect(try trail.documents("row_changes").isEmpty)
    }

    @Test(
        "T86: an incident that a server logged itself: MySQL as a transaction, MariaDB between two",
        arguments: [Services.Kind.mysql, .mariadb])
    func incident(kind: Services.Kind) throws {
        let options =
            ["--max-binlog-stmt-cache-size=4096"]
            + (kind == .mysql ? [] : ["--binlog-row-metadata=FULL"])
        try withServer(kind, name: "incident-\(kind)", options: options) { server in
            let trail = try OwnTrail(mysql: server)
            let root = try trail.root()
            for sql in [
                "CREATE DATABASE i",
                "CREATE TABLE i.m (a INT PRIMARY KEY, b LONGBLOB) ENGINE=MyISAM",
                "INSERT INTO i.m VALUES (1, '')",
            ] {
                _ = try root.query(sql)
            }
            // The rows before the duplicate stay, as MyISAM cannot take them back, and are too many for the log.
            #expect(throws: BinlogError.self) {
                _ = try root.query(
                    "INSERT INTO i.m VALUES (2, REPEAT('y', 20000)), (3, REPEAT('z', 100000)), (1, '')"
                )
            }
            _ = try root.query("INSERT INTO i.m VALUES (4, '')")
            let settings = [
                "START": "earliest", "INCLUDE_REGEX": #"i\..*"#,
                "MYSQL_FLAVOR": kind == .mysql ? "mysql" : "mariadb",
            ]
            for _ in 1...2 {
                let stop = try trail.run(["run", "--until", "current"], settings)
                #expect(stop.exitCode == 5)
                #expect(try stop.complaints.contains("The source itself lost events"))
            }
            let run = try trail.run(
                ["run", "--until", "current"],
                settings.merging(["ON_UNDECODABLE": "gap"]) { $1 })
            #expect(run.exitCode == 0)
            let documents = try trail.documents("row_changes")
            #expect(
                try documents.map { try $0.string("op") ?? "" }.filter { $0 != "ddl" } == [
                    "i", "gap", "i",
                ])
            let gap = try #require(try documents.first { try $0.string("op") == "gap" })
            #expect(try gap.string("gap", "reason") == "incident")
            #expect(try gap.integer("src", "row") == (kind == .mysql ? 1 : 0))
            _ = try trail.ledger()
            // MariaDB sends it again with each connection; it is behind us, also for a trail that begins now.
            for next in [trail, try OwnTrail(mysql: server)] {
                let count = try next.documents("row_changes").count
                for policy in ["stop", "gap"] {
                    let again = try next.run(
                        ["run", "--until", "current"],
                        settings.merging(["ON_UNDECODABLE": policy, "START": "current"]) { $1 })
                    #expect(again.exitCode == 0)
                }
                #expect(try next.documents("row_changes").count == count)
            }
        }
    }

    @Test(
        "T86: an incident that is the first that MariaDB logs behind the position is none of before it, at each start",
        arguments: [Services.Kind.mariadb, .mariadb118])
    func firstIncident(kind: Services.Kind) throws {
        let options = ["--max-binlog-stmt-cache-size=4096", "--binlog-row-metadata=FULL"]
        try withServer(kind, name: "firstincident-\(kind)", options: options) { server in
            let root = try OwnTrail(mysql: server).root()
            for sql in [
                "CREATE DATABASE i",
                "CREATE TABLE i.m (a INT PRIMARY KEY, b LONGBLOB) ENGINE=MyISAM",
                "INSERT INTO i.m VALUES (1, '')",
            ] {
                _ = try root.query(sql)
            }
            func loseRow(_ id: Int) {
                #expect(throws: BinlogError.self) {
                    _ = try root.query(
                        "INSERT INTO i.m VALUES (\(id), REPEAT('z', 100000)), (1, '')")
                }
            }
            // One of before the position, too.
            loseRow(2)
            _ = try root.query("INSERT INTO i.m VALUES (8, '')")
            let settings = [
                "START": "current", "INCLUDE_REGEX": #"i\..*"#, "MYSQL_FLAVOR": "mariadb",
            ]
            let trail = try OwnTrail(mysql: server)
            let run = try trail.start(["run"], settings)
            try run.waitFor("not told in the trail again")
            #expect(run.isRunning)
            loseRow(3)
            #expect(try run.wait() == 5)
            for _ in 1...2 {
                let stop = try trail.start(["run"], settings)
                #expect(try stop.wait() == 5)
                #expect(try stop.complaints.contains("The source itself lost events"))
            }
            _ = try root.query("INSERT INTO i.m VALUES (9, '')")
            let last = try trail.run(
                ["run", "--until", "current"],
                settings.merging(["ON_UNDECODABLE": "gap"]) { $1 })
            #expect(last.exitCode == 0)
            #expect(
                try trail.documents("row_changes").map { try $0.string("op") ?? "" } == [
                    "gap", "i",
                ])
            _ = try trail.ledger()
        }
    }

    private static func play(_ peer: FakePeer, _ events: [[UInt8]]) throws {
        var source = FakeSource()
        source.executed = "\(FakeSource.uuid):1"
        try peer.playUntilDump(source)
        try peer.send(events: events)
        _ = try peer.receiveToEnd()
    }
}

extension OwnTrail {
    /// The whole chain of the ledger, walked.
    func ledger() throws -> LedgerChain {
        var settings = SinkSettings(uri: mongoURI, streamName: database, owner: "test/1")
        settings.database = database
        return try MongoSink(settings: settings) { _ in }.verifyLedger()
    }

    /// Sets the position by hand.
    func setPosition(_ gtid: String) throws {
        var settings = SinkSettings(uri: mongoURI, streamName: database, owner: "test/1")
        settings.database = database
        let filter = BSONWriter.document { $0.append("_id", string: database) }
        let update = BSONWriter.document {
            $0.append("$set") { $0.append("gtid", string: gtid) }
        }
        #expect(
            try MongoConnection(settings).update(
                settings.offsetsCollection, filter: filter, update: update, inTransaction: false)
                == 1)
    }
}
