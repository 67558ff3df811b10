import MongoSink
import Testing

@testable import BinlogProtocol
@testable import sdl

/// What a source must show before what follows on it is stored.
@Suite struct HistoryCheckTests {
    private static let uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
    private static let time: UInt64 = 1_700_000_000_123_456

    private func check(
        _ position: String, last: String, previous: String? = nil, purged: String = "",
        time: UInt64 = time
    ) throws -> HistoryCheck? {
        HistoryCheck(
            LastTransaction(
                gtid: try #require(GTID(parsing: last)), commitTime: time,
                previous: previous.flatMap(GTID.init(parsing:))),
            position: try GTIDSet(parsing: position), purged: try GTIDSet(parsing: purged))
    }

    private func begin(_ gtid: String, time: UInt64 = time) -> Change {
        .begin(
            TransactionStart(
                gtid: GTID(parsing: gtid), commitTime: time, serverID: 1,
                position: BinlogPosition(file: "b.000001", offset: 4)))
    }

    @Test("the known transaction is taken, and what comes before and behind it is not")
    func known() throws {
        var check = try #require(try check("\(Self.uuid):1-13", last: "\(Self.uuid):13"))
        #expect(check.start.description == "\(Self.uuid):1-12")
        // Another one may be in a replica's log before it.
        let steps: [(Change, Bool)] = [
            (begin("\(Self.uuid):14"), false), (.savepoint("a"), false),
            (.end(.committed(xid: 1)), false),
            (begin("\(Self.uuid):13"), true), (.savepoint("a"), true),
            (.end(.committed(xid: 1)), true),
            (begin("\(Self.uuid):15"), false), (.end(.committed(xid: 1)), false),
        ]
        for (index, (step, isTaken)) in steps.enumerated() {
            #expect(check.isPassed == (index > 5))
            #expect(try check.takes(step) == isTaken, "step \(index)")
        }
    }

    @Test(
        "[T68] another commit time is another transaction; whole seconds are compared as such",
        arguments: [
            (time, time, true), (time, time + 1, false), (time, time / 1_000_000 * 1_000_000, true),
            (time / 1_000_000 * 1_000_000, time, true),
            (time, (time / 1_000_000 + 1) * 1_000_000, false),
        ])
    func times(stored: UInt64, shown: UInt64, isSame: Bool) throws {
        var check = try #require(
            try check("0-1-13", last: "0-1-13", previous: "0-1-12", time: stored))
        let step = begin("0-1-13", time: shown)
        if isSame {
            #expect(try check.takes(step))
        } else {
            let error = #expect(throws: BinlogError.self) { try check.takes(step) }
            #expect(error?.code == .diverged)
        }
    }

    @Test(
        "a MariaDB server whose domain goes on without our transaction does not have it",
        arguments: ["0-2-13", "0-2-14", "0-1-14"])
    func domainWithoutOurs(next: String) throws {
        var check = try #require(try check("0-1-13,1-1-5", last: "0-1-13", previous: "0-1-12"))
        #expect(try !check.takes(begin("1-1-6")))
        #expect(try !check.takes(.end(.committed(xid: 1))))
        let error = #expect(throws: BinlogError.self) { try check.takes(begin(next)) }
        #expect(error?.code == .diverged)
        #expect(error?.message.contains("goes on with \(next) where we stored 0-1-13") == true)
    }

    @Test("what the source cannot show is not asked for")
    func nothingToShow() throws {
        #expect(
            try check("\(Self.uuid):1-13", last: "\(Self.uuid):13", purged: "\(Self.uuid):1-13")
                == nil)
        #expect(
            try check("\(Self.uuid):1-13", last: "\(Self.uuid):13", purged: "\(Self.uuid):1-12")
                != nil)
        #expect(try check("0-1-13", last: "0-1-13", previous: "0-1-12", purged: "0-1-13") == nil)
        #expect(try check("0-1-13", last: "0-1-13", previous: "0-1-12", purged: "0-1-12") != nil)
        // The first of its domain has none before it.
        #expect(try check("0-1-1", last: "0-1-1") == nil)
    }
}
