internal import Foundation

/// A pipe whose read end becomes readable once `signal()` was called, from any thread.
package final class WakePipe: Sendable {
    let readEnd: Int32
    private let writeEnd: Int32

    init() throws(TransportError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .system(call: "pipe", errno: errno) }
        readEnd = ends[0]
        writeEnd = ends[1]
        for end in ends {
            guard fcntl(end, F_SETFD, FD_CLOEXEC) == 0, fcntl(end, F_SETFL, O_NONBLOCK) == 0 else {
                let number = errno
                throw .system(call: "fcntl", errno: number)
            }
        }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func signal() {
        var byte: UInt8 = 1
        // A full pipe is already readable, so EAGAIN is as good as success.
        while write(writeEnd, &byte, 1) < 0, errno == EINTR {}
    }
}
