import BinlogProtocol
import TestSupport
import Testing

@testable import MongoSink

@Suite("Documents of what cannot be decoded")
struct GapDocumentTests {
    private let table = TableMapBytes(
        columns: [(3, []), (15, [8, 0])], nullable: [2],
        optional: [(1, [0]), TableMapBytes.names(["a", "b"])])
    private let geometry = TableMapBytes(
        columns: [(3, []), (255, [4])], nullable: [2],
        optional: [(1, [0]), TableMapBytes.names(["a", "g"])])

    /// A row whose second column, a geometry, has `length` bytes; fewer than four are none.
    private func row(_ number: UInt8, geometry length: UInt8) -> [UInt8] {
        [0, number, 0, 0, 0, length, 0, 0, 0] + [UInt8](repeating: 7, count: Int(length))
    }

    private func group(_ events: [[UInt8]], end: [UInt8]? = nil) throws -> [[UInt8]] {
        [EventBuilder.gtid(try EncodedLog.uuid(), 1), EventBuilder.query("BEGIN")] + events
            + [end ?? EventBuilder.xid(7)]
    }

    private func rows(_ map: TableMapBytes, _ images: [UInt8]) -> [[UInt8]] {
        [EventBuilder.event(19, map.encoded.bytes), EventBuilder.event(30, map.rows(images))]
    }

    private let unknown = EventBuilder.event(99, [1, 2, 3], logPosition: 900)

    private func documents(
        _ events: [[UInt8]], _ options: DocumentOptions = DocumentOptions(),
        documentsMax: Int = .max
    ) throws -> [BSONDocument] {
        try EncodedLog.documents(
            events, options, documentsMax: documentsMax, onUndecodable: .gap)
    }

