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
        op: String = "u", pk: Int32 = 42, f: String? = "new", t: String = "paid",
        column: String = "status",
        extra: Bool = false, row: Int32 = 1, file: String = "a", xid: Int64? = 5,
        local: String = "z",
        after: Bool = false, gap: Bool = false
    ) -> [UInt8] {
        BSONWriter.document {
            $0.append("_id", string: "u:1/1")
            $0.append("tsLocal", string: local)
            $0.append("op", string: op)
            $0.append("meta") { $0.append("pk", int32: pk) }
            $0.append("chg") {
                $0.append(BSONKey(column)) {
                    if let f { $0.append("f", string: f) }
                    $0.append("t", string: t)
                }
                if extra { $0.append("other") { $0.append("t", int32: 1) } }
            }
            $0.append("src") {
                $0.append("row", int32: row)
                $0.append("binlog") { $0.append("file", string: file) }
                if let xid { $0.append("xid", int64: xid) }
            }
            if after { $0.append("after") { $0.append("x", int32: 1) } }
            if gap { $0.append("gap") { $0.append("reason", string: "r") } }
        }
    }

    static let changes = [
        Change(testDescription: "nothing", isSame: true, document: document()),
        Change(testDescription: "binlog file", isSame: true, document: document(file: "b")),
        Change(testDescription: "xid", isSame: true, document: document(xid: nil)),
        Change(testDescription: "zone", isSame: true, document: document(local: "y")),
        Change(testDescription: "full images", isSame: true, document: document(after: true)),
        Change(testDescription: "minimal image", isSame: true, document: document(f: nil)),
        Change(testDescription: "one column more", isSame: true, document: document(extra: true)),
        Change(testDescription: "operation", isSame: false, document: document(op: "d")),
        Change(testDescription: "key", isSame: false, document: document(pk: 43)),
        Change(testDescription: "old value", isSame: false, document: document(f: "x")),
        Change(testDescription: "new value", isSame: false, document: document(t: "x")),
        Change(testDescription: "row number", isSame: false, document: document(row: 2)),
        Change(testDescription: "field more", isSame: false, document: document(gap: true)),
    ]

    @Test(arguments: changes)
    func comparesWhatTheSourceSaid(_ change: Change) throws {
        let stored = try BSONDocument(Self.document())
        let ours = try BSONDocument(change.document)
        #expect(try DocumentComparison.sameChange(stored, ours) == change.isSame)
        #expect(try DocumentComparison.sameChange(ours, stored) == change.isSame)
    }
}
