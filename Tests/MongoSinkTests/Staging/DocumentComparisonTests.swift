import MongoSink
import Testing

struct DocumentComparisonTests {
    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let isSame: Bool
        let document: [UInt8]
    }

    /// One document with everything, a part of it changed.
    private static func document(
        op: String = "u", pk: Int32 = 42, f: String? = "new", t: String? = "paid",
        column: String? = "status", extra: Bool = false, row: Int32 = 1, file: String = "a",
        xid: Int64? = 5, local: String = "z", before: Int32? = nil, after: Int32? = nil,
        gap: Bool = false
    ) -> [UInt8] {
        BSONWriter.document {
            $0.append("_id", string: "u:1/1")
            $0.append("tsLocal", string: local)
            $0.append("op", string: op)
            $0.append("meta") { $0.append("pk", int32: pk) }
            $0.append("chg") {
                if let column {
                    $0.append(BSONKey(column)) {
                        if let f { $0.append("f", string: f) }
                        if let t { $0.append("t", string: t) }
                    }
                }
                if extra { $0.append("other") { $0.append("t", int32: 1) } }
            }
            $0.append("src") {
                $0.append("row", int32: row)
                $0.append("binlog") { $0.append("file", string: file) }
                if let xid { $0.append("xid", int64: xid) }
            }
            if let before { $0.append("before") { $0.append("x", int32: before) } }
            if let after { $0.append("after") { $0.append("x", int32: after) } }
            if gap { $0.append("gap") { $0.append("reason", string: "r") } }
        }
    }

    private static func same(_ name: String, _ document: [UInt8]) -> Change {
        Change(testDescription: name, isSame: true, document: document)
    }

    private static func different(_ name: String, _ document: [UInt8]) -> Change {
        Change(testDescription: name, isSame: false, document: document)
    }

    /// Compared with a document that stood at the same place of the same log.
    static let inTheSameLog = [
        same("nothing", document()), same("zone", document(local: "y")),
        same("full images", document(before: 1, after: 1)),
        different("xid", document(xid: nil)), different("minimal image", document(f: nil)),
        different("one column more", document(extra: true)),
        different("another column", document(column: "state")),
        different("no column", document(column: nil)), different("field more", document(gap: true)),
        different("new value", document(t: "x")),
    ]

    /// Compared with a document that another server sent.
    static let inAnotherLog = [
        same("binlog file", document(file: "b")), same("xid", document(file: "b", xid: nil)),
        same("zone", document(file: "b", local: "y")),
        same("full images", document(file: "b", before: 1, after: 1)),
        same("minimal image", document(f: nil, file: "b")),
        same("one column more", document(extra: true, file: "b")),
        different("operation", document(op: "d", file: "b")),
        different("key", document(pk: 43, file: "b")),
        different("old value", document(f: "x", file: "b")),
        different("new value", document(t: "x", file: "b")),
        different("another column", document(column: "state", file: "b")),
        different("no column", document(column: nil, file: "b")),
        different("nothing in common", document(f: nil, t: nil, file: "b")),
        different("row number", document(row: 2, file: "b")),
        different("field more", document(file: "b", gap: true)),
    ]

    @Test(arguments: inTheSameLog + inAnotherLog)
    func comparesWhatTheSourceSaid(_ change: Change) throws {
        let stored = try BSONDocument(Self.document())
        let ours = try BSONDocument(change.document)
        #expect(try DocumentComparison.sameChange(stored, ours) == change.isSame)
        #expect(try DocumentComparison.sameChange(ours, stored) == change.isSame)
    }

    @Test(arguments: ["a", "b"])
    func imagesThatBothHaveAreCompared(_ file: String) throws {
        let stored = try BSONDocument(Self.document(before: 1, after: 2))
        for (before, after, isSame) in [
            (1, 2, true), (1, nil, true), (nil, nil, true), (3, 2, false), (1, 3, false),
        ] as [(Int32?, Int32?, Bool)] {
            let ours = try BSONDocument(Self.document(file: file, before: before, after: after))
            #expect(try DocumentComparison.sameChange(stored, ours) == isSame)
        }
    }

    @Test(arguments: ["i", "d"], ["a", "b"])
    func insertsAndDeletesHaveAllTheirColumns(_ op: String, _ file: String) throws {
        let stored = try BSONDocument(Self.document(op: op, extra: true))
        let all = try BSONDocument(Self.document(op: op, extra: true, file: file))
        #expect(try DocumentComparison.sameChange(stored, all))
        for ours in [
            Self.document(op: op, file: file), Self.document(op: op, column: nil, file: file),
            Self.document(op: op, column: nil, extra: true, file: file),
            Self.document(op: op, f: nil, extra: true, file: file),
        ] {
            #expect(try !DocumentComparison.sameChange(stored, BSONDocument(ours)))
        }
    }
}
