import BinlogProtocol
import Foundation
import MongoSink
import TestSupport
import Testing

@Suite("Documents of transactions")
struct TransactionEncoderTests {
    /// All documents of the fixture as one line of Extended JSON each, encoded in parts of at most `documentsMax`.
    private func lines(
        _ options: DocumentOptions = DocumentOptions(), documentsMax: Int = .max
    ) throws -> [String] {
        try EncodedLog.lines(
            of: "mysql-9.7.binlog", options: options, documentsMax: documentsMax)
    }

    @Test("the documents of a real log are those that were checked by hand")
    func golden() throws {
        let expected = String(decoding: try Fixtures.bytes("mysql-9.7.jsonl"), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        #expect(try lines() == expected)
    }

    @Test(
        "D2: a transaction gives the same documents in parts of any size", arguments: [1, 2, 3, 7])
    func parts(_ documentsMax: Int) throws {
        #expect(try lines(documentsMax: documentsMax) == (try lines()))
    }

    @Test("a transaction that just fills a batch is not taken apart, one row more and it is")
    func exactFit() throws {
        /// How many documents each transaction has, and how often its buffer was found full.
        func counts(_ documentsMax: Int) throws -> (documents: Int, takes: Int) {
            let file = try BinlogFile(path: Fixtures.path("mysql-9.7.binlog"))
            var encoder = TransactionEncoder(
                options: DocumentOptions(), bytesMax: .max, documentsMax: documentsMax)
            var largest = 0
            var takes = 0
            while let change = try file.nextChange() {
                switch change {
                case .begin(let start): encoder.begin(start)
                case .rows(let rows):
                    encoder.append(rows)
                    while try !encoder.encodeRows() {
                        takes += 1
                        _ = try encoder.takeDocuments()
                    }
                case .end: largest = max(largest, Int(encoder.changeCount))
                default: break
                }
            }
            return (largest, takes)
        }
        let largest = try counts(.max).documents
        try #require(largest > 1)
        #expect(try counts(largest).takes == 0)
        #expect(try counts(largest - 1).takes > 0)
        #expect(try counts(largest - 1).documents == largest)
    }

    @Test("a long statement is cut at a character, so that rows do not multiply it")
    func longStatement() throws {
        func source(_ sql: String) throws -> BSONDocument {
            try BSONDocument(
                BSONWriter.document {
                    SourceQuery.append(
                        Array(sql.utf8), of: sql.utf8.count, QueryStatus(), to: &$0)
                })
        }
        let most = String(repeating: "x", count: SourceQuery.bytesMax)
        #expect(try source(most).string("query") == most)
        #expect(try source(most).element("queryBytes") == nil)
        let cut = try source(most.dropLast() + "é and more")
        #expect(try cut.string("query") == String(most.dropLast()))
        #expect(try cut.integer("queryBytes") == Int64(most.utf8.count + 10))
    }

    @Test("D5, MZ2: a filter leaves out documents and changes no number of the others")
    func filter() throws {
        let all = try lines()
        let some = try lines(DocumentOptions { _, table in table != "orders" })
        #expect(some.count < all.count)
        #expect(Set(some).isSubset(of: Set(all)))
        #expect(!some.contains { $0.contains(#""tbl":"orders""#) })
    }

    @Test("T97: the zone changes tsLocal and nothing else")
    func zone() throws {
        let zone = try #require(TimeZone(identifier: "Asia/Kolkata"))
        let local = try lines(DocumentOptions(timeZone: zone))
        #expect(local.allSatisfy { $0.contains("+05:30\"") })
        func withoutLocal(_ lines: [String]) -> [String] {
            lines.map { $0.replacing(/"tsLocal":"[^"]*"/, with: "") }
        }
        #expect(withoutLocal(local) == withoutLocal(try lines()))
    }

    @Test("FULL_IMAGES adds the whole row before and after")
    func images() throws {
        let lines = try lines(DocumentOptions(fullImages: true))
        let update = try #require(lines.first { $0.contains(#""op":"u""#) })
        #expect(
            update.contains(#""before":{"id":1,"status":"new","total":{"$numberDecimal":"12.50"}"#))
        #expect(
            update.contains(#""after":{"id":1,"status":"sent","total":{"$numberDecimal":"13.50"}"#))
        let insert = try #require(lines.first { $0.contains(#""op":"i""#) })
        #expect(!insert.contains(#""before""#) && insert.contains(#""after""#))
        let delete = try #require(lines.first { $0.contains(#""op":"d""#) })
        #expect(delete.contains(#""before""#) && !delete.contains(#""after""#))
    }

    @Test(
        "local times",
        arguments: [
            (1_795_429_800_123, "Asia/Kolkata", "2026-11-23 16:00:00.123+05:30"),
            (1_795_429_800_000, "UTC", "2026-11-23 10:30:00.000+00:00"),
            (1_795_429_800_999, "America/New_York", "2026-11-23 05:30:00.999-05:00"),
            (0, "UTC", "1970-01-01 00:00:00.000+00:00"),
            (1_582_934_400_000, "UTC", "2020-02-29 00:00:00.000+00:00"),
            (253_402_300_799_999, "UTC", "9999-12-31 23:59:59.999+00:00"),
        ] as [(Int64, String, String)])
    func localTime(_ milliseconds: Int64, _ zone: String, _ text: String) throws {
        let zone = try #require(TimeZone(identifier: zone))
        var localTime = LocalTime(timeZone: zone)
        for _ in 0..<2 {
            let printed = localTime.text(milliseconds: milliseconds)
            #expect(printed == text)
        }
    }
}
