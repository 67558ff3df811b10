internal import Synchronization

/// Whether this process has ever logged in: from then on the user is known to be right.
///
/// libmongoc reports a server that stops in the middle of a login as a refused user. Without this record the restart
/// of a MongoDB that wants passwords would end the program as if its password were wrong.
final class LoginRecord: Sendable {
    /// This many refusals one after another are believed while no login has succeeded.
    static let refusalsMax = 3

    private let succeeded = Mutex(false)

    var hasSucceeded: Bool { succeeded.withLock { $0 } }

    func succeed() { succeeded.withLock { $0 = true } }
}
