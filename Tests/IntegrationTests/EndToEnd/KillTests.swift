import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// `sdl run` dies at any moment and loses nothing, stores nothing twice.
///
/// `SDL_TEST_KILLS` sets how often it is killed in each test, `SDL_TEST_SEED` repeats a run's random choices.
@Suite(.serialized)
struct KillTests {
    private static let kills = Environment.value("SDL_TEST_KILLS").flatMap { Int($0) } ?? 6

    /// Batches larger than the transactions, and smaller.
    private static let sizes = [
        ["BATCH_SIZE": "1000"],
        ["BATCH_SIZE": "20", "BATCH_BYTES": "16KiB", "FLUSH_INTERVAL": "100ms"],
    ]

    @Test(
        "[T1-T7 T23 OJ4 ZJ3 C8] kill -9 under load at random moments: every change once, the chain unbroken",
        .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"),
        arguments: sizes)
    func kill(settings: [String: String]) throws {
        try kill(.mysql, settings, WorkloadOptions())
    }

    @Test(
        "[OJ3 OJ4 ZJ3 MX12 DT7] The same on MariaDB, with several domains, XA transactions and compressed events",
        .enabled(if: Services.canStart(.mariadb), "needs a MariaDB server of its own"),
        arguments: zip([Services.Kind.mariadb, .mariadb118], sizes))
    func killMariaDB(kind: Services.Kind, settings: [String: String]) throws {
        var options = WorkloadOptions(isMariaDB: true)
        options.xa = true
        options.compressesEvents = true
        try kill(
            kind, settings.merging(["MYSQL_FLAVOR": "mariadb"]) { one, _ in one }, options)
    }

    private func kill(
        _ kind: Services.Kind, _ settings: [String: String], _ options: WorkloadOptions
    ) throws {
        let seed =
            Environment.value("SDL_TEST_SEED").flatMap { UInt64($0) }
            ?? UInt64.random(in: 1...999_999_999)
        var dice = Dice(seed: seed)
        let source = try Services.start(kind, name: "kill\(kind)")
        defer { stop(source) }
        let root = try source.root()
        for setting in options.globals { try root.run("SET GLOBAL \(setting)") }
        let tables = Table.random(
            database: "killed", fullImages: true, isMariaDB: options.isMariaDB, &dice)
        var workload = try Workload(
            name: "setup", connection: root, tables: tables, seed: dice.bits(), options: options)
        let trail = try AuditTrail(
            source: source,
            settings.merging(["START": "earliest", "FULL_IMAGES": "true"]) { one, _ in one })
        try workload.createTables()
        let load = LoadThreads(
            source: source, tables: tables, seeds: [dice.bits(), dice.bits()], pause: 40_000,
            options: options)
        var starts = 0
        for _ in 0..<Self.kills {
            let run = try trail.start("run")
            starts += 1
            usleep(UInt32(dice.roll(50_000...2_000_000)))
            try #require(run.isRunning, "SDL_TEST_SEED=\(seed): it ended before it was killed")
            run.signal(SIGKILL)
            #expect(try run.wait() == -SIGKILL)
        }
        workload.log.merge(try load.finish())
        let last = try trail.catchUp()
        let complaints = try last.complaints
        try #require(last.exitCode == 0, "SDL_TEST_SEED=\(seed): \(complaints)")
        #expect(
            !complaints.contains("the lease is held by"),
            "the lease of a dead process is taken at once")
        try trail.settleLateBatches()
        var checks = TrailChecks(
            trail: trail, log: workload.log, tables: tables, start: GTIDSet(),
            options: options)
        let summary = try checks.verify("SDL_TEST_SEED=\(seed) \(settings)")
        try trail.compareWithUndisturbedRun()
        print(
            "SDL_TEST_SEED=\(seed) \(kind) \(settings): \(starts) kills, \(summary.transactions) transactions,"
                + " \(workload.log.rolledBack) rolled back, \(summary.documents) documents")
        try trail.drop()
    }
}
