internal import BinlogProtocol
internal import CLibMongoC

/// An error of the server or the driver, made from libmongoc's error and the server's reply.
package struct MongoError: Error, Sendable, Equatable {
    /// Who said so.
    package enum Domain: Sendable, Equatable {
        /// The server, in a reply.
        case server
        /// The server applied a write but could not confirm its durability.
        case writeConcern
        /// The connection: refused, lost, or silent for too long.
        case network
        /// No server of the connection string can take the command.
        case serverSelection
        /// The driver could not log in, or lost the server while it did.
        case authentication
        /// The server has no sessions, hence no transactions.
        case sessions
        /// The driver does not speak this server's version.
        case wireVersion
        /// The driver, for any other reason.
        case driver
    }

    package let domain: Domain
    /// The server's or driver's number.
    package let code: Int32
    /// `errorLabels` of the reply, those that the driver adds included.
    package let labels: Set<String>
    /// The words without secrets and values; never decides anything.
    package let message: String
    /// The command and collection, for instance `insert row_changes`.
    package let operation: String

    package init(
        domain: Domain, code: Int32, labels: Set<String> = [], message: String, operation: String
    ) {
        self.domain = domain
        self.code = code
        self.labels = labels
        self.message = message
        self.operation = operation
    }

    package static let transientTransaction = "TransientTransactionError"
    package static let unknownCommitResult = "UnknownTransactionCommitResult"
    package static let retryableWrite = "RetryableWriteError"
}

extension MongoError: CustomStringConvertible {
    package var description: String { "\(operation): \(message), code \(code)" }
}

extension MongoError {
    /// The one place where libmongoc's errors become ours.
    init(_ error: bson_error_t, reply: BSONDocument?, operation: String, secrets: [String]) {
        self.init(
            domain: Self.domain(error), code: Int32(truncatingIfNeeded: error.code),
            labels: Self.labels(reply),
            message: Redaction.message(Self.text(error), secrets: secrets), operation: operation)
    }

    /// The first `writeErrors` entry or the `writeConcernError` of a reply that says `ok: 1`.
    init?(replyOfWrite reply: BSONDocument, operation: String, secrets: [String]) {
        guard let (domain, inner) = Self.writeError(reply) else { return nil }
        let fields = Self.fields(inner)
        self.init(
            domain: domain, code: Int32(truncatingIfNeeded: fields.code),
            labels: Self.labels(reply).union(Self.labels(inner)),
            message: Redaction.message(fields.message, secrets: secrets), operation: operation)
    }

    private static func domain(_ error: bson_error_t) -> Domain {
        switch error.domain {
        case MONGOC_ERROR_STREAM.rawValue: .network
        case MONGOC_ERROR_PROTOCOL.rawValue
        where error.code == MONGOC_ERROR_PROTOCOL_BAD_WIRE_VERSION.rawValue:
            .wireVersion
        // An answer that is not the protocol: the driver closes the connection.
        case MONGOC_ERROR_PROTOCOL.rawValue: .network
        case MONGOC_ERROR_SERVER_SELECTION.rawValue: .serverSelection
        case MONGOC_ERROR_SERVER.rawValue: .server
        case MONGOC_ERROR_WRITE_CONCERN.rawValue: .writeConcern
        case MONGOC_ERROR_SASL.rawValue, MONGOC_ERROR_SCRAM.rawValue: .authentication
        case MONGOC_ERROR_CLIENT.rawValue
        where error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE.rawValue:
            .authentication
        case MONGOC_ERROR_CLIENT.rawValue
        where error.code == MONGOC_ERROR_CLIENT_SESSION_FAILURE.rawValue:
            .sessions
        default: .driver
        }
    }

    private static func text(_ error: bson_error_t) -> String {
        withUnsafeBytes(of: error.message) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// A reply that cannot be read has no labels: the error is then judged by its domain and code.
    private static func labels(_ reply: BSONDocument?) -> Set<String> {
        var labels: Set<String> = []
        do {
            guard var cursor = try reply?.document("errorLabels")?.elements() else { return [] }
            while let label = try cursor.next() {
                if let text = label.string { labels.insert(text) }
            }
        } catch {
            return labels
        }
        return labels
    }

    /// A reply whose errors cannot be read is an error itself.
    private static func writeError(_ reply: BSONDocument) -> (Domain, BSONDocument?)? {
        do {
            if let errors = try reply.document("writeErrors") {
                var cursor = errors.elements()
                if let first = try cursor.next() { return (.server, try first.document) }
            }
            if let concern = try reply.document("writeConcernError") {
                return (.writeConcern, concern)
            }
            return nil
        } catch {
            return (.driver, nil)
        }
    }

    private static func fields(_ inner: BSONDocument?) -> (code: Int64, message: String) {
        let unreadable: (Int64, String) = (0, "the server's reply cannot be read")
        do {
            guard let inner else { return unreadable }
            let message = try inner.string("errmsg") ?? "no message"
            return (try inner.integer("code") ?? 0, message)
        } catch {
            return unreadable
        }
    }
}
