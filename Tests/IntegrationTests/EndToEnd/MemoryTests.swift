import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// Memory is bounded by MEMORY_LIMIT, whatever the size of a transaction or of a value.
///
/// `SDL_TEST_MEMORY=full` takes transactions of gigabytes; `SDL_TEST_SDL` names an optimised `sdl` for them.
@Suite(.serialized)
struct MemoryTests {
    private static let isFull = Environment.value("SDL_TEST_MEMORY") == "full"
    private static let memoryLimit = isFull ? "128MiB" : "32MiB"
    /// What may be taken beside the limit.
    private static let peakBytesMax = isFull ? 256_000_000 : 128_000_000

    private struct Peak {
        var bytes = 0

        /// Looks how much memory a process has taken at most.
        mutating func look(at process: Int32) throws {
            let path = "/proc/\(process)/status"
            guard let text = FileManager.default.contents(atPath: path) else { return }
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
            let line = lines.first { $0.hasPrefix("VmHWM:") } ?? ""
            let kibibytes = Int(line.filter(\.isNumber)) ?? 0
            bytes = max(bytes, kibibytes << 10)
        }
    }

    /// Stores everything, killed in the middle a few times, and gives the most memory that any run took.
    private func store(
        _ trail: AuditTrail, killedAt stops: [(collection: String, count: Int)]
    ) throws -> Int {
        var peak = Peak()
        for (collection, count) in stops {
            let run = try trail.start("run")
            while run.isRunning, try trail.count(collection) < count {
                try peak.look(at: run.processID)
                usleep(50_000)
            }
            run.signal(SIGKILL)
            #expect(try run.wait() == -SIGKILL)
        }
        let last = try trail.start("run", "--until", "current")
        while last.isRunning {
            try peak.look(at: last.processID)
            usleep(20_000)
        }
        let complaints = try last.complaints
        try #require(last.exitCode == 0, "\(complaints)")
        try trail.settleLateBatches()
        return peak.bytes
    }

    @Test(
        "[T24 F16] A transaction of very many rows, killed while it is staged and while it is applied",
        .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
    func manyRows() throws {
        let count = Self.isFull ? 2_000_000 : 150_000
        let source = try Services.start(.mysql, name: "manyrows")
        defer { stop(source) }
        let root = try source.root()
        try run(
            root,
            [
                "CREATE DATABASE many", "USE many",
                "CREATE TABLE r (id INT PRIMARY KEY, name VARCHAR(40), amount DECIMAL(10,2), at DATETIME)",
                "SET SESSION cte_max_recursion_depth = 10000000",
                "SET SESSION binlog_rows_query_log_events = OFF",
            ])
        let trail = try AuditTrail(
            source: source, ["START": "earliest", "MEMORY_LIMIT": Self.memoryLimit])
        _ = try trail.catchUp()
        try run(
            root,
            [
                "INSERT INTO r WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < \(count)) SELECT i, CONCAT('name of ', i), i / 7, '2026-01-01' FROM s"
            ])
        let parts = count / 1000
        let peak = try store(
            trail,
            killedAt: [
                ("row_changes_staging", parts / 3), ("row_changes_staging", parts / 2),
                ("row_changes", count / 3),
            ])
        print("MemoryTests: \(count) rows, peak \(peak / 1_000_000) MB")
        #expect(peak > 0)
        #expect(peak < Self.peakBytesMax || Environment.isSanitized)
        #expect(
            try trail.count("row_changes", BSONWriter.document { $0.append("op", string: "i") })
                == count)
        _ = try trail.ledger()
        #expect(try trail.stagingStatuses()["pending"] == nil)
        try trail.drop()
    }

    @Test(
        "[T52] Rows with very large values, killed while they are stored",
        .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
    func largeValues() throws {
        let size = Self.isFull ? 200_000_000 : 60_000_000
        let source = try Services.start(.mysql, name: "largerows")
        defer { stop(source) }
        let root = try source.root()
        try run(
            root,
            [
                "CREATE DATABASE many", "USE many",
                "CREATE TABLE b (id INT PRIMARY KEY, body LONGBLOB)",
            ])
        let trail = try AuditTrail(
            source: source, ["START": "earliest", "MEMORY_LIMIT": Self.memoryLimit])
        _ = try trail.catchUp()
        try run(root, ["BEGIN"])
        for id in 1...3 {
            try run(root, ["INSERT INTO b VALUES (\(id), REPEAT('\(id)', \(size)))"])
        }
        try run(root, ["UPDATE b SET body = CONCAT(body, 'x') WHERE id = 2", "COMMIT"])
        let chunks = size >> 20
        let peak = try store(
            trail,
            killedAt: [("row_changes_blobs", chunks / 2), ("row_changes_blobs", 2 * chunks)])
        print("MemoryTests: values of \(size) bytes, peak \(peak / 1_000_000) MB")
        #expect(peak > 0)
        #expect(peak < Self.peakBytesMax || Environment.isSanitized)
        let changes = try trail.rowChanges().filter { try $0.string("op") != "ddl" }
        #expect(changes.count == 4)
        let update = try #require(try changes.first { try $0.string("op") == "u" })
        #expect(
            try update.string("chg", "body", "t", "$oversize", "sha256")
                == root.query("SELECT SHA2(body, 256) FROM b WHERE id = 2").singleValue)
        let stored = try trail.count("row_changes_blobs")
        #expect(stored == 5 * (size / (1 << 20) + 1))
        try trail.drop()
    }

    @Test(
        "[T50 T51] Rows of 1 to 16 MB, which stay in their documents, and updates of them, which do not",
        .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
    func wideRows() throws {
        let source = try Services.start(.mysql, name: "widerows")
        defer { stop(source) }
        let root = try source.root()
        try run(
            root,
            [
                "CREATE DATABASE many", "USE many",
                "CREATE TABLE w (id INT PRIMARY KEY AUTO_INCREMENT, body LONGTEXT)",
            ])
        let trail = try AuditTrail(
            source: source, ["START": "earliest", "MEMORY_LIMIT": Self.memoryLimit])
        _ = try trail.catchUp()
        let wide = [1_000_000, 4_000_000, 9_000_000, 12_000_000, 15_900_000, 16_700_000]
        try run(
            root,
            ["BEGIN"]
                + (1...100).map { "INSERT INTO w (body) VALUES (REPEAT(\($0 % 10), 1000000))" }
                + ["COMMIT"]
                // The second round shows what the first one left behind.
                + (wide + wide).map { "INSERT INTO w (body) VALUES (REPEAT('a', \($0)))" }
                + ["BEGIN", "UPDATE w SET body = CONCAT(body, 'b') WHERE id > 100", "COMMIT"])
        let peak = try store(
            trail, killedAt: [("row_changes", 30), ("row_changes", 104), ("row_changes", 114)])
        print("MemoryTests: rows of 1 to 16 MB, peak \(peak / 1_000_000) MB")
        #expect(peak < 256_000_000 || Environment.isSanitized)
        let rows = try trail.rowChanges().filter { try $0.string("op") != "ddl" }
        #expect(rows.count == 100 + 2 * wide.count * 2)
        let sizes = try rows.filter { try $0.string("op") == "i" }.map {
            try $0.string("chg", "body", "t")?.utf8.count
                ?? Int($0.integer("chg", "body", "t", "$oversize", "bytes") ?? 0)
        }
        #expect(sizes.sorted() == (Array(repeating: 1_000_000, count: 100) + wide + wide).sorted())
        _ = try trail.ledger()
        #expect(try trail.stagingStatuses()["pending"] == nil)
        try trail.drop()
    }
}
