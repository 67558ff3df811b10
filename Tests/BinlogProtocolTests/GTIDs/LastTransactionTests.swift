import BinlogProtocol
import Testing

/// Positions from which a server sends a transaction once more.
@Suite struct LastTransactionTests {
    private static let uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562"

    @Test(
        "the position before a transaction",
        arguments: [
            ("\(uuid):1-13", "\(uuid):13", nil, "\(uuid):1-12"),
            ("\(uuid):1-13", "\(uuid):5", nil, "\(uuid):1-4:6-13"),
            ("\(uuid):1-13", "\(uuid):14", nil, nil),
            ("\(uuid):1", "\(uuid):1", nil, ""),
            ("0-1-13,1-1-4", "0-1-13", "0-2-11", "0-2-11,1-1-4"),
            ("0-1-13", "0-1-13", nil, nil),
            ("0-1-13", "0-1-12", "0-1-11", nil),
            ("0-1-13", "0-1-13", "1-1-4", nil),
            ("0-1-13", "0-1-13", "0-1-13", nil),
        ] as [(String, String, String?, String?)])
    func before(set: String, gtid: String, previous: String?, expected: String?) throws {
        let found = try GTIDSet(parsing: set).before(
            try #require(GTID(parsing: gtid)), previous: previous.flatMap(GTID.init(parsing:)))
        #expect(found.map { "\($0)" } == expected)
    }

    @Test(
        "the text of one GTID",
        arguments: ["\(uuid):5", "\(uuid):tag:5", "0-1-5"])
    func text(gtid: String) {
        #expect(GTID(parsing: gtid).map { "\($0)" } == gtid)
    }

    @Test(
        "a set, nothing and no GTID are not one",
        arguments: ["\(uuid):1-2", "", "x", "0-1-5,1-1-5", "\(uuid):1:3"])
    func noText(text: String) {
        #expect(GTID(parsing: text) == nil)
    }
}
