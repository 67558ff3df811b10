internal import BinlogProtocol
internal import CLibMongoC
internal import Dispatch
internal import Synchronization

extension MongoSink {
    /// How long a stopping sink waits for a call of the driver, which nobody can interrupt.
    static let patience: Duration = .seconds(2)

    /// Runs calls of the driver on a thread of their own, so that ``cancel()`` ends the caller's wait in any case.
    ///
    /// A call that waits for the network ends by its own timeout, up to a minute later, and nobody waits for it.
    func detached<Result: Sendable>(
        _ name: String, within limit: Duration? = nil,
        _ body: @escaping @Sendable () throws -> Result
    ) throws(SinkError) -> Result {
        let outcome = Slot<Result>()
        let bell = DispatchSemaphore(value: 0)
        spawn(name) {
            outcome.set(Self.result(of: body))
            bell.signal()
        }
        environment.cancellation.alsoWake(bell)
        defer { environment.cancellation.forget(bell) }
        if let limit {
            _ = bell.wait(timeout: .now() + limit.dispatchInterval)
        } else {
            bell.wait()
        }
        if outcome.value == nil {
            _ = bell.wait(timeout: .now() + Self.patience.dispatchInterval)
        }
        guard let result = outcome.value else {
            leaveDriverBehind()
            throw SinkEnvironment.cancelled
        }
        return try result.get()
    }

    /// A thread stays in the driver: the end of the process must not take the driver's ground from under it.
    func leaveDriverBehind() { _ = Self.exitsWithoutCleanup }

    private static let exitsWithoutCleanup: Void = sdl_exit_without_cleanup()

    private static func result<Result>(
        of body: () throws -> Result
    ) -> Swift.Result<Result, SinkError> {
        do {
            return .success(try body())
        } catch {
            return .failure(SinkError(wrapping: error))
        }
    }

    private final class Slot<Value: Sendable>: Sendable {
        private let stored = Locked<Swift.Result<Value, SinkError>?>(nil)
        var value: Swift.Result<Value, SinkError>? { stored.withLock { $0 } }
        func set(_ result: Swift.Result<Value, SinkError>) { stored.withLock { $0 = result } }
    }
}
