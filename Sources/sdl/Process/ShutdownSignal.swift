internal import BinlogProtocol
internal import Foundation
internal import Synchronization

/// SIGTERM and SIGINT: the first asks for a clean stop, the second ends the program at once.
///
/// The signals are blocked in every thread and one thread waits for them, so no code runs inside
/// a signal handler, where almost nothing is allowed.
package final class ShutdownSignal: Sendable {
    private struct State {
        var isRequested = false
        var wake: (@Sendable () -> Void)?
    }

    private let state = Locked(State())

    package init() {}

    package var isRequested: Bool { state.withLock { $0.isRequested } }

    /// Calls `wake` when a stop is asked for, at once if it was already.
    ///
    /// It replaces the one before. `wake` runs on another thread and must return soon: it wakes a blocked read, for instance.
    package func onRequest(_ wake: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            state.wake = wake
            return state.isRequested
        }
        if isLate { wake() }
    }

    /// Asks for a clean stop, as the first signal does.
    package func request() {
        let wake = state.withLock { state in
            let isFirst = !state.isRequested
            state.isRequested = true
            return isFirst ? state.wake : nil
        }
        wake?()
    }

    /// Starts to listen; to be called once, before any other thread exists.
    package func listen() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let thread = Thread { [self, signals] in wait(for: signals) }
        thread.name = "sdl-signals"
        thread.start()
    }

    private func wait(for signals: sigset_t) {
        var signals = signals
        while true {
            var number: Int32 = 0
            guard sigwait(&signals, &number) == 0 else { continue }
            guard isRequested else {
                request()
                continue
            }
            // Ended by the signal itself, so that the supervisor sees that the stop was not clean.
            signal(number, SIG_DFL)
            pthread_sigmask(SIG_UNBLOCK, &signals, nil)
            raise(number)
        }
    }
}
