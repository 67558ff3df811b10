internal import Foundation

/// Who holds a lease: `host/pid`.
package struct LeaseOwner: Sendable, Equatable {
    package let host: String
    /// Nil when the text does not end in a process id.
    package let process: Int32?

    package init(_ text: String) {
        let slash = text.lastIndex(of: "/")
        host = slash.map { String(text[..<$0]) } ?? text
        process = slash.flatMap { Int32(text[text.index(after: $0)...]) }
    }

    /// Whether this is a process of the same host as `other` that no longer runs.
    package func isDeadProcess(ofHostOf other: LeaseOwner) -> Bool {
        guard host == other.host, let process, process > 0 else { return false }
        return kill(process, 0) == -1 && errno == ESRCH
    }
}
