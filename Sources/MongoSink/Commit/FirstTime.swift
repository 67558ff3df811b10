internal import BinlogProtocol
internal import Synchronization

/// What is said once, however often it happens.
final class FirstTime: Sendable {
    private let happened = Locked(false)

    /// True the first time.
    func isFirst() -> Bool {
        happened.withLock { happened in
            defer { happened = true }
            return !happened
        }
    }
}
