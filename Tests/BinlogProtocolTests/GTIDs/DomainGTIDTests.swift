import BinlogProtocol
import Testing

private func set(_ text: String) throws -> GTIDSet { try GTIDSet(parsing: text) }

@Suite("MariaDB positions")
struct DomainGTIDTests {
    @Test(
        "GM11: text is normalised",
        arguments: [
            ("0-1-100", "0-1-100"), ("1-5-7,0-1-100", "0-1-100,1-5-7"),
            (" 0 - 1 - 100 ,\n7-8-9 ", "0-1-100,7-8-9"), ("0-1-0", "0-1-0"),
            (
                "4294967295-4294967295-9223372036854775806",
                "4294967295-4294967295-9223372036854775806"
            ),
        ])
    func text(_ input: String, _ canonical: String) throws {
        #expect(try set(input).description == canonical)
    }

    @Test(
        "bad text is an error with its offset",
        arguments: [
            ("0-1", 0), ("0-1-2-3", 0), ("0-1--2", 0), ("4294967296-1-1", 0), ("0-4294967296-1", 0),
            ("0-1-9223372036854775807", 0), ("0-1-5,0-2-6", 6), ("0-1-5:1", 5), ("-1-1-1", 0),
            ("0-1-5,3e11fa47-71ca-11e1-9e33-c80aa9429562:1", 6),
            ("3e11fa47-71ca-11e1-9e33-c80aa9429562:1,0-1-5", 39),
        ])
    func badText(_ input: String, _ offset: Int) {
        let error = #expect(throws: DecodingError.self) { try set(input) }
        #expect(error?.offset == offset)
    }

    @Test(
        "GM11: another server's GTID takes its domain's place, also after one that is idle (MX12)")
    func insert() throws {
        var position = try set("0-1-100,1-5-7")
        position.insert(GTID(domain: 0, serverID: 2, sequence: 101))
        #expect(position.description == "0-2-101,1-5-7")
    }

    @Test("algebra goes by the numbers within a domain")
    func algebra() throws {
        let earlier = try set("0-1-100,1-5-7")
        let later = try set("0-2-101,1-5-7,9-1-1")
        #expect(earlier.isSubset(of: later))
        #expect(!later.isSubset(of: earlier))
        #expect(later.subtracting(earlier).description == "0-2-101,9-1-1")
        #expect(earlier.subtracting(later).isEmpty)
        #expect(earlier.union(later) == later)
        #expect(later.union(earlier) == later)
        #expect(later.intersection(earlier) == earlier)
        #expect(try set("5-1-1").isDisjoint(with: later))
        #expect(later.contains(GTID(domain: 0, serverID: 1, sequence: 50)))
        #expect(!later.contains(GTID(domain: 0, serverID: 1, sequence: 102)))
        #expect(!later.contains(GTID(domain: 3, serverID: 1, sequence: 1)))
        // The same number of another server is another history.
        #expect(!(try set("0-1-101").isSubset(of: later)))
        #expect(earlier.count == 107)
    }

    @Test("PY11: 0-1-0 means that the domain has no transaction")
    func unusedDomains() throws {
        let set = try GTIDSet(parsing: "0-1-0,1-5-7")
        #expect(set.withoutUnusedDomains == (try GTIDSet(parsing: "1-5-7")))
    }

    @Test(arguments: [
        ("", "0-1-3,1-5-7", UInt64(10), 2),
        ("0-1-3,1-5-7", "0-2-4,1-5-7", 1, 1),
        ("0-1-3", "0-1-3", 0, 0),
        ("0-1-3", "0-1-2", 0, 0),
    ])
    func advance(from: String, to: String, transactions: UInt64, domains: Int) throws {
        let found = try GTIDSet(parsing: to).advance(since: try GTIDSet(parsing: from))
        #expect(found == (transactions, domains))
    }
}
