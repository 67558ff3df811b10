import BinlogProtocol
import Foundation
import TestSupport

@testable import MongoSink

/// How each fault is made; when one returns, both servers and `sdl` run again.
extension TortureEpoch {
    mutating func apply(_ fault: TortureFault, _ load: LoadThreads) throws {
        switch fault {
        case .kill: try restartAfterKill()
        case .killAtCommand: try killAtCommand()
        case .stop:
            try service.stop()
            rest(0...300)
            try service.start(&dice)
        case .pause:
            try service.pause(
                milliseconds: dice.roll(500...3000), withStandby: dice.chance(50), &dice)
        case .takeover: try service.takeOver(rest: dice.roll(0...1500), &dice)
        case .cut: try cut(dice.pick([.close, .reset]))
        case .stall: try stall()
        case .slowLine: slowDown()
        case .refuse:
            link.rules.refuses = true
            link.closeLines()
            counts[.cuts] += 1
            rest(300...2500)
            link.rules.refuses = false
        case .cutCommand, .failCommand, .loseAnswer: armCommand(fault)
        case .notPrimary, .writeConflict, .unknownCommit, .writeConcern, .hangUp, .slowAnswers,
            .noPrimary:
            try setFailPoint(fault)
        case .mongoKill:
            counts[.mongoRestarts] += 1
            try mongo.restart(downFor: dice.roll(0...1500))
        case .sourceKill:
            counts[.sourceRestarts] += 1
            try Services.kill(source)
            rest(0...1000)
            if dice.chance(30) { try restartAfterKill() }
            try Services.restart(source)
        case .sourceRestart:
            counts[.sourceRestarts] += 1
            try Services.restart(source)
        case .dumpKill: try killStreams()
        case .rotate:
            counts[.rotations] += 1
            try source.root().run("FLUSH BINARY LOGS")
        case .checksum:
            counts[.checksums] += 1
            let algorithm = dice.pick(["NONE", "CRC32"])
            try source.root().run("SET GLOBAL binlog_checksum = \(algorithm)")
        case .large:
            counts[.largeTransactions] += 1
            load.addLargeTransaction(rows: dice.roll(150...600))
        }
    }

    /// Ends every fault that is still going on.
    mutating func calm() throws {
        link.rules = FaultRules()
        link.resume()
        counts[.commandFaults] += mongo.disarm()
        counts[.failPoints] += try mongo.failPoint.end()
    }

    // MARK: sdl

    private mutating func restartAfterKill() throws {
        try service.kill()
        rest(0...300)
        try service.start(&dice)
    }

    private mutating func killAtCommand() throws {
        let moment = dice.pick(MongoFault.Moment.allCases)
        counts[.commandFaults] += mongo.arm(.kill, at: moment, after: dice.roll(1...30))
        try service.awaitKill(within: 5000)
        counts[.commandFaults] += mongo.disarm()
        // It may have come between the last look and the end of the trap.
        try service.awaitKill(within: 500)
        try service.start(&dice)
    }

    // MARK: The line to the source

    /// Breaks the line that is there, or the next one, a little later.
    private mutating func cut(_ fault: FaultRules.Fault) throws {
        let direction: FaultRules.Direction = dice.chance(80) ? .toClient : .toServer
        let before = link.faults
        if let number = link.lines.lastIndex(where: \.isOpen) {
            let line = link.lines[number]
            let passed =
                direction == .toClient ? line.toClient.bytes : line.toServer.bytes
            link.rules.cut = FaultRules.Cut(
                fault, after: passed + dice.roll(0...40_000), direction, line: number)
        } else {
            link.rules.cut = FaultRules.Cut(fault, after: dice.roll(0...4000), direction)
        }
        for _ in 0..<100 where link.faults == before { usleep(10_000) }
        link.rules.cut = nil
        counts[.cuts] += link.faults - before
    }

    private mutating func stall() throws {
        let fault: FaultRules.Fault = dice.pick([.stall, .swallow])
        try cut(fault)
        rest(300...4000)
        // Bytes that were swallowed are gone, so that line must end.
        if fault == .swallow || dice.chance(50) { link.closeLines() }
        link.resume()
    }

    private mutating func slowDown() {
        counts[.slowLines] += 1
        link.rules.pieces = dice.pick([1, 2, 3, 7, 100, 1000])
        link.rules.delay = .milliseconds(dice.pick([0, 1, 5]))
        rest(500...2500)
        link.rules = FaultRules()
    }

    // MARK: MongoDB

    private mutating func armCommand(_ fault: TortureFault) {
        let moment = dice.pick(MongoFault.Moment.allCases)
        let action: MongoFault.Action =
            switch fault {
            case .cutCommand: .close
            case .loseAnswer: .swallow
            default: .fail(code: dice.pick([10107, 189, 91, 11602]))
            }
        counts[.commandFaults] += mongo.arm(action, at: moment, after: dice.roll(1...30))
    }

    private mutating func setFailPoint(_ fault: TortureFault) throws {
        counts[.failPoints] += try mongo.failPoint.end()
        let after = dice.chance(50)
        let code: Int32
        switch fault {
        case .notPrimary:
            code = dice.pick([10107, 189, 91, 11602])
            try mongo.failPoint.set(["*"], times: dice.roll(1...10)) {
                $0.append("errorCode", int32: code)
                $0.append("afterCommand", bool: after)
            }
        case .writeConflict:
            try mongo.failPoint.set(["insert", "update"], times: dice.roll(1...5)) {
                $0.append("errorCode", int32: 112)
            }
        case .unknownCommit:
            code = dice.pick([91, 50])
            try mongo.failPoint.set(["commitTransaction"], times: dice.roll(1...4)) {
                $0.append("errorCode", int32: code)
                $0.appendArray("errorLabels") {
                    $0.append(BSONKey(index: 0), string: "UnknownTransactionCommitResult")
                }
                $0.append("afterCommand", bool: after)
            }
        case .writeConcern:
            try mongo.failPoint.set(["commitTransaction"], times: dice.roll(1...2)) {
                $0.append("writeConcernError") {
                    $0.append("code", int32: 64)
                    $0.append("errmsg", string: "waiting for replication timed out")
                }
            }
        case .hangUp:
            try mongo.failPoint.set(["*"], times: dice.roll(1...4)) {
                $0.append("closeConnection", bool: true)
                $0.append("afterCommand", bool: after)
            }
        case .noPrimary:
            try mongo.failPoint.set(["*"], times: 100_000) { $0.append("errorCode", int32: 10107) }
            rest(500...3000)
            counts[.failPoints] += try mongo.failPoint.end()
        default:
            let milliseconds = Int32(dice.roll(100...1200))
            try mongo.failPoint.set(["*"], times: dice.roll(2...8)) {
                $0.append("blockConnection", bool: true)
                $0.append("blockTimeMS", int32: milliseconds)
                $0.append("afterCommand", bool: after)
            }
        }
    }

    // MARK: The source

    private mutating func killStreams() throws {
        let root = try source.root()
        let place = isMariaDB ? "information_schema" : "performance_schema"
        let streams = try root.query(
            "SELECT id FROM \(place).processlist WHERE command LIKE 'Binlog Dump%'"
        ).rows.compactMap { $0.first ?? nil }
        for id in streams {
            do {
                _ = try root.query("KILL \(id)")
                counts[.dumpKills] += 1
            } catch {
                // It ended by itself.
                let unknownThread: UInt16 = 1094
                guard error.code == .serverError(unknownThread) else { throw error }
            }
        }
    }
}
