import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// Each MongoDB command of a run is hit by each fault, and the trail is the same in the end.
///
/// `SDL_TEST_SWEEP=full` hits every command, else a few that follow from a printed seed are hit;
/// `SDL_TEST_SEED` repeats a run's choices.
@Suite(.serialized, .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
struct CommandSweepTests {
    private static let isFull = Environment.value("SDL_TEST_SWEEP") == "full"
    /// About how many runs the quick variant makes, of one fault and of two.
    private static let quickRuns = (single: 21, double: 10)
    private static let quickRunsOfLargeValues =
        Environment.isSanitized ? (single: 2, double: 1) : (single: 5, double: 2)

    private struct Kind {
        let action: MongoFault.Action
        let moment: MongoFault.Moment

        func fault(_ number: Int) -> MongoFault { MongoFault(action, at: moment, of: number) }
    }

    private static let notPrimary: Int32 = 10107
    private static let writeConflict: Int32 = 112
    private static let kills = MongoFault.Moment.allCases.map { Kind(action: .kill, moment: $0) }
    private static let kinds =
        kills
        + MongoFault.Moment.allCases.flatMap {
            [
                Kind(action: .close, moment: $0),
                Kind(action: .fail(code: notPrimary), moment: $0),
            ]
        } + [Kind(action: .fail(code: writeConflict), moment: .command)]

    /// A source with the workload, a proxy, what an undisturbed run stores, and what was found.
    private struct Sweep {
        let source: ServiceInstance
        let proxy: MongoCommandProxy
        let undisturbed: UndisturbedTrail
        let settings: [String: String]
        /// How many commands an undisturbed run sends.
        let commands: Int
        var runs = 0
        var kills = 0
        var faults = 0
        var findings = 0

        /// - Parameter source: with a workload.
        init(_ source: ServiceInstance, _ settings: [String: String]) throws {
            self.source = source
            self.settings = settings
            proxy = try MongoCommandProxy(to: try Services.standard(.mongo).uri)
            let trail = try AuditTrail(source: source, settings)
            let report = try Self.driver(trail, proxy).run([])
            try #require(report.isClean, "\(report.complaints)")
            commands = report.commands[0]
            undisturbed = try UndisturbedTrail(trail)
        }

        private static func driver(_ trail: AuditTrail, _ proxy: MongoCommandProxy) -> CrashDriver {
            CrashDriver(
                ["run", "--until", "current"], environment: trail.environment, through: proxy)
        }

        /// One run with faults; false when its first fault found no command any more.
        mutating func run(_ plan: [[MongoFault]]) throws -> Bool {
            let trail = try AuditTrail(source: source, settings)
            runs += 1
            var problems: [String] = []
            var wasMet = true
            var complaints = ""
            do {
                let report = try Self.driver(trail, proxy).run(plan)
                complaints = report.complaints
                kills += report.kills
                faults += report.faults.reduce(0) { $0 + $1.count }
                wasMet = report.faults.first?.isEmpty == false
                if !report.isClean { problems.append("exit codes \(report.exits)") }
                if report.isClean, report.kills > 0 { try trail.settleLateBatches() }
                problems += try undisturbed.problems(of: trail)
            } catch let hang as SDLCommand.Overdue {
                problems.append("\(hang)")
            }
            if problems.isEmpty {
                try trail.drop()
            } else {
                findings += 1
                // One line says it again, because tests buffer what they record.
                print("finding: \(plan)")
                Issue.record(
                    "\(plan), see \(trail.database): \(problems.prefix(5).joined(separator: "\n"))\n\(complaints)"
                )
            }
            return wasMet
        }
    }

    @Test(
        "[T1-T9 T20-T23 T32-T34 T36] kill, cut or fail at any command, twice too: the same trail in the end"
    )
    func sweep() throws {
        try sweep("sweep", SweepWorkload.settings, Self.quickRuns) { source in
            try SweepWorkload.record(on: source)
        }
    }

    @Test("[T52 T1-T9] the same with values of 17 MB, which are stored apart")
    func largeValues() throws {
        try sweep("sweeplarge", LargeValueWorkload.settings, Self.quickRunsOfLargeValues) {
            try LargeValueWorkload.record(on: $0)
        }
    }

    private func sweep(
        _ name: String, _ settings: [String: String], _ quickRuns: (single: Int, double: Int),
        record: (ServiceInstance) throws -> Void
    ) throws {
        let seed =
            Environment.value("SDL_TEST_SEED").flatMap { UInt64($0) }
            ?? UInt64.random(in: 1...999_999_999)
        var dice = Dice(seed: seed)
        let source = try Services.start(.mysql, name: "\(name)-\(seed)")
        defer { stop(source) }
        try record(source)
        var sweep = try Sweep(source, settings)
        print(
            "SDL_TEST_SEED=\(seed): \(sweep.undisturbed.transactions) transactions,"
                + " \(sweep.undisturbed.documents.count) documents, \(sweep.commands) commands")
        try single(&sweep, quickRuns.single, &dice)
        report(seed, "one fault", sweep)
        try double(&sweep, quickRuns.double, &dice)
        report(seed, "and two faults", sweep)
        #expect(sweep.faults > 0 && sweep.kills > 0)
    }

    private func report(_ seed: UInt64, _ what: String, _ sweep: Sweep) {
        print(
            "SDL_TEST_SEED=\(seed) \(what): \(sweep.runs) runs, \(sweep.faults) faults,"
                + " \(sweep.kills) of them kills, \(sweep.findings) findings")
    }

    private func single(_ sweep: inout Sweep, _ quickRuns: Int, _ dice: inout Dice) throws {
        let commands = sweep.commands
        let step = Self.isFull ? 1 : max(1, commands * Self.kinds.count / quickRuns)
        for kind in Self.kinds {
            var number = dice.roll(1...step)
            while try sweep.run([[kind.fault(number)]]) {
                number += step
                // Only who hits every command need see that none is left.
                if !Self.isFull, number > sweep.commands { break }
            }
            if Self.isFull { print("\(kind.fault(number)) is met by nobody: \(sweep.runs) runs") }
        }
    }

    /// A kill, and another fault at any command of the next start: mostly while it recovers.
    private func double(_ sweep: inout Sweep, _ quickRuns: Int, _ dice: inout Dice) throws {
        let commands = sweep.commands
        let step = Self.isFull ? 1 : max(1, commands / quickRuns)
        for first in stride(from: dice.roll(1...step), through: commands, by: step) {
            for kind in Self.isFull ? Self.kinds : [dice.pick(Self.kinds)] {
                let last = dice.chance(50) ? 30 : commands
                let second = kind.fault(dice.roll(1...last))
                _ = try sweep.run([[dice.pick(Self.kills).fault(first)], [second]])
            }
            if Self.isFull, first % 10 == 0 { print("two faults, the first at \(first)") }
        }
    }
}
