import BinlogProtocol
import Foundation
import Synchronization
import TestSupport

/// Workloads that run on threads of their own until they are told to stop.
final class LoadThreads: Sendable {
    private struct State {
        var isStopped = false
        var running = 0
        var log = WorkloadLog()
        var failure: (any Error)?
    }

    private let state = Mutex(State())

    /// Starts one thread for each seed; all change the same tables.
    ///
    /// - Parameter pause: the longest rest after a transaction, in microseconds.
    init(
        source: ServiceInstance, tables: [Table], seeds: [UInt64], pause: Int = 0,
        options: WorkloadOptions = WorkloadOptions()
    ) {
        state.withLock { $0.running = seeds.count }
        for seed in seeds {
            let thread = Thread { [self] in
                do {
                    let log = try run(source, tables, seed, pause, options)
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

    private func run(
        _ source: ServiceInstance, _ tables: [Table], _ seed: UInt64, _ pause: Int,
        _ options: WorkloadOptions
    ) throws -> WorkloadLog {
        var workload = try Workload(
            name: "load\(seed)", connection: try source.root(), tables: tables, seed: seed,
            options: options)
        while !state.withLock({ $0.isStopped }) {
            try workload.runTransaction()
            if workload.dice.chance(3) { try workload.insertMany(rows: 300) }
            if pause > 0 { usleep(UInt32(workload.dice.roll(0...pause))) }
        }
        return workload.log
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
