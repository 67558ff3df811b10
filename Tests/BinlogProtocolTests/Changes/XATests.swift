import BinlogProtocol
import TestSupport
import Testing

@Suite("XA transactions")
struct XATests {
    private let uuid: ServerUUID

    init() throws {
        uuid = try #require(ServerUUID("3e11fa47-71ca-11e1-9e33-c80aa9429562"))
    }

    private func steps(_ events: [[UInt8]]) throws -> [String] {
        try changes(of: events).map { change in
            switch change {
            case .begin(let start): "begin \(start.gtid?.number ?? 0)"
            case .xa(let id): "xa \(id)"
            case .statement(let statement):
                switch statement.kind {
                case .xaCommit(let id): "commit \(id)"
                case .xaRollback(let id): "rollback \(id)"
                default: "\(statement.kind)"
                }
            case .end(.prepared(let id)): "prepared \(id)"
            case .end(let end): "\(end)"
            default: "other"
            }
        }
    }

    private func prepare(_ body: [UInt8] = XALog.prepared) -> [UInt8] {
        EventBuilder.event(38, body)
    }

    @Test("XA1: prepared, then resolved by a later transaction, with another in between")
    func twoPhases() throws {
        #expect(
            try steps([
                EventBuilder.gtid(uuid, 1), EventBuilder.query("XA START \(XALog.id)"),
                EventBuilder.query("XA END \(XALog.id)"), prepare(),
                EventBuilder.gtid(uuid, 2), EventBuilder.query("BEGIN"), EventBuilder.xid(8),
                EventBuilder.gtid(uuid, 3), EventBuilder.query("XA COMMIT \(XALog.id)"),
                EventBuilder.gtid(uuid, 4), EventBuilder.query("XA ROLLBACK \(XALog.id)"),
            ]) == [
                "begin 1", "xa \(XALog.id)", "prepared \(XALog.id)",
                "begin 2", "committed(xid: Optional(8))",
                "begin 3", "commit \(XALog.id)", "committed(xid: nil)",
                "begin 4", "rollback \(XALog.id)", "committed(xid: nil)",
            ])
    }

    @Test("XA1: one phase is a commit")
    func onePhase() throws {
        #expect(
            try steps([
                EventBuilder.gtid(uuid, 1), EventBuilder.query("XA START X'7833',X'',0"),
                EventBuilder.query("XA END X'7833',X'',0"), prepare(XALog.onePhase),
            ]) == ["begin 1", "xa X'7833',X'',0", "committed(xid: nil)"])
    }

    @Test("XA1: a group that ends in text")
    func text() throws {
        for (end, expected) in [("ROLLBACK", "rolledBack"), ("COMMIT", "committed(xid: nil)")] {
            #expect(
                try steps([
                    EventBuilder.gtid(uuid, 1), EventBuilder.query("XA START \(XALog.id)"),
                    EventBuilder.query("XA END \(XALog.id)"),
                    EventBuilder.query("XA \(end) \(XALog.id)"),
                ]).last == expected)
        }
    }

    @Test(
        "XA1: what does not fit together stops and never looks committed",
        arguments: XALog.misfits)
    func misfits(_ events: [[UInt8]]) {
        #expect(throws: DecodingError.self) { try steps([EventBuilder.gtid(uuid, 1)] + events) }
    }

    @Test(
        "identifiers have one form, however they were written",
        arguments: [
            ("XA START X'7831',X'',1", "X'7831',X'',1"), ("xa commit 'x1'", "X'7831',X'',1"),
            ("XA ROLLBACK x'7831' , 'b'", "X'7831',X'62',1"),
            ("XA COMMIT X'AbCd',X'622771',4294967295", "X'abcd',X'622771',4294967295"),
            ("XA COMMIT X'',X'',0 ONE PHASE", "X'',X'',0"),
        ])
    func identifiers(_ sql: String, _ id: String) throws {
        guard case .xa(let statement?) = StatementText.meaning(of: Array(sql.utf8)) else {
            Issue.record("\(sql) is not understood")
            return
        }
        switch statement {
        case .start(let found), .commit(let found), .rollback(let found), .end(let found):
            #expect(found.description == id)
        }
    }

    @Test("an identifier with a part longer than 64 bytes is none")
    func longIdentifier() {
        let hex = String(repeating: "61", count: 65)
        #expect(StatementText.meaning(of: Array("XA COMMIT X'\(hex)'".utf8)) == .xa(nil))
    }

    @Test(
        "XA_PREPARE_LOG_EVENT",
        arguments: [
            (XALog.prepared, "X'7831',X'',1 false"), (XALog.onePhase, "X'7833',X'',0 true"),
            (XALog.long, "X'7832',X'622771',4294967295 false"),
        ])
    func event(_ bytes: [UInt8], _ expected: String) {
        verifyDecoder(bytes, equals: expected) { reader throws(DecodingError) in
            let event = try XAPrepareEvent(from: &reader)
            return "\(event.id) \(event.isOnePhase)"
        }
    }
}

/// Parts of logs.
private enum XALog {
    static let id = "X'7831',X'',1"
    // XA PREPARE 'x1', as MySQL 9.7 logged it.
    static let prepared = hexBytes("00 01000000 02000000 00000000 78 31")
    // XA COMMIT 'x3','',0 ONE PHASE
    static let onePhase = hexBytes("01 00000000 02000000 00000000 78 33")
    // XA PREPARE 'x2','b''q',4294967295
    static let long = hexBytes("00 ffffffff 02000000 03000000 78 32 62 27 71")

    static let misfits: [[[UInt8]]] = [
        [EventBuilder.event(38, prepared)],
        [EventBuilder.query("BEGIN"), EventBuilder.event(38, prepared)],
        [
            EventBuilder.query("XA START \(id)"),
            EventBuilder.event(38, onePhase),
        ],
        [
            EventBuilder.query("XA START \(id)"),
            EventBuilder.query("XA COMMIT X'7832',X'',1"),
        ],
        [EventBuilder.query("XA END \(id)")],
        [EventBuilder.query("BEGIN"), EventBuilder.query("XA START \(id)")],
        [EventBuilder.query("XA COMMIT 'it\\'s'")], [EventBuilder.query("XA START X'7'")],
        [EventBuilder.query("XA PREPARE \(id)")],
    ]
}
