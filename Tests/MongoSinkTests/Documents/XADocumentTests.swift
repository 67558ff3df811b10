import BinlogProtocol
import MongoSink
import TestSupport
import Testing

@Suite("Documents of XA transactions")
struct XADocumentTests {
    private static let id = "X'7831',X'',1"
    // XA PREPARE 'x1', and XA COMMIT 'x1' ONE PHASE.
    private static let prepare = [UInt8]([0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x78, 0x31])
    private static let onePhase = [UInt8]([1, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x78, 0x31])
    private static let table = TableMapBytes(
        columns: [(3, [])], optional: [(1, [0]), TableMapBytes.names(["a"])])

    /// `rows` inserts of one row and a statement within an XA transaction with this end.
    private func group(rows: Int, end: [UInt8]) throws -> [[UInt8]] {
        [EventBuilder.gtid(try EncodedLog.uuid(), 1), EventBuilder.query("XA START \(Self.id)")]
            + (0..<rows).flatMap { number in
                [
                    EventBuilder.event(19, Self.table.encoded.bytes),
                    EventBuilder.event(30, Self.table.rows([0, UInt8(number), 0, 0, 0])),
                ]
            } + [
                EventBuilder.query("INSERT INTO t VALUES (RAND())"),
                EventBuilder.query("XA END \(Self.id)"), end,
            ]
    }

    private func documents(
        rows: Int = 5, end: [UInt8], documentsMax: Int = .max,
        _ options: DocumentOptions = DocumentOptions()
    ) throws -> [BSONDocument] {
        let documents = try EncodedLog.documents(
            try group(rows: rows, end: end), options, documentsMax: documentsMax)
        for document in documents { try document.validate() }
        return documents
    }

    @Test(
        "XA1: prepared is true until a later transaction says more, in parts of any size",
        arguments: [Int.max, 3, 1])
    func prepared(_ documentsMax: Int) throws {
        let documents = try documents(
            end: EventBuilder.event(38, Self.prepare), documentsMax: documentsMax)
        #expect(documents.count == 6)
        for document in documents {
            #expect(try document.string("xa", "id") == Self.id)
            #expect(try document.element("xa", "prepared")?.bool == true)
            #expect(try document.element("src", "xid") == nil)
        }
        #expect(try documents.map { try $0.string("op") }.last == "statement")
    }

    @Test("XA1: committed in one phase, prepared is false", arguments: [Int.max, 3, 1])
    func committed(_ documentsMax: Int) throws {
        for end in [EventBuilder.event(38, Self.onePhase), EventBuilder.xid(9)] {
            let documents = try documents(end: end, documentsMax: documentsMax)
            #expect(documents.count == 6)
            for document in documents {
                #expect(try document.string("xa", "id") == Self.id)
                #expect(try document.element("xa", "prepared")?.bool == false)
            }
            let xid = try documents[0].integer("src", "xid")
            #expect(xid == (end[4] == 16 ? 9 : nil))
        }
    }

    @Test("XA1: a group that was rolled back before it was prepared leaves its statement, marked")
    func rolledBack() throws {
        let end = EventBuilder.query("XA ROLLBACK \(Self.id)")
        let documents = try documents(end: end)
        #expect(try EncodedLog.summary(documents) == ["6:statement!"])
    }

    @Test("XA1: full images stand behind xa, and the documents of others have none")
    func order() throws {
        let documents = try documents(
            end: EventBuilder.event(38, Self.prepare), DocumentOptions(fullImages: true))
        var names: [String] = []
        var cursor = documents[0].elements()
        while let element = try cursor.next() { names.append(element.name) }
        #expect(names == ["_id", "ts", "tsLocal", "op", "meta", "chg", "src", "xa", "after"])
        let plain = try EncodedLog.documents(
            try group(rows: 1, end: EventBuilder.event(38, Self.prepare))
                + EncodedLog.insert(Self.table, [0, 1, 0, 0, 0]))
        #expect(try plain.last?.element("xa") == nil)
    }

    @Test("XA1: the resolution is a document of its own, whatever the filter")
    func resolution() throws {
        for (verb, isCommitted) in [("COMMIT", true), ("ROLLBACK", false)] {
            let sql = "XA \(verb) \(Self.id)"
            let documents = try EncodedLog.documents(
                [EventBuilder.gtid(try EncodedLog.uuid(), 2), EventBuilder.query(sql)],
                DocumentOptions { _, _ in false })
            let document = try #require(documents.first)
            try document.validate()
            #expect(documents.count == 1)
            #expect(try document.string("op") == "statement")
            #expect(try document.string("sql") == sql)
            #expect(try document.string("xa", "id") == Self.id)
            #expect(try document.element("xa", "committed")?.bool == isCommitted)
            #expect(try document.element("xa", "prepared") == nil)
            #expect(try document.element("meta", "tbl")?.type == .null)
        }
    }
}
