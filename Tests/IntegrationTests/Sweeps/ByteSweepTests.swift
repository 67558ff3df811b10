import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// The line to the source breaks behind any byte or comes in tiny pieces, and the trail is the same in the end.
///
/// `SDL_TEST_SWEEP=full` breaks it at every border of a packet and one byte before and behind, else a few places that follow
/// from a printed seed are taken; `SDL_TEST_SEED` repeats a run's choices.
@Suite(
    .serialized,
    .enabled(
        if: Services.canStart(.mysql) && Services.canStart(.mariadb), "needs servers of its own"))
struct ByteSweepTests {
    private static let isFull = Environment.value("SDL_TEST_SWEEP") == "full"
    private static let quickCuts = 6
    private static let fullRandomCuts = 100

    private struct Sweep {
        let source: ServiceInstance
        let kind: Services.Kind
        let undisturbed: UndisturbedTrail
        /// What an undisturbed run read, line by line.
        let lines: [FaultProxy.LineRecord]
        var runs = 0
        var faults = 0
        var findings = 0

        init(_ source: ServiceInstance, _ kind: Services.Kind) throws {
            self.source = source
            self.kind = kind
            try SweepWorkload.record(on: source, kind)
            let proxy = try FaultProxy(to: try source.address)
            let trail = try Self.trail(source, kind, proxy)
            let run = try trail.catchUp()
            let complaints = try run.complaints
            try #require(run.exitCode == 0, "\(complaints)")
            undisturbed = try UndisturbedTrail(trail)
            lines = proxy.lines
        }

        /// In clear text, so that the borders of packets can be seen.
        private static func trail(
            _ source: ServiceInstance, _ kind: Services.Kind, _ proxy: FaultProxy
        ) throws -> AuditTrail {
            try AuditTrail(
                source: source,
                SweepWorkload.settings.merging([
                    "MYSQL_ADDR": proxy.address, "MYSQL_FLAVOR": kind.rawValue,
                    "MYSQL_TLS_MODE": "disabled",
                    "MYSQL_ALLOW_PUBLIC_KEY_RETRIEVAL": "true",
                ]) { $1 })
        }

        mutating func run(_ rules: FaultRules, _ what: String) throws {
            let proxy = try FaultProxy(to: try source.address)
            proxy.rules = rules
            let trail = try Self.trail(source, kind, proxy)
            let run = try trail.catchUp()
            runs += 1
            faults += proxy.faults
            var problems: [String] = []
            if run.exitCode != 0 { problems.append("exit \(run.exitCode): \(try run.complaints)") }
            problems += try undisturbed.problems(of: trail)
            if problems.isEmpty { return try trail.drop() }
            findings += 1
            Issue.record(
                "\(what), see \(trail.database): \(problems.prefix(5).joined(separator: "\n"))")
        }

        mutating func cut(_ fault: FaultRules.Fault, after: Int, line: Int) throws {
            var rules = FaultRules()
            rules.cut = FaultRules.Cut(fault, after: after, line: line)
            try run(rules, "\(fault) behind byte \(after) of line \(line)")
        }
    }

    @Test(
        "[T73] the line to the source breaks behind any byte, or brings few bytes at once",
        arguments: [Services.Kind.mysql, .mariadb])
    func sweep(kind: Services.Kind) throws {
        let seed =
            Environment.value("SDL_TEST_SEED").flatMap { UInt64($0) }
            ?? UInt64.random(in: 1...999_999_999)
        var dice = Dice(seed: seed)
        let source = try Services.start(kind, name: "bytesweep-\(kind)-\(seed)")
        defer { stop(source) }
        var sweep = try Sweep(source, kind)
        let borders = sweep.lines.map(\.toClient.borders.offsets.count)
        print("SDL_TEST_SEED=\(seed) \(kind): packets to sdl on each line: \(borders)")
        for size in [1, 2, 3, 7] {
            var rules = FaultRules()
            rules.pieces = size
            try sweep.run(rules, "pieces of \(size)")
        }
        let faults: [FaultRules.Fault] = [.close, .reset]
        var places = sweep.lines.enumerated().flatMap { number, line in
            line.toClient.borders.offsets.flatMap { border in
                [-1, 0, 1].map { (line: number, after: border + $0) }
            }
        }
        let randomCuts = Self.isFull ? Self.fullRandomCuts : Self.quickCuts / 3
        if !Self.isFull { places = Array(dice.shuffled(places).prefix(Self.quickCuts)) }
        for _ in 0..<randomCuts {
            let line = dice.roll(0...(sweep.lines.count - 1))
            places.append((line, dice.roll(0...sweep.lines[line].toClient.bytes)))
        }
        for (done, place) in places.enumerated() {
            try sweep.cut(dice.pick(faults), after: place.after, line: place.line)
            if done % 100 == 99 { print("\(kind): \(done + 1) of \(places.count) places") }
        }
        print(
            "SDL_TEST_SEED=\(seed) \(kind): \(sweep.runs) runs, \(sweep.faults) cuts, \(sweep.findings) findings"
        )
        #expect(sweep.faults > 0)
    }
}