    @Test("the document of an event")
    func event() throws {
        let log =
            [EventBuilder.rotate("b.000001")]
            + (try group([unknown] + rows(table, [0, 1, 0, 0, 0, 0])))
        let document = try #require(try documents(log).first)
        #expect(
            try ExtendedJSON.line(document) == """
                {"_id":"3e11fa47-71ca-11e1-9e33-c80aa9429562:1/1",\
                "ts":{"$date":"1970-01-01T00:00:00Z"},"tsLocal":"1970-01-01 00:00:00.000+00:00","op":"gap",\
                "meta":{"db":null,"tbl":null,"pk":null},\
                "gap":{"reason":"undecodable","from":"b.000001:874","to":"b.000001:900","event":"event type 99",\
                "detail":"event type 99 at byte 4 is not supported",\
                "raw":{"$binary":{"base64":"\(base64(unknown))","subType":"00"}}},\
                "src":{"gtid":"3e11fa47-71ca-11e1-9e33-c80aa9429562:1","row":1,\
                "binlog":{"file":"b.000001","pos":4},"serverId":7}}
                """)
        #expect(try EncodedLog.summary(try documents(log)) == ["1:gap", "2:i"])
    }

    private func base64(_ bytes: [UInt8]) -> String {
        let line = BSONWriter.document { $0.append("x", binary: bytes) }
        do {
            let text = try ExtendedJSON.line(BSONDocument(line))
            return String(text.split(separator: "\"")[7])
        } catch {
            return "\(error)"
        }
    }

    @Test("T87: a value that cannot be decoded is one change; those beside it keep their numbers")
    func value() throws {
        let images = row(1, geometry: 5) + row(2, geometry: 3) + row(3, geometry: 6)
        let log = try group(rows(geometry, images) + rows(geometry, row(4, geometry: 4)))
        #expect(throws: BinlogProtocol.DecodingError.self) { try EncodedLog.documents(log) }
        for documentsMax in [Int.max, 1, 2] {
            let documents = try documents(log, documentsMax: documentsMax)
            #expect(try EncodedLog.summary(documents) == ["1:i", "2:gap", "3:i", "4:i"])
            let gap = documents[1]
            #expect(try gap.string("meta", "tbl") == "orders")
            #expect(try gap.string("gap", "event") == "insert")
            let raw = try #require(try gap.binary("gap", "raw"))
            let event = EventBuilder.event(30, geometry.rows(images))
            let head = event.count - 4 - images.count
            #expect(raw == Array(event[..<head]) + row(2, geometry: 3))
        }
        // What a filter leaves out has the same numbers, and nothing to tell.
        let none = DocumentOptions(includes: { _, _ in false })
        #expect(try documents(log, none).isEmpty)
        let some = try group(
            rows(geometry, images)
                + [EventBuilder.query("INSERT INTO m VALUES (1)")])
        #expect(try EncodedLog.summary(try documents(some, none)) == ["4:statement"])
    }

    @Test("a row whose end is not known is one change with all behind it, whatever is filtered")
    func row() throws {
        // The second row says that its value has more bytes than there are.
        let images = row(1, geometry: 5) + [0, 2, 0, 0, 0, 99, 0, 0, 0, 1] + row(3, geometry: 5)
        let log = try group(
            rows(geometry, images) + [EventBuilder.query("INSERT INTO m VALUES (1)")])
        for documentsMax in [Int.max, 1, 2] {
            let documents = try documents(log, documentsMax: documentsMax)
            #expect(try EncodedLog.summary(documents) == ["1:i", "2:gap", "3:statement"])
            let raw = try #require(try documents[1].binary("gap", "raw"))
            #expect(raw.suffix(24) == Array(images.suffix(24))[...])
        }
        let none = DocumentOptions(includes: { _, _ in false })
        #expect(try EncodedLog.summary(try documents(log, none)) == ["3:statement"])
    }

    @Test("bytes up to 1 MiB, of more their number and digest; a statement's text never")
    func raw() throws {
        let small = EventBuilder.event(99, [UInt8](repeating: 1, count: (1 << 20) - 23))
        let large = EventBuilder.event(99, [UInt8](repeating: 1, count: (1 << 20) - 22))
        // ROWS_QUERY_LOG_EVENT without the byte that must be there.
        let statement = EventBuilder.event(29, [])
        let found = try documents(try group([small, large, statement]))
        #expect(try found.map { try $0.binary("gap", "raw")?.count } == [1 << 20, nil, nil])
        #expect(
            try found.map { try $0.integer("gap", "raw", "bytes") } == [
                nil, (1 << 20) + 1, Int64(statement.count),
            ])
        #expect(
            try found[1].string("gap", "raw", "sha256") == SHA256.text(SHA256.digest(large[...])))
    }

    @Test("rolled back: a row never happened; an event is marked, as nobody knows what it did")
    func rollback() throws {
        let bad = rows(geometry, row(2, geometry: 3))
        let good = rows(table, [0, 1, 0, 0, 0, 0])
        let steps: [[UInt8]] =
            bad + [EventBuilder.query("SAVEPOINT x")] + bad + [unknown]
            + [EventBuilder.query("ROLLBACK TO x")] + good
        let end = EventBuilder.query("ROLLBACK")
        for documentsMax in [Int.max, 1, 2] {
            #expect(
                try EncodedLog.summary(
                    try documents(try group(steps), documentsMax: documentsMax)) == [
                        "1:gap", "3:gap!", "4:i",
                    ])
            #expect(
                try EncodedLog.summary(
                    try documents(try group(steps, end: end), documentsMax: documentsMax)) == [
                        "3:gap!"
                    ])
        }
    }

    @Test("an XA transaction's gaps are marked as its other changes are")
    func xa() throws {
        let steps =
            rows(geometry, row(2, geometry: 3)) + [unknown] + rows(table, [0, 1, 0, 0, 0, 0])
            + [EventBuilder.query("XA END X'61',X'',1")]
        func log(onePhase: UInt8) throws -> [[UInt8]] {
            [
                EventBuilder.gtid(try EncodedLog.uuid(), 1),
                EventBuilder.query("XA START X'61',X'',1"),
            ] + steps + [
                EventBuilder.event(38, [onePhase, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x61])
            ]
        }
        for documentsMax in [Int.max, 1, 2] {
            for (onePhase, prepared) in [(UInt8(0), true), (1, false)] {
                let documents = try documents(
                    try log(onePhase: onePhase), documentsMax: documentsMax)
                #expect(try EncodedLog.summary(documents) == ["1:gap", "2:gap", "3:i"])
                #expect(
                    try documents.allSatisfy {
                        try $0.element("xa", "prepared")?.bool == prepared
                    })
            }
        }
    }

    @Test("between transactions: with the next one, and no part of what that does")
    func between() throws {
        let map = rows(table, [0, 1, 0, 0, 0, 0])
        for (end, rest) in [("COMMIT", ["1:i", "2:gap"]), ("ROLLBACK", ["2:gap!"])] {
            let log =
                [unknown, unknown] + (try group(map + [unknown], end: EventBuilder.query(end)))
            for documentsMax in [Int.max, 1, 2] {
                #expect(
                    try EncodedLog.summary(try documents(log, documentsMax: documentsMax))
                        == ["0:gap", "-1:gap"] + rest)
            }
        }
        let xa = [
            unknown, EventBuilder.gtid(try EncodedLog.uuid(), 1),
            EventBuilder.query("XA START X'61',X'',1"),
        ]
        let end = [
            EventBuilder.query("XA END X'61',X'',1"),
            EventBuilder.event(38, [1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x61]),
        ]
        for documentsMax in [Int.max, 1] {
            let documents = try documents(xa + map + end, documentsMax: documentsMax)
            #expect(try documents.map { try $0.string("_id")?.suffix(2) } == ["/0", "/1"])
            #expect(
                try documents.map { try $0.element("xa", "prepared")?.bool } == [nil, false])
        }
    }

    @Test("a limit of ours, or of this machine, is no gap")
    func limits() throws {
        #expect(throws: BinlogProtocol.DecodingError.self) {
            try documents(
                try EncodedLog.rowWithoutRoom(), DocumentOptions(fullImages: true))
        }
    }

    @Test("the same gap, as another version words it and as another server's log has it")
    func comparison() throws {
        func gap(_ changes: (detail: String, place: String, raw: [UInt8], pos: Int64)) throws
            -> BSONDocument
        {
            try BSONDocument(
                BSONWriter.document { document in
                    document.append("_id", string: "g:1/1")
                    document.append("op", string: "gap")
                    document.append("gap") {
                        $0.append("reason", string: "undecodable")
                        $0.append("from", string: changes.place)
                        $0.append("event", string: "insert")
                        $0.append("detail", string: changes.detail)
                        $0.append("raw", binary: changes.raw)
                    }
                    document.append("src") { src in
                        src.append("gtid", string: "g:1")
                        src.append("binlog") { $0.append("pos", int64: changes.pos) }
                    }
                })
        }
        let stored = try gap(("truncated", "b:4", [1], 4))
        #expect(
            try DocumentComparison.compare(stored, try gap(("too short", "b:4", [1], 4))) == .same)
        #expect(
            try DocumentComparison.compare(stored, try gap(("truncated", "b:4", [2], 4)))
                == .different)
        #expect(
            try DocumentComparison.compare(stored, try gap(("truncated", "c:9", [2], 9))) == .same)
    }

    @Test("gaps of a batch are counted")
    func count() throws {
        var sequence = DocumentSequence()
        for document in try documents(try group([unknown] + rows(table, [0, 1, 0, 0, 0, 0]))) {
            sequence.append(document.bytes)
        }
        #expect(sequence.count == 2)
        #expect(try sequence.gapCount == 1)
    }
}
