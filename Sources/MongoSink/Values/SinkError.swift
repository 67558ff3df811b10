/// Why the sink stopped, as one sentence: what happened, where, and what to do.
///
/// Neither the sentence nor the underlying error holds row values or secrets.
public struct SinkError: Error, Sendable, Equatable {
    /// The kind of failure; each has one exit code.
    public enum Code: String, Sendable, Equatable {
        /// A setting or an existing index or collection cannot be used.
        case configuration
        /// The server is a standalone `mongod`, which has no transactions.
        case notReplicaSet
        /// The server refuses the user, or the user lacks a privilege.
        case authentication
        /// Another instance holds the lease of this stream.
        case leaseHeld
        /// Another instance took the lease while this one was running.
        case fenced
        /// A stored document or a staged batch is not what it must be.
        case integrity
        /// An error that a repetition cannot cure.
        case permanent
        /// A transient error that lasted longer than the settings allow.
        case retriesExhausted
        /// The sink was told to stop before the work was done.
        case cancelled
        /// The stored offset is neither before nor after the batch being committed.
        case offsetMismatch
    }

    /// The kind of failure.
    public let code: Code
    /// One sentence: what, where, what to do.
    public let sentence: String
    /// The server's or the driver's own words, without secrets; empty when there are none.
    public let detail: String

    /// Makes an error from its parts.
    public init(_ code: Code, _ sentence: String, detail: String = "") {
        self.code = code
        self.sentence = sentence
        self.detail = detail
    }
}

extension SinkError: CustomStringConvertible {
    /// The sentence, and the server's own words when there are any.
    public var description: String {
        detail.isEmpty ? sentence : "\(sentence) (\(detail))"
    }
}
