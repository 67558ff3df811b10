import BinlogProtocol
import Testing

@testable import MongoSink

struct DocumentComparisonTests {
    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let verdict: DocumentComparison.Verdict
        let document: [UInt8]
    }

    /// One document with everything, a part of it changed.
    private static func document(
        op: String = "u", pk: Int32 = 42, f: String? = "new", t: String? = "paid",
        column: String? = "status", extra: Bool = false, row: Int32 = 1, file: String = "a",
        xid: Int64? = 5, local: String = "z", before: Int32? = nil, after: Int32? = nil,
        gap: Bool = false, diff: Bool = false
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
                        if let t, !diff { $0.append("t", string: t) }
                        if diff { $0.appendArray("diff") { _ in } }
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
        Change(testDescription: name, verdict: .same, document: document)
    }

    private static func otherImage(_ name: String, _ document: [UInt8]) -> Change {
        Change(testDescription: name, verdict: .sameInOtherImage, document: document)
    }

    private static func different(_ name: String, _ document: [UInt8]) -> Change {
        Change(testDescription: name, verdict: .different, document: document)
    }

    /// Compared with a document that stood at the same place of the same log.
    static let inTheSameLog = [
        same("nothing", document()), same("zone", document(local: "y")),
        same("full images", document(before: 1, after: 1)),
        different("xid", document(xid: nil)), different("minimal image", document(f: nil)),
        different("one column more", document(extra: true)),
        different("another column", document(column: "state")),
        different("no column", document(column: nil)), different("field more", document(gap: true)),
        different("new value", document(t: "x")), different("differences", document(diff: true)),
    ]

    /// Compared with a document that another server sent.
    static let inAnotherLog = [
        same("binlog file", document(file: "b")), same("xid", document(file: "b", xid: nil)),
        same("zone", document(file: "b", local: "y")),
        same("full images", document(file: "b", before: 1, after: 1)),
        otherImage("minimal image", document(f: nil, file: "b")),
        otherImage("one column more", document(extra: true, file: "b")),
        otherImage("differences", document(file: "b", diff: true)),
        otherImage("differences alone", document(f: nil, file: "b", diff: true)),
        different("differences, another old value", document(f: "x", file: "b", diff: true)),
        // The same place of another server's file of the same name.
        otherImage("minimal image of another server", document(f: nil, xid: 6)),
        different("new value of another server", document(t: "x", xid: 6)),
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
        #expect(try DocumentComparison.compare(stored, ours) == change.verdict)
        #expect(try DocumentComparison.compare(ours, stored) == change.verdict)
    }

    @Test(arguments: ["a", "b"])
    func imagesThatBothHaveAreCompared(_ file: String) throws {
        let stored = try BSONDocument(Self.document(before: 1, after: 2))
        for (before, after, isSame) in [
            (1, 2, true), (1, nil, true), (nil, nil, true), (3, 2, false), (1, 3, false),
        ] as [(Int32?, Int32?, Bool)] {
            let ours = try BSONDocument(Self.document(file: file, before: before, after: after))
            #expect(try (DocumentComparison.compare(stored, ours) != .different) == isSame)
        }
    }

    @Test(
        "[F9 T69] of an insert or a delete one image holds what the other has",
        arguments: ["i", "d"])
    func rowsOfOtherImages(_ op: String) throws {
        let stored = try BSONDocument(Self.document(op: op, extra: true))
        for file in ["a", "b"] {
            let all = try BSONDocument(Self.document(op: op, extra: true, file: file))
            #expect(try DocumentComparison.compare(stored, all) == .same)
            for (fewer, isSubset) in [
                (Self.document(op: op, file: file), true),
                (Self.document(op: op, column: nil, extra: true, file: file), true),
                (Self.document(op: op, column: nil, file: file), true),
                (Self.document(op: op, column: "state", file: file), false),
                (Self.document(op: op, f: nil, extra: true, file: file), false),
                (Self.document(op: op, t: "x", file: file), false),
            ] {
                let ours = try BSONDocument(fewer)
                // From the same place of the same log no column may be missing.
                let expected: DocumentComparison.Verdict =
                    file == "b" && isSubset ? .sameInOtherImage : .different
                #expect(try DocumentComparison.compare(stored, ours) == expected)
                #expect(try DocumentComparison.compare(ours, stored) == expected)
            }
        }
    }

    /// A value in its document, and the same where it stands outside.
    struct Moved: Sendable {
        let kind: MovedValue.Kind
        let outside: [UInt8]
        let inside: @Sendable (inout BSONWriter) -> Void
        let isSame: Bool
    }

    static let movedValues = [
        Moved(
            kind: .binary, outside: [1, 2, 3], inside: { $0.append("t", binary: [1, 2, 3][...]) },
            isSame: true),
        Moved(
            kind: .binary, outside: [1, 2, 3], inside: { $0.append("t", binary: [1, 2, 4][...]) },
            isSame: false),
        Moved(
            kind: .binary, outside: [1, 2, 3], inside: { $0.append("t", binary: [1, 2][...]) },
            isSame: false),
        Moved(
            kind: .binary, outside: [0x61], inside: { $0.append("t", string: "a") }, isSame: false),
        Moved(
            kind: .text(.utf8mb4), outside: Array("größe".utf8),
            inside: { $0.append("t", string: "größe") }, isSame: true),
        Moved(
            kind: .text(.utf8mb4), outside: Array("größe".utf8),
            inside: { $0.append("t", string: "grösse") }, isSame: false),
        Moved(
            kind: .text(.utf8mb4), outside: [0xFF], inside: { $0.append("t", binary: [0xFF][...]) },
            isSame: true),
        Moved(
            kind: .text(.utf8mb4), outside: [0x61], inside: { $0.append("t", int32: 97) },
            isSame: false),
        // In another form than the column's, which only tells that there is a value.
        Moved(
            kind: .text(.latin1), outside: [0xE9], inside: { $0.append("t", string: "é") },
            isSame: true),
        Moved(
            kind: .text(.latin1), outside: [0xE9], inside: { $0.append("t", int32: 1) },
            isSame: false),
        Moved(
            kind: .json, outside: Array("[1]".utf8),
            inside: { $0.appendArray("t") { $0.append("0", int32: 1) } }, isSame: true),
    ]

    @Test(
        "a value that other images push out of the document is still the same",
        arguments: movedValues)
    func movedValue(_ value: Moved) throws {
        func document(
            isMoved: Bool, file: String, operation: String, blob: String = "u:1/1/t/2",
            images: Bool = false
        ) throws -> BSONDocument {
            func append(_ writer: inout BSONWriter) {
                guard isMoved else { return value.inside(&writer) }
                let moved = MovedValue(
                    blob, row: 1, value.kind, value.outside, 0..<value.outside.count)
                writer.append("t", document: moved.reference)
            }
            return try BSONDocument(
                BSONWriter.document {
                    $0.append("_id", string: "u:1/1")
                    $0.append("op", string: operation)
                    $0.append("chg") {
                        if operation == "u" {
                            $0.append("body") { append(&$0) }
                        } else {
                            append(&$0)
                        }
                    }
                    if images { $0.append("after") { append(&$0) } }
                    $0.append("src") {
                        $0.append("row", int32: 1)
                        $0.append("binlog") { $0.append("file", string: file) }
                    }
                })
        }
        for operation in ["i", "u", "d"] {
            for file in ["a", "b"] {
                let inside = try document(isMoved: false, file: "a", operation: operation)
                let outside = try document(
                    isMoved: true, file: file, operation: operation, images: true)
                for (left, right) in [(inside, outside), (outside, inside)] {
                    let verdict = try DocumentComparison.compare(left, right)
                    #expect((verdict != .different) == value.isSame)
                    if value.isSame, file == "a" { #expect(verdict == .same) }
                }
                let other = try document(
                    isMoved: true, file: file, operation: operation, blob: "u:1/10/t/2")
                #expect(try DocumentComparison.compare(inside, other) == .different)
            }
        }
    }
}
