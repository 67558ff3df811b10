#if THREAD_SANITIZER
internal import Foundation

/// A value that one thread at a time can use.
///
/// The thread sanitizer does not see the locks of `Mutex`, whose code it does not know; those of Foundation it does. The
/// claim is unchecked because the compiler does not know that the lock guards all that changes.
package final class Locked<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    package init(_ value: Value) {
        self.value = value
    }

    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
#else
package import Synchronization

/// A value that one thread at a time can use.
package typealias Locked = Mutex
#endif
