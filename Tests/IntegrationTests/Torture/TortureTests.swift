import Foundation
import TestSupport
import Testing

/// Everything goes wrong at random for a while, and nothing is lost, nothing stored twice.
///
/// One seed decides schemas, changes and faults; it is printed, and `SDL_TEST_SEED` repeats it. `SDL_TORTURE_SECONDS` says
/// how long, `SDL_TORTURE_SOURCE` on which source (`make torture`). With `SDL_TORTURE_KEEP` set, servers on which something
/// was found stay; with `SDL_TORTURE_JOURNAL` each fault is printed, not only those before a finding.
@Suite(
    .enabled(
        if: Services.canStart(.mysql) && Services.canStart(.mariadb) && Services.canStart(.mongo),
        "needs servers of its own"))
struct TortureTests {
    private static let seconds = Environment.value("SDL_TORTURE_SECONDS").flatMap { Int($0) } ?? 20
    private static let roundSeconds = 25
    private static let keeps = Environment.value("SDL_TORTURE_KEEP") != nil
    private static let kinds: [Services.Kind] = {
        let given = Environment.value("SDL_TORTURE_SOURCE") ?? ""
        return given.isEmpty
            ? [.mysql, .mariadb]
            : [Services.Kind.mysql, .mariadb, .mariadb118].filter { $0.rawValue == given }
    }()

    @Test(
        "[T1-T9 T15 T17 T20 T23 T30-T34 T41 T47 T73 T77 C1-C8] kills, cuts, elections and restarts at random, by one seed",
        arguments: kinds)
    func soak(kind: Services.Kind) throws {
        let seed =
            Environment.value("SDL_TEST_SEED").flatMap { UInt64($0) }
            ?? UInt64.random(in: 1...999_999_999)
        var dice = Dice(seed: seed)
        let label = "SDL_TEST_SEED=\(seed) \(kind)"
        print("\(label): \(Self.seconds) seconds of torture begin")
        let deadline = ContinuousClock.now + .seconds(Self.seconds)
        let mongo = try TortureMongo(name: "torture-\(kind)-mongo", &dice)
        var counts = TortureCounts()
        var hasFindings = false
        defer { if !Self.keeps || !hasFindings { stop(mongo.server) } }
        repeat {
            var options = WorkloadOptions.random(isMariaDB: kind != .mysql, &dice)
            options.xa = dice.chance(25)
            let settings =
                options.globals.map { "--" + $0.replacing(" = ", with: "=") }
                + ["--max-binlog-size=\(dice.pick([100_000, 1_000_000, 100_000_000]))"]
            let source = try Services.start(
                kind, name: "torture-\(kind)-\(counts[.epochs])", options: settings)
            defer { if !Self.keeps || !hasFindings { stop(source) } }
            let own = "\(label), epoch \(counts[.epochs]) (\(options))"
            var epoch = try TortureEpoch(
                own, source, mongo, options, Dice(seed: dice.bits()))
            epoch.run(until: deadline, roundSeconds: Self.roundSeconds)
            counts.add(epoch.end())
            hasFindings = !epoch.problems.isEmpty
            print("\(label): \(counts)")
        } while .now < deadline && !hasFindings
        #expect(hasFindings || counts[.checkpoints] > 0 && counts[.documents] > 0)
        #expect(counts[.faults] > 0)
    }
}
