internal import Foundation

/// Standard output or standard error, written to without a buffer in between.
package struct StandardStream: Sendable {
    package static let output = StandardStream(descriptor: STDOUT_FILENO)
    package static let error = StandardStream(descriptor: STDERR_FILENO)

    let descriptor: Int32

    /// How a write ended.
    package enum Outcome: Equatable, Sendable {
        case written
        /// It is a pipe, and nobody reads from it any more.
        case closed
        /// In the system's words, for instance that the disk is full.
        case failed(String)
    }

    /// Writes all of `text`.
    @discardableResult
    package func write(_ text: String) -> Outcome {
        write(Array(text.utf8))
    }

    /// Writes all of `bytes`.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> Outcome {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = Foundation.write(descriptor, part.baseAddress, part.count)
                guard count < 0 else {
                    rest = rest.dropFirst(count)
                    continue
                }
                switch errno {
                case EINTR: break
                case EAGAIN:
                    var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&ready, 1, 1000)
                case EPIPE: return .closed
                case let code: return .failed(String(cString: strerror(code)))
                }
            }
            return .written
        }
    }
}
