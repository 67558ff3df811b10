import BinlogProtocol
import Testing

/// The text of `gtid_owned`, as MySQL 9.7 prints it.
@Suite("GTIDs that are being committed")
struct OwnedGTIDTests {
    private static let one = "11111111-2222-3333-4444-555555555555"
    private static let two = "12345678-2222-3333-4444-555555555555"

    @Test(
        "Threads are dropped and servers told apart",
        arguments: [
            ("", ""),
            ("\(one):7#11", "\(one):7"),
            ("\(one):7#11:5#10\(two):foo:3#12", "\(one):5:7,\(two):foo:3"),
            ("\(one):7#4294967295\(two):1#2\(two):foo:9#1", "\(one):7,\(two):1:foo:9"),
            ("\(one):7#11,\n\(two):1#2", "\(one):7,\(two):1"),
        ])
    func parses(_ text: String, _ expected: String) throws {
        #expect(try GTIDSet(parsingOwned: text).description == expected)
    }

    @Test(
        "Anything else is an error",
        arguments: ["x", "\(one)#7", "\(one):7#11:", "anonymous#3"])
    func refuses(_ text: String) {
        #expect(throws: DecodingError.self) { try GTIDSet(parsingOwned: text) }
    }
}
