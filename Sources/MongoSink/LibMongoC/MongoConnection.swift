internal import BinlogProtocol
internal import CLibMongoC

/// One client and one session of libmongoc, used by the thread that made it and by no other.
///
/// Calls block; each ends within the timeouts of the connection string. Everything is written with majority
/// and journal and read from the primary with majority, whatever the connection string says.
final class MongoConnection {
    private let client: OpaquePointer
    /// Made with the first transaction: libmongoc asks the server before it makes one.
    private var session: OpaquePointer?
    private let database: String
    private let secrets: [String]

    /// Makes the client; the first command connects.
    ///
    /// - Throws: ``SinkError`` with code `configuration` when the connection string is malformed.
    init(_ settings: SinkSettings, isPatient: Bool = false) throws(SinkError) {
        self.database = settings.database
        self.secrets = Redaction.secrets(of: settings.uri)
        var error = bson_error_t()
        let uri = try ConnectionString(settings.uri, isPatient: isPatient)
        guard
            let client = sdl_client_new(
                uri.handle, settings.applicationName, Self.writeTimeoutMilliseconds, &error)
        else {
            throw ConnectionString.malformed(settings.uri, error)
        }
        self.client = client
    }

    deinit {
        if let session { mongoc_client_session_destroy(session) }
        mongoc_client_destroy(client)
    }

    /// How long the server may take to confirm a write or a commit by a majority.
    private static let writeTimeoutMilliseconds: Int64 = 30_000

    private static let runtime: Void = sdl_start()

    /// Makes the driver ready, and silent: once, and before anything else is asked of it.
    static func startDriver() { _ = runtime }

    // MARK: Commands

    /// How a command takes part in transactions and retries.
    enum CommandKind {
        case plain, read, write

        fileprivate var rawKind: sdl_command_kind {
            switch self {
            case .plain: SDL_COMMAND_PLAIN
            case .read: SDL_COMMAND_READ
            case .write: SDL_COMMAND_WRITE
            }
        }
    }

    /// Runs a command and gives its reply; write errors in a reply that says `ok: 1` are errors too.
    @discardableResult
    func run(
        _ command: [UInt8], _ kind: CommandKind, database: String? = nil,
        inTransaction: Bool = false, operation: String
    ) throws(MongoError) -> BSONDocument {
        var error = bson_error_t()
        var reply = sdl_document()
        let succeeded = command.withUnsafeBufferPointer {
            sdl_command(
                client, database ?? self.database, $0.baseAddress, $0.count, kind.rawKind,
                inTransaction ? session : nil, &reply, &error)
        }
        return try take(&reply, succeeded: succeeded, error, operation)
    }

    /// Inserts documents in order with one command per 48 MB; stops at the first error.
    func insert(
        _ documents: DocumentSequence, into collection: String, inTransaction: Bool
    ) throws(MongoError) {
        var error = bson_error_t()
        var reply = sdl_document()
        let succeeded = documents.bytes.withUnsafeBufferPointer { bytes in
            documents.ends.withUnsafeBufferPointer { ends in
                sdl_insert(
                    client, database, collection, bytes.baseAddress, ends.baseAddress, ends.count,
                    0, inTransaction ? session : nil, &reply, &error)
            }
        }
        try take(&reply, succeeded: succeeded, error, "insert \(collection)")
    }

    /// Starts a query; its first document, or its error, comes with the cursor's first call.
    func find(
        in collection: String, filter: [UInt8], options: [UInt8], inTransaction: Bool = false
    ) throws(MongoError) -> MongoCursor {
        let operation = "find \(collection)"
        var error = bson_error_t()
        let handle = filter.withUnsafeBufferPointer { filter in
            options.withUnsafeBufferPointer { options in
                sdl_find(
                    client, database, collection, filter.baseAddress, filter.count,
                    options.baseAddress, options.count, inTransaction ? session : nil, &error)
            }
        }
        guard let handle else {
            throw MongoError(error, reply: nil, operation: operation, secrets: secrets)
        }
        return MongoCursor(stealing: handle, of: self, operation: operation)
    }

    // MARK: Transactions

    /// Begins a transaction with majority.
    ///
    /// - Parameter isSnapshot: whether all of it sees one moment, on every shard.
    func startTransaction(isSnapshot: Bool = false) throws(MongoError) {
        var error = bson_error_t()
        if session == nil { session = sdl_session_new(client, &error) }
        guard let session else {
            throw MongoError(error, reply: nil, operation: "startSession", secrets: secrets)
        }
        guard sdl_transaction_start(session, isSnapshot, Self.writeTimeoutMilliseconds, &error)
        else {
            throw MongoError(error, reply: nil, operation: "startTransaction", secrets: secrets)
        }
    }

    /// Commits; may be called again after an error labelled with an unknown result.
    func commitTransaction() throws(MongoError) {
        var error = bson_error_t()
        var reply = sdl_document()
        guard let session else {
            throw MongoError(
                domain: .driver, code: 0, message: "no transaction was started",
                operation: "commitTransaction")
        }
        let succeeded = sdl_transaction_commit(session, &reply, &error)
        try take(&reply, succeeded: succeeded, error, "commitTransaction")
    }

    /// Gives the transaction up.
    ///
    /// libmongoc ignores the server's answer: a transaction that was not
    /// aborted dies with its session or by its time limit.
    func abortTransaction() throws(MongoError) {
        guard let session, mongoc_client_session_in_transaction(session) else { return }
        var error = bson_error_t()
        guard mongoc_client_session_abort_transaction(session, &error) else {
            throw MongoError(error, reply: nil, operation: "abortTransaction", secrets: secrets)
        }
    }

    // MARK: Replies

    @discardableResult
    func take(
        _ reply: inout sdl_document, succeeded: Bool, _ error: bson_error_t, _ operation: String
    ) throws(MongoError) -> BSONDocument {
        guard succeeded else {
            let answer = reply.bytes == nil ? nil : try document(&reply, operation)
            throw MongoError(error, reply: answer, operation: operation, secrets: secrets)
        }
        let answer = try document(&reply, operation)
        if let error = MongoError(replyOfWrite: answer, operation: operation, secrets: secrets) {
            throw error
        }
        return answer
    }

    func document(
        _ copy: inout sdl_document, _ operation: String
    ) throws(MongoError) -> BSONDocument {
        let bytes = Array(UnsafeBufferPointer(start: copy.bytes, count: copy.length))
        sdl_free(copy.bytes)
        copy = sdl_document()
        do {
            return try BSONDocument(bytes)
        } catch {
            throw MongoError(
                domain: .driver, code: 0, message: "the reply is not BSON: \(error)",
                operation: operation)
        }
    }
}
