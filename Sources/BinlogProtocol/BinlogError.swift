/// Why following a binary log stopped: one sentence with what, where and what to do.
///
/// The description never holds row values, SQL or secrets, and texts that came from the server
/// are shortened and free of control characters.
public struct BinlogError: Error, Sendable {
    /// The kinds of failure that a caller may want to treat differently.
    public enum Code: Sendable, Equatable {
        /// No connection could be made; trying again later can help.
        case connectionFailed
        /// An established connection ended or fell silent; reconnecting can help.
        case connectionLost
        /// TLS is missing, was refused, or the certificate did not pass the checks asked for.
        case tls
        /// The server refused the user, the password or the way of proving it.
        case authentication
        /// The user lacks a privilege; the sentence holds the GRANT.
        case privilege
        /// A setting here or on the server makes following its log impossible.
        case configuration
        /// The server is MariaDB where MySQL was asked for, or the other way round.
        case wrongFlavor
        /// The server does not find the next file of its log, as while files are purged; reconnecting can help.
        case nextFileMissing
        /// The server no longer has transactions that we need: `missing` names them when known.
        case purged(missing: String?)
        /// The server's history is not the one that our position comes from.
        case diverged
        /// Another client follows the log under our server id or replica UUID.
        case duplicateReplica
        /// Bytes that cannot be what a correct server sends, or a log damaged on the server.
        case corrupt
        /// Something correct that this version does not decode.
        case undecodable
        /// Any other error packet, with the server's error number.
        case serverError(UInt16)
        /// `cancel()` was called.
        case cancelled
    }

    /// The kind of failure.
    public let code: Code
    /// The whole sentence, without the place in the log.
    public let message: String
    /// The error that caused this one, when there is one.
    public let underlying: (any Error)?
    /// Name of the binary log file that was being read.
    public var file: String?
    /// Byte offset in `file` of the event that failed.
    public var position: UInt64?
    /// Byte offset in that event where the bytes went wrong; set for files.
    public var offsetInEvent: Int?
    /// The transaction that was being read.
    public var gtid: String?
    /// Type name of the event that failed.
    public var event: String?

    /// Makes an error; the place in the log can be added with ``at(file:position:gtid:event:)``.
    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// The same error with the place in the log, keeping what was already known.
    public func at(
        file: String? = nil, position: UInt64? = nil, gtid: String? = nil, event: String? = nil
    ) -> BinlogError {
        var copy = self
        copy.file = copy.file ?? file
        copy.position = copy.position ?? position
        copy.gtid = copy.gtid ?? gtid
        copy.event = copy.event ?? event
        return copy
    }

    /// Whether doing the same again later, on a new connection, can succeed.
    public var isTransient: Bool {
        switch code {
        case .connectionFailed, .connectionLost, .nextFileMissing: true
        case .serverError(let number): ServerErrorNumber.transient.contains(number)
        case .tls, .authentication, .privilege, .configuration, .wrongFlavor, .purged, .diverged,
            .duplicateReplica, .corrupt, .undecodable, .cancelled:
            false
        }
    }
}

extension BinlogError: CustomStringConvertible {
    /// The sentence, then the place in the log when it is known.
    public var description: String {
        var places: [String] = []
        if let event { places.append("event \(event)") }
        if let file, let position {
            places.append("at \(file):\(position)")
            if let offsetInEvent {
                places.append(
                    "byte \(offsetInEvent) of the event, byte \(position + UInt64(offsetInEvent)) of the file"
                )
            }
        } else if let file {
            places.append("in \(file)")
        }
        if let gtid { places.append("GTID \(gtid)") }
        return places.isEmpty ? message : "\(message) (\(places.joined(separator: ", ")))"
    }
}
