internal import BinlogProtocol
internal import Dispatch
internal import Synchronization

/// A flag that ends every wait for a retry.
package final class SinkCancellation: Sendable {
    private struct State {
        var isCancelled = false
        var sleepers: [DispatchSemaphore] = []
    }

    private let state = Locked(State())

    package init() {}

    /// Whether the work was given up.
    package var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Gives the work up and wakes who waits.
    package func cancel() {
        let sleepers = state.withLock { state in
            state.isCancelled = true
            return state.sleepers
        }
        for sleeper in sleepers { sleeper.signal() }
    }

    /// Rings another bell too when the work is given up, at once if it was already.
    func alsoWake(_ bell: DispatchSemaphore) {
        let isCancelled = state.withLock { state in
            state.sleepers.append(bell)
            return state.isCancelled
        }
        if isCancelled { bell.signal() }
    }

    /// Undoes ``alsoWake(_:)``.
    func forget(_ bell: DispatchSemaphore) {
        state.withLock { $0.sleepers.removeAll { $0 === bell } }
    }

    /// Waits; false when the work was given up meanwhile.
    package func wait(_ duration: Duration) -> Bool {
        let sleeper = DispatchSemaphore(value: 0)
        let isCancelled = state.withLock { state in
            if !state.isCancelled { state.sleepers.append(sleeper) }
            return state.isCancelled
        }
        guard !isCancelled else { return false }
        _ = sleeper.wait(timeout: .now() + duration.dispatchInterval)
        return state.withLock { state in
            state.sleepers.removeAll { $0 === sleeper }
            return !state.isCancelled
        }
    }
}

extension Duration {
    /// In whole nanoseconds, at most about 290 years.
    var dispatchInterval: DispatchTimeInterval {
        .nanoseconds(Int(clamping: nanoseconds))
    }

    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carried) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carried ? (seconds < 0 ? .min : .max) : sum
    }

    var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
