import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// `sdl run` on lines that bring little, late or nothing, and that end while nobody reads.
@Suite(
    .enabled(
        if: Services.canStart(.mysql) && Services.canStart(.mariadb) && Services.canStart(.mongo),
        "needs servers of its own"))
struct SlowSourceTests {
    private static let kinds = [Services.Kind.mysql, .mariadb]

    @Test(
        "[T75] a source where nothing happens for several heartbeats: the same connection, the same position",
        arguments: kinds)
    func idle(kind: Services.Kind) throws {
        let stand = try LiveStand(kind)
        defer { stand.end() }
        let sdl = try stand.trail.start("run")
        try stand.insert(3)
        try stand.waitUntilStored(sdl)
        let lines = stand.link.lines.count
        let bytes = stand.link.lines[lines - 1].toClient.bytes
        let before = try #require(try stand.trail.offset())
        // Longer than the silence that ends a connection.
        usleep(35_000_000)
        #expect(stand.link.lines.count == lines)
        #expect(stand.link.lines[lines - 1].toClient.bytes > bytes, "heartbeats came")
        let after = try #require(try stand.trail.offset())
        for field in ["gtid", "file", "pos", "events", "transactions", "lastEventTs"] {
            #expect(after[field] == before[field], "\(field)")
        }
        try stand.insert(2)
        try stand.waitUntilStored(sdl)
        try stand.stopCleanly(sdl)
        try stand.expectEverythingOnce()
    }

    @Test(
        "[T76] a byte now and then: in the handshake it is given up and tried again, in an event it is waited for",
        arguments: kinds)
    func dripping(kind: Services.Kind) throws {
        let stand = try LiveStand(kind)
        defer { stand.end() }
        try stand.insert(3)
        stand.link.rules.pieces = 1
        stand.link.rules.delay = .milliseconds(500)
        let sdl = try stand.trail.start("run")
        try sdl.waitFor("Trying again")
        #expect(try stand.trail.offset()?["gtid"] == nil)
        stand.link.rules = FaultRules()
        try stand.waitUntilStored(sdl)
        let lines = stand.link.lines.count
        stand.link.rules.pieces = 1
        stand.link.rules.delay = .milliseconds(10)
        try stand.insert(1, bytes: 300)
        try stand.waitUntilStored(sdl)
        #expect(stand.link.lines.count == lines)
        stand.link.rules = FaultRules()
        try stand.stopCleanly(sdl)
        try stand.expectEverythingOnce()
    }

    @Test(
        "[T48] the source ends the line while we have no room to read: what was not read comes over the next one",
        arguments: kinds)
    func endedBehindUs(kind: Services.Kind) throws {
        let mongo = try Services.start(
            .mongo, name: "noroom-\(UInt32.random(in: 0...999_999))")
        defer { stop(mongo) }
        let stand = try LiveStand(
            kind, mongo: mongo, with: ["MEMORY_LIMIT": "16MiB", "BATCH_BYTES": "1MiB"])
        defer { stand.end() }
        let point = try FailPoint(mongo)
        let sdl = try stand.trail.start("run")
        try stand.insert(3)
        try stand.waitUntilStored(sdl)
        try point.set(["insert", "commitTransaction"], times: 1_000_000) {
            $0.append("blockConnection", bool: true)
            $0.append("blockTimeMS", int32: 2000)
        }
        try stand.insertTogether(hundreds: 2, bytes: 100_000)
        for _ in 0..<5 { try stand.insert(100, bytes: 100_000) }
        try stand.waitUntilTheSourceWaits(sdl)
        let streams = try stand.streams()
        #expect(streams.count == 1)
        for id in streams { try stand.root.run("KILL \(id)") }
        try point.end()
        try stand.waitUntilStored(sdl)
        #expect(try !stand.streams().contains { streams.contains($0) })
        try stand.stopCleanly(sdl)
        try stand.expectEverythingOnce()
    }
}
