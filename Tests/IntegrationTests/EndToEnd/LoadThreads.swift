import BinlogProtocol
import Foundation
import Synchronization
import TestSupport

/// Workloads that run on threads of their own until they are told to stop.
final class LoadThreads: Sendable {
    private struct State {
        var isStopped = false
        var largeRows = 0
        var running = 0
        var log = WorkloadLog()
        var failure: (any Error)?
    }

    private let state = Locked(State())

    /// Starts one thread for each seed; all change the same tables.
    ///
    /// - Parameters:
    ///   - pause: the longest rest after a transaction, in microseconds.
    ///   - largeRows: how many rows the larger transactions have.
    ///   - survivesRestarts: whether the source may go away, and is waited for.
    init(
        source: ServiceInstance, tables: [Table], seeds: [UInt64], pause: Int = 0,
        options: WorkloadOptions = WorkloadOptions(), largeRows: Int = 300,
        survivesRestarts: Bool = false
    ) {
        state.withLock { $0.running = seeds.count }
        for seed in seeds {
            let thread = Thread { [self] in
                do {
                    var load = Load(
                        name: "load\(seed)", source: source, tables: tables, seed: seed,
                        options: options, largeRows: largeRows,
                        survivesRestarts: survivesRestarts)
                    let log = try run(&load, pause)
                    state.withLock { $0.log.merge(log) }
                } catch {
                    state.withLock { $0.failure = error }
                }
                state.withLock { $0.running -= 1 }
            }
            thread.stackSize = 4 << 20
            thread.start()
        }
    }

    private func run(_ load: inout Load, _ pause: Int) throws -> WorkloadLog {
        while !state.withLock({ $0.isStopped }) {
            let large = state.withLock { state in
                let rows = state.largeRows
                state.largeRows = 0
                return rows
            }
            try load.step(addedRows: large)
            if pause > 0 { usleep(UInt32.random(in: 0...UInt32(pause))) }
        }
        return load.log
    }

    /// Makes one of the next transactions as large as this.
    func addLargeTransaction(rows: Int) {
        state.withLock { $0.largeRows = rows }
    }

    /// Stops all threads and gives what they did.
    func finish() throws -> WorkloadLog {
        state.withLock { $0.isStopped = true }
        while state.withLock({ $0.running }) > 0 { usleep(10_000) }
        return try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.log
        }
    }
}

/// One thread's workload, which goes on behind a restart of its source.
private struct Load {
    let name: String
    let source: ServiceInstance
    let tables: [Table]
    let seed: UInt64
    let options: WorkloadOptions
    let largeRows: Int
    let survivesRestarts: Bool
    private var workload: Workload?
    private var isLost = false
    private var lostSince = ContinuousClock.now

    init(
        name: String, source: ServiceInstance, tables: [Table], seed: UInt64,
        options: WorkloadOptions, largeRows: Int, survivesRestarts: Bool
    ) {
        self.name = name
        self.source = source
        self.tables = tables
        self.seed = seed
        self.options = options
        self.largeRows = largeRows
        self.survivesRestarts = survivesRestarts
    }

    var log: WorkloadLog { workload?.log ?? WorkloadLog() }

    /// One transaction or two, or one attempt to reach the source again.
    mutating func step(addedRows: Int) throws {
        do {
            if workload == nil {
                workload = try Workload(
                    name: name, connection: try source.root(), tables: tables, seed: seed,
                    options: options)
            }
            if isLost {
                let connection = try source.root()
                try workload?.resume(on: connection)
            }
            isLost = false
            try workload?.runTransaction()
            if addedRows > 0 { try workload?.insertMany(rows: addedRows) }
            let isLarge = workload?.dice.chance(3) ?? false
            let rows = largeRows
            if isLarge { try workload?.insertMany(rows: rows) }
        } catch let error as BinlogError
            where survivesRestarts && error.isTransient && !isOverdue
        {
            if !isLost { lostSince = .now }
            isLost = true
            workload?.loseTransaction()
            usleep(100_000)
        }
    }

    /// A source that stays away is an error.
    private var isOverdue: Bool { isLost && ContinuousClock.now - lostSince > .seconds(180) }
}
