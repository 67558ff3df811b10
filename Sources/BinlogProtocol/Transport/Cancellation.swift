internal import Synchronization

/// Ends the waiting of one connection from another thread.
///
/// Every wait of the connection also watches a pipe, so that nothing here touches the socket's
/// descriptor, which may be closed and its number reused at any moment.
public final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    private let pipe: WakePipe

    /// Makes one that is not cancelled.
    ///
    /// - Throws: ``BinlogError`` with code `connectionFailed` when no descriptors are left.
    public init() throws(BinlogError) {
        do {
            pipe = try WakePipe()
        } catch {
            throw BinlogError(
                .connectionFailed, "No file descriptor is left for a connection: \(error).",
                underlying: error)
        }
    }

    package var isCancelled: Bool { flag.load(ordering: .acquiring) }

    /// Makes every present and future wait of the connection end at once with `cancelled`.
    public func cancel() {
        flag.store(true, ordering: .releasing)
        pipe.signal()
    }

    var wakeDescriptor: Int32 { pipe.readEnd }
}
