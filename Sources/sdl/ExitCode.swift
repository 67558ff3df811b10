/// How the program ends, as supervisors and scripts see it.
package enum ExitCode: Int32, Sendable {
    /// All that was asked for is done; also a clean stop by SIGTERM or SIGINT.
    case done = 0
    /// A failure at run time that retries did not cure. Starting again may help.
    case failure = 1
    /// Bad usage or settings.
    case usage = 2
    /// Another instance holds the lease of the stream, or follows the source as the same replica.
    case leaseHeld = 3
    /// The source no longer has what is needed, or its history is not the one we know.
    case sourceHistory = 4
    /// The stream cannot be decoded, or it is corrupt.
    case undecodable = 5
    /// A server refused the account, or the account lacks a privilege.
    case access = 6
}

/// The end of a command: the sentences for the user and the exit code for the supervisor.
package struct CommandFailure: Error, Equatable, CustomStringConvertible {
    package let exitCode: ExitCode
    /// One problem each: what, where, and what to do.
    ///
    /// Never a secret or a row's value.
    package let sentences: [String]

    package init(_ exitCode: ExitCode, _ sentences: [String]) {
        self.exitCode = exitCode
        self.sentences = sentences
    }

    package init(_ exitCode: ExitCode, _ sentence: String) {
        self.init(exitCode, [sentence])
    }

    package var description: String { sentences.joined(separator: "\n") }
}
