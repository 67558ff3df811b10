import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// Random schemas and transactions on a real server: the audit trail alone gives back every row of the source.
///
/// `SDL_TEST_SEEDS` sets how many seeds run, `SDL_TEST_SEED` repeats one.
@Suite(.serialized)
struct PropertyTests {
    static let seeds: [UInt64] = {
        if let given = Environment.value("SDL_TEST_SEED").flatMap({ UInt64($0) }) { return [given] }
        let count = Environment.value("SDL_TEST_SEEDS").flatMap { Int($0) } ?? 4
        return (0..<count).map { _ in UInt64.random(in: 1...999_999_999) }
    }()

    @Test(
        "[C1 PY9 GM2 ZJ6 SP1 OJ6 DZ16 DT9] The state rebuilt from row_changes equals SELECT, for each random schema and history",
        .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own")
    )
    func rebuiltStateEqualsSource() throws {
        let source = try Services.start(.mysql, name: "property")
        defer { stop(source) }
        for seed in Self.seeds { try Self.check(seed: seed, source, isMariaDB: false) }
    }

    @Test(
        "[C1 PY9 MX12 DT7] The same on MariaDB",
        .enabled(if: Services.canStart(.mariadb), "needs a MariaDB server of its own")
    )
    func rebuiltStateEqualsMariaDB() throws {
        let source = try Services.start(.mariadb, name: "propertymaria")
        defer { stop(source) }
        for seed in Self.seeds { try Self.check(seed: seed, source, isMariaDB: true) }
    }

    private static func check(seed: UInt64, _ source: ServiceInstance, isMariaDB: Bool) throws {
        let began = ContinuousClock.now
        var dice = Dice(seed: seed)
        let fullImages = dice.chance(60)
        let options = WorkloadOptions.random(isMariaDB: isMariaDB, &dice)
        let tables = Table.random(
            database: "p.db $\(seed)", fullImages: fullImages, isMariaDB: isMariaDB, &dice)
        let start = try source.executed()
        let root = try source.root()
        for setting in options.globals { try root.run("SET GLOBAL \(setting)") }
        var workload = try Workload(
            name: "s\(seed)", connection: try source.root(), tables: tables, seed: dice.bits(),
            options: options)
        let trail = try AuditTrail(
            source: source,
            [
                "MYSQL_FLAVOR": isMariaDB ? "mariadb" : "mysql", "FULL_IMAGES": "\(fullImages)",
                "START": start.isEmpty ? "earliest" : "\(start)",
                "BATCH_SIZE": dice.pick(["30", "100", "1000"]),
                "TZ": dice.pick(["Asia/Kolkata", "America/New_York", "UTC"]),
            ])
        try workload.createTables()
        for number in 0..<200 {
            try workload.runTransaction()
            if options.mayAlter, number % 25 == 24, dice.chance(60) {
                try workload.alterSomething()
            }
            if number % 97 == 96 { _ = try workload.connection.query("FLUSH BINARY LOGS") }
        }
        let loaded = ContinuousClock.now
        let run = try trail.catchUp()
        let caughtUp = ContinuousClock.now
        let complaints = try run.complaints
        try #require(run.exitCode == 0, "SDL_TEST_SEED=\(seed): \(complaints)")
        var checks = TrailChecks(
            trail: trail, log: workload.log, tables: workload.tables + workload.copies,
            start: start, options: options)
        let summary = try checks.verify("SDL_TEST_SEED=\(seed)")
        print(
            "SDL_TEST_SEED=\(seed) (\(options)): \(summary.transactions) transactions,"
                + " \(workload.log.rolledBack) rolled back, \(summary.documents) documents,"
                + " \(summary.rows) rows in \(workload.tables.count) tables;"
                + " load \(loaded - began), run \(caughtUp - loaded), check \(.now - caughtUp)")
        _ = try workload.connection.query("DROP DATABASE `p.db $\(seed)`")
        try trail.drop()
    }
}

/// Ends a private server; what cannot be stopped is said, the test's own result stands.
func stop(_ instance: ServiceInstance) {
    do {
        try Services.stop(instance)
    } catch {
        print("\(instance.name) could not be stopped: \(error)")
    }
}
