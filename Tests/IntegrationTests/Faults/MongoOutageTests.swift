import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// `sdl run` while MongoDB has no primary, does not answer, or answers slowly: it waits, and goes on by itself.
@Suite(
    .enabled(
        if: Services.canStart(.mysql) && Services.canStart(.mongo), "needs servers of its own"))
struct MongoOutageTests {
    private func start(_ name: String) throws -> ServiceInstance {
        try Services.start(.mongo, name: "\(name)-\(UInt32.random(in: 0...999_999))")
    }

    @Test(
        "[T31] no primary for 15 seconds, in each way in which members say so: it waits and goes on"
    )
    func noPrimary() throws {
        let mongo = try start("election")
        defer { stop(mongo) }
        let stand = try LiveStand(mongo: mongo)
        defer { stand.end() }
        let point = try FailPoint(mongo)
        let run = try stand.trail.start("run")
        try stand.insert(3)
        try stand.waitUntilStored(run)
        let stored = try stand.trail.inserts().count
        for code in [10107, 189, 91, 11602, nil] as [Int32?] {
            let commands = code == nil ? ["*", "hello", "isMaster"] : ["*"]
            try point.set(commands, times: 1_000_000) {
                if let code {
                    $0.append("errorCode", int32: code)
                } else {
                    $0.append("closeConnection", bool: true)
                }
            }
            for _ in 0..<6 {
                try stand.insert(2)
                usleep(500_000)
            }
            let complaints = try run.complaints
            try #require(run.isRunning, "\(complaints)")
        }
        #expect(try stand.trail.inserts().count == stored)
        #expect(try point.end() > 0)
        try stand.waitUntilStored(run)
        try stand.stopCleanly(run)
        try stand.expectEverythingOnce()
    }

    @Test(
        "[T42] a mongod that takes connections and never answers: time-outs, new attempts, no hang")
    func neverAnswers() throws {
        let mongo = try start("silent")
        defer { stop(mongo) }
        let gateway = try #require(Int32(try mongo.value("PID")))
        let stand = try LiveStand(
            mongo: mongo,
            mongoOptions:
                "&socketTimeoutMS=1000&connectTimeoutMS=1000&serverSelectionTimeoutMS=1000")
        defer { stand.end() }
        let run = try stand.trail.start("run")
        try stand.insert(3)
        try stand.waitUntilStored(run)
        kill(gateway, SIGSTOP)
        defer { kill(gateway, SIGCONT) }
        try stand.insert(3)
        try stand.wait("several attempts time out", of: run) {
            try run.complaints.split(separator: "\n").count { $0.contains("repeated in") } >= 3
        }
        kill(gateway, SIGCONT)
        try stand.waitUntilStored(run)
        try stand.stopCleanly(run)
        try stand.expectEverythingOnce()
    }

    @Test(
        "[T47] MongoDB is slow and the source fast: memory is bounded, the source waits, no connection is lost"
    )
    func slow() throws {
        let mongo = try start("slow")
        defer { stop(mongo) }
        let stand = try LiveStand(
            mongo: mongo, with: ["MEMORY_LIMIT": "16MiB", "BATCH_BYTES": "1MiB"])
        defer { stand.end() }
        let point = try FailPoint(mongo)
        let run = try stand.trail.start("run")
        try stand.insert(3)
        try stand.waitUntilStored(run)
        let before = try run.memoryPeak()
        try point.set(["*"], times: 1_000_000) {
            $0.append("blockConnection", bool: true)
            $0.append("blockTimeMS", int32: 2000)
        }
        // 100 MB, of which many batches are one transaction.
        try stand.insertTogether(hundreds: 2, bytes: 100_000)
        for _ in 0..<8 { try stand.insert(100, bytes: 100_000) }
        try stand.waitUntilTheSourceWaits(run)
        let lines = stand.link.lines.count
        // What we hold, and what the system holds of the line at its four ends.
        let held = (16 + 40) << 20
        #expect(stand.bytesRead < held)
        usleep(5_000_000)
        #expect(stand.link.lines.count == lines)
        #expect(try !run.complaints.contains("Trying again"))
        #expect(try !run.complaints.contains("repeated in"))
        try point.end()
        try stand.waitUntilStored(run)
        let grown = try run.memoryPeak() - before
        #expect(grown < 100 << 20 || Environment.isSanitized, "\(grown >> 20) MiB more")
        #expect(stand.link.lines.count == lines)
        try stand.stopCleanly(run)
        try stand.expectEverythingOnce()
    }
}
