internal import BinlogProtocol
internal import Foundation
internal import Synchronization

/// Accepts connections on a free port of 127.0.0.1 and gives each a thread of its own, until it is closed.
final class LoopbackListener: Sendable {
    let port: UInt16
    private let descriptor: Int32
    private let isOpen = Locked(true)

    /// - Parameter serve: called in a thread of its own with each client's line.
    init(_ serve: @escaping @Sendable (LoopbackLine) -> Void) throws {
        (descriptor, port) = try FakeServer.listen(backlog: 64)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        Thread.detachNewThread { [self] in
            while true {
                let accepted = accept(descriptor, nil, nil)
                guard isOpen.withLock({ $0 }) else {
                    if accepted >= 0 { Foundation.close(accepted) }
                    break
                }
                guard accepted >= 0 else { continue }
                let line = LoopbackLine(adopting: accepted)
                Thread.detachNewThread { serve(line) }
            }
            Foundation.close(descriptor)
        }
    }

    /// Accepts nobody any more.
    func close() {
        isOpen.withLock { isOpen in
            guard isOpen else { return }
            isOpen = false
            // Wakes the thread that accepts.
            _ = shutdown(descriptor, Int32(SHUT_RDWR))
        }
    }
}
