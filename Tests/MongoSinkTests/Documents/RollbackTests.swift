import BinlogProtocol
import TestSupport
import Testing

@testable import MongoSink

@Suite("Documents of what was rolled back")
struct RollbackTests {
    private let table = TableMapBytes(
        columns: [(3, [])], optional: [(1, [0]), TableMapBytes.names(["a"])])

    /// A transaction whose steps are: `r` a row, `s` a statement, `<x` savepoint x, `>x` back to x, the rest its end.
    private func events(_ steps: String, end: String = "COMMIT") throws -> [[UInt8]] {
        var events = [EventBuilder.gtid(try EncodedLog.uuid(), 1), EventBuilder.query("BEGIN")]
        for step in steps.split(separator: " ") {
            switch step.first {
            case "r":
                events.append(EventBuilder.event(19, table.encoded.bytes))
                events.append(EventBuilder.event(30, table.rows([0, 1, 0, 0, 0])))
            case "s": events.append(EventBuilder.query("INSERT INTO m VALUES (1)"))
            case "<": events.append(EventBuilder.query("SAVEPOINT \(step.dropFirst())"))
            default: events.append(EventBuilder.query("ROLLBACK TO \(step.dropFirst())"))
            }
        }
        return events + [EventBuilder.query(end)]
    }

    @Test(
        "H1, SP1: rows are gone, statements stay with a mark; in parts of any size",
        arguments: [
            ("r s r", "ROLLBACK", ["2:statement!"]), ("r r", "ROLLBACK", []),
            ("s", "COMMIT", ["1:statement"]), ("s", "ROLLBACK", ["1:statement!"]),
            ("r <x r s r >x r", "COMMIT", ["1:i", "3:statement!", "5:i"]),
            ("r <x r >x r >x r", "COMMIT", ["1:i", "4:i"]),
            ("r <x r <y r >y r >x s", "COMMIT", ["1:i", "5:statement"]),
            ("s <x s >x s >x", "ROLLBACK", ["1:statement!", "2:statement!", "3:statement!"]),
            ("<x r r r r >x <y r r >y r", "COMMIT", ["7:i"]),
            ("r <x >x r", "COMMIT", ["1:i", "2:i"]),
        ] as [(String, String, [String])])
    func rollback(_ steps: String, _ end: String, _ expected: [String]) throws {
        for documentsMax in [Int.max, 1, 2, 3] {
            let documents = try EncodedLog.documents(
                try events(steps, end: end), documentsMax: documentsMax)
            #expect(try EncodedLog.summary(documents) == expected, "\(documentsMax)")
        }
    }

    @Test("a savepoint that was never set")
    func unknownSavepoint() {
        #expect(throws: DecodingError.self) {
            try EncodedLog.documents(try events("r >x"))
        }
    }

    @Test(
        "a savepoint for each of very many statements, and one name again and again",
        .timeLimit(.minutes(10)))
    func manySavepoints() throws {
        var savepoints = Savepoints()
        let count = 200_000
        for number in 0..<count {
            savepoints.set("s\(number)", changeCount: Int64(number))
            savepoints.set("same", changeCount: Int64(number))
        }
        #expect(savepoints.rollBack(to: "SAME") == Int64(count - 1))
        #expect(savepoints.rollBack(to: "s5") == 5)
        #expect(savepoints.rollBack(to: "s6") == nil)
        #expect(savepoints.rollBack(to: "same") == nil)
        #expect(savepoints.rollBack(to: "S0") == 0)
    }

    @Test(
        "ROLLBACK TO the same savepoint again and again takes time in proportion to the log",
        .timeLimit(.minutes(10)))
    func repeated() throws {
        let count = 4000
        let steps = Array(repeating: "r s >x", count: count).joined(separator: " ")
        for documentsMax in [Int.max, 1000] {
            let documents = try EncodedLog.documents(
                try events("r <x \(steps) r"), documentsMax: documentsMax)
            #expect(documents.count == count + 2)
            let summary = try EncodedLog.summary(documents)
            #expect(summary.prefix(3) == ["1:i", "3:statement!", "5:statement!"])
            #expect(summary.last == "\(2 * count + 2):i")
        }
    }

    @Test("xid is filled in behind documents that were dropped, as it is in others")
    func transactionNumber() throws {
        var log = try events("r <x r r >x r s")
        log[log.count - 1] = EventBuilder.xid(77)
        for documentsMax in [Int.max, 1, 2] {
            let documents = try EncodedLog.documents(log, documentsMax: documentsMax)
            #expect(try EncodedLog.summary(documents) == ["1:i", "4:i", "5:statement"])
            #expect(try documents.map { try $0.integer("src", "xid") } == [77, 77, nil])
        }
    }
}

@Suite("Ranges of undone changes")
struct UndoneChangesTests {
    @Test(
        "a range takes in those that it reaches",
        arguments: [
            ([1...3, 5...6], [1...3, 5...6]), ([1...3, 4...6], [1...6]), ([3...4, 1...9], [1...9]),
            ([2...2, 5...5, 7...7, 5...8], [2...2, 5...8]), ([1...9, 4...9], [1...9]),
        ] as [([ClosedRange<Int64>], [ClosedRange<Int64>])])
    func insert(_ given: [ClosedRange<Int64>], _ expected: [ClosedRange<Int64>]) {
        let undone = UndoneChanges(given)
        #expect(undone.ranges == expected)
        for number in 0...12 as ClosedRange<Int64> {
            #expect(undone.contains(number) == expected.contains { $0.contains(number) })
        }
    }

    @Test("documents without a number are refused, not guessed at")
    func noNumber() throws {
        var documents = DocumentSequence()
        documents.append(BSONWriter.document { $0.append("_id", string: "x") })
        #expect(throws: DecodingError.self) {
            try UndoneChanges([1...2]).applied(to: documents)
        }
    }
}
