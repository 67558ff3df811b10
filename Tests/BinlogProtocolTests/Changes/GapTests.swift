import TestSupport
import Testing

@testable import BinlogProtocol

@Suite("Gaps for events that cannot be decoded")
struct GapTests {
    private let uuid: ServerUUID
    private let table = TableMapBytes(
        columns: [(3, [])], optional: [(1, [0]), TableMapBytes.names(["a"])])
    /// Type 99 is none, and takes no metadata with it.
    private let unknownTable = TableMapBytes(columns: [(99, [])])
    private let unknown = EventBuilder.event(99, [1, 2, 3], logPosition: 900)

    init() throws {
        uuid = try #require(ServerUUID("3e11fa47-71ca-11e1-9e33-c80aa9429562"))
    }

    private func steps(
        _ events: [[UInt8]], _ policy: UndecodablePolicy = .gap,
        checksum: ChecksumAlgorithm = .crc32,
        isLineIntact: Bool = false
    ) throws -> [String] {
        var stream = ChangeStream(checksum: checksum)
        stream.onUndecodable = policy
        stream.isLineIntact = isLineIntact
        var steps: [String] = []
        for event in events {
            stream.feed(event)
            while let change = try stream.next() { steps.append(text(change)) }
        }
        if stream.finish() { while let change = try stream.next() { steps.append(text(change)) } }
        return steps
    }

    private func text(_ change: Change) -> String {
        switch change {
        case .begin(let start): "begin \(start.gtid?.number ?? 0)"
        case .rows(let rows): "rows \(rows.makesGaps)"
        case .gap(let gap): "gap \(gap.event) \(gap.bytes.count)\(gap.isBefore ? " before" : "")"
        case .statement(let statement): "\(statement.kind)"
        case .end(let end): "\(end)"
        default: "other"
        }
    }

    private func group(_ number: Int64, _ events: [[UInt8]]) -> [[UInt8]] {
        [EventBuilder.gtid(uuid, number), EventBuilder.query("BEGIN")] + events
            + [EventBuilder.xid(7)]
    }

    private func rows(_ map: TableMapBytes, _ images: [UInt8] = [0, 1, 0, 0, 0]) -> [[UInt8]] {
        [EventBuilder.event(19, map.encoded.bytes), EventBuilder.event(30, map.rows(images))]
    }

