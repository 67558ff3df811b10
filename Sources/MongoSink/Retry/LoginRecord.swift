internal import BinlogProtocol
internal import Synchronization

/// Whether this process has ever logged in: from then on the user is known to be right.
///
/// It is believed later then that it is refused, as ``LoginRefusals`` says: the restart of a MongoDB that wants passwords must
/// not end the program as if its password were wrong.
final class LoginRecord: Sendable {
    private let succeeded = Locked(false)

    var hasSucceeded: Bool { succeeded.withLock { $0 } }

    func succeed() { succeeded.withLock { $0 = true } }
}