    @Test("T86: an unknown type, unless it may be ignored, stops or is a gap of its transaction")
    func unknownType() throws {
        let log = group(1, [unknown]) + group(2, rows(table))
        #expect(throws: DecodingError.self) { try steps(log, .stop) }
        #expect(
            try steps(log) == [
                "begin 1", "gap event type 99 26", "committed(xid: Optional(7))",
                "begin 2", "rows true", "committed(xid: Optional(7))",
            ])
        let ignorable = EventBuilder.event(99, [1], flags: 0x80)
        #expect(
            try steps(group(1, [ignorable]), .stop) == ["begin 1", "committed(xid: Optional(7))"])
    }

    @Test("where an event lies, in the file and in a compressed transaction")
    func place() throws {
        var stream = ChangeStream(checksum: .crc32)
        stream.onUndecodable = .gap
        var gaps: [Gap] = []
        for event in [EventBuilder.rotate("b.000001")] + group(1, [unknown]) {
            stream.feed(event)
            while let change = try stream.next() {
                if case .gap(let gap) = change { gaps.append(gap) }
            }
        }
        #expect(gaps.map { "\($0.place.start) \($0.place.end)" } == ["b.000001:874 b.000001:900"])
        #expect(gaps.first?.bytes == unknown)
        #expect(gaps.first?.isIncident == false)
    }

    @Test("T86: an incident is a gap")
    func incident() throws {
        let body = hexBytes("0100 0b") + Array("lost events".utf8)
        let log = group(1, [EventBuilder.event(26, body)])
        #expect(throws: DecodingError.self) { try steps(log, .stop) }
        #expect(
            try steps(log) == ["begin 1", "gap INCIDENT_EVENT 37", "committed(xid: Optional(7))"])
    }

    @Test("a table of an unknown column type: its map and its rows, until the statement ends")
    func unknownColumnType() throws {
        let log =
            group(1, rows(unknownTable) + rows(table))
            // The map of before names nothing any more.
            + group(2, [EventBuilder.event(30, table.rows([0, 1, 0, 0, 0]))])
        #expect(
            try steps(group(1, rows(unknownTable) + rows(table))) == [
                "begin 1", "gap TABLE_MAP_EVENT \(unknownTable.encoded.bytes.count + 23)",
                "gap WRITE_ROWS_EVENT 40", "rows true", "committed(xid: Optional(7))",
            ])
        #expect(throws: DecodingError.self) { try steps(log) }
    }

    @Test("a map that is decoded takes the place of one that was not")
    func laterMap() throws {
        let map = EventBuilder.event(19, unknownTable.encoded.bytes)
        #expect(
            try steps(group(1, [map] + rows(table))).map { $0.prefix(9) } == [
                "begin 1", "gap TABLE", "rows true", "committed",
            ])
        #expect(
            try steps(
                group(
                    1,
                    [EventBuilder.event(19, table.encoded.bytes), map]
                        + [EventBuilder.event(30, table.rows([0, 1, 0, 0, 0]))])
            ).map { $0.prefix(9) } == ["begin 1", "gap TABLE", "gap WRITE", "committed"])
    }

    @Test("lengths that lie within an event")
    func lyingLengths() throws {
        var lying = table.rows([0, 1, 0, 0, 0])
        lying[8] = 0xff
        let events = [
            EventBuilder.event(19, table.encoded.bytes), EventBuilder.event(30, lying),
        ]
        #expect(throws: DecodingError.self) { try steps(group(1, events), .stop) }
        #expect(
            try steps(group(1, events)) == [
                "begin 1", "gap WRITE_ROWS_EVENT 40", "committed(xid: Optional(7))",
            ])
    }

    @Test("NOT: a wrong checksum, rows without a map, events that decide about transactions")
    func neverAGap() throws {
        var damaged = unknown
        damaged[20] ^= 1
        let noMap = EventBuilder.event(30, table.rows([0, 1, 0, 0, 0]))
        let longXID = EventBuilder.event(16, [1, 2, 3])
        let badQuery = EventBuilder.event(2, [1, 2, 3])
        let encryption = EventBuilder.event(164, [1, 0, 0, 0, 0])
        for event in [damaged, noMap, longXID, badQuery, encryption] {
            #expect(throws: DecodingError.self) { try steps(group(1, [event])) }
        }
        #expect(throws: DecodingError.self) {
            try steps([EventBuilder.event(33, [1, 2, 3])])
        }
    }

    @Test(
        "between transactions: told with the next one; not what belongs into one, nor without end")
    func between() throws {
        let incident = EventBuilder.event(26, [1, 0, 0])
        #expect(
            try steps([incident, unknown] + group(1, []) + group(2, [])) == [
                "begin 1", "gap INCIDENT_EVENT 26 before", "gap event type 99 26 before",
                "committed(xid: Optional(7))", "begin 2", "committed(xid: Optional(7))",
            ])
        #expect(try steps([incident]).isEmpty)
        for event in [incident, unknown] {
            #expect(throws: DecodingError.self) { try steps([event], .stop) }
        }
        // A known type, of which nothing can be read.
        #expect(throws: DecodingError.self) { try steps([EventBuilder.event(30, [])]) }
        #expect(throws: DecodingError.self) {
            try steps(Array(repeating: incident, count: 101))
        }
        let large = EventBuilder.event(99, [UInt8](repeating: 1, count: 1 << 20))
        #expect(throws: DecodingError.self) { try steps([large]) }
    }

    @Test(
        "MariaDB sends incidents of before the position: it is asked about those until a transaction begins"
    )
    func earlier() throws {
        func pass(
            _ fixture: String, _ log: [[UInt8]], isEarlier: Bool = true,
            _ policy: UndecodablePolicy = .stop
        ) throws -> (asked: Int, gaps: Int) {
            var stream = ChangeStream(checksum: .crc32)
            stream.asksForIncidents = true
            stream.onUndecodable = policy
            let format = try #require(try FixtureFile.all(fixture).first { $0[4] == 15 })
            var asked = 0
            var gaps = 0
            for event in [format] + log {
                stream.feed(event)
                repeat {
                    if stream.undecidedIncident != nil {
                        asked += 1
                        #expect(try stream.next() == nil)
                        try stream.decideIncident(isEarlier: isEarlier)
                    }
                    while let change = try stream.next() {
                        if case .gap = change { gaps += 1 }
                    }
                } while stream.undecidedIncident != nil
            }
            return (asked, gaps)
        }
        let incident = EventBuilder.event(26, [1, 0, 0])
        let maria = "Logs/mariadb.binlog"
        let log = [incident, incident] + group(1, [])
        #expect(try pass(maria, log) == (2, 0))
        #expect(try pass(maria, log, .gap) == (2, 0))
        #expect(throws: DecodingError.self) { try pass(maria, log, isEarlier: false) }
        #expect(try pass(maria, log, isEarlier: false, .gap) == (2, 2))
        #expect(throws: DecodingError.self) { try pass(maria, group(1, []) + [incident]) }
        #expect(throws: DecodingError.self) { try pass("mysql-9.7.binlog", [incident]) }
        #expect(throws: DecodingError.self) { try pass(maria, [unknown]) }
    }

    @Test("a file that ends in a transaction of nothing but gaps: nobody knows whether it happened")
    func endOfFile() throws {
        let format = try #require(
            try FixtureFile.all("mysql-9.7.binlog").first { $0[4] == 15 })
        let start = [format, EventBuilder.gtid(uuid, 1), unknown]
        #expect(throws: DecodingError.self) { try steps(start + [format]) }
        #expect(
            try steps(start + [EventBuilder.query("BEGIN"), format]) == [
                "begin 1", "gap event type 99 26", "abandoned",
            ])
    }

    @Test("what stood before a transaction that never happened is told with the next one")
    func beforeAnAbandoned() throws {
        let incident = EventBuilder.event(26, [1, 0, 0])
        let format = try #require(
            try FixtureFile.all("mysql-9.7.binlog").first { $0[4] == 15 })
        let open = [EventBuilder.gtid(uuid, 1), EventBuilder.query("BEGIN")]
        let gap = "gap INCIDENT_EVENT 26 before"
        #expect(
            try steps(
                [format, incident] + open + [format, unknown] + open + [format] + group(1, []))
                == [
                    "begin 1", gap, "abandoned",
                    "begin 1", gap, "gap event type 99 26 before", "abandoned",
                    "begin 1", gap, "gap event type 99 26 before", "committed(xid: Optional(7))",
                ])
    }

    @Test("NOT where bytes can have been changed on their way")
    func noChecksum() throws {
        func bare(_ event: [UInt8]) -> [UInt8] {
            var writer = ByteWriter()
            writer.write(event[0..<9])
            writer.write(UInt32(event.count - 4))
            writer.write(event[13..<(event.count - 4)])
            return writer.bytes
        }
        let log = group(1, [unknown]).map(bare)
        #expect(throws: DecodingError.self) { try steps(log, checksum: .none) }
        #expect(
            try steps(log, checksum: .none, isLineIntact: true) == [
                "begin 1", "gap event type 99 22", "committed(xid: Optional(7))",
            ])
    }

    @Test("an event that may be the whole transaction: what follows says whether it is over")
    func wholeTransaction() throws {
        let start = [EventBuilder.gtid(uuid, 1), unknown]
        let gap = ["begin 1", "gap event type 99 26"]
        let end = ["committed(xid: nil)"]
        #expect(try steps(start) == gap + end)
        #expect(try steps(start + group(2, [])).prefix(4) == gap + end + ["begin 2"])
        let heartbeat = EventBuilder.event(
            27, Array("b.000001".utf8), flags: 0x20, timestamp: 0)
        #expect(try steps(start + [heartbeat]) == gap + end)
        #expect(try steps(start + [EventBuilder.event(3, [])]) == gap + end)
        // A definition is the transaction, a BEGIN goes on with it.
        #expect(
            try steps(start + [EventBuilder.query("CREATE TABLE t (a INT)")]) == gap + ["ddl"] + end
        )
        #expect(
            try steps(start + [EventBuilder.query("BEGIN"), EventBuilder.xid(3)])
                == gap + ["committed(xid: Optional(3))"])
        // Rows outside of a group are out of order, whatever came before.
        #expect(throws: DecodingError.self) { try steps(start + rows(table)) }
    }
}
