internal import CLibMongoC

/// A parsed connection string with our bounds on every wait.
final class ConnectionString {
    let handle: OpaquePointer

    /// - Throws: ``SinkError`` with code `configuration`, user info replaced by `***`, when it is malformed.
    init(_ text: String, isPatient: Bool = false) throws(SinkError) {
        MongoConnection.startDriver()
        var error = bson_error_t()
        guard !text.utf8.contains(0), let handle = mongoc_uri_new_with_error(text, &error) else {
            throw Self.malformed(text, error)
        }
        self.handle = handle
        guard !Self.lacksPassword(handle) else {
            throw SinkError(
                .configuration,
                "MONGO_URI \(Redaction.uri(text)) names a user without a password: write it as user:password@,"
                    + " with reserved characters percent-encoded")
        }
        for (option, milliseconds) in Self.defaults
        where !sdl_uri_default_ms(handle, option, milliseconds) {
            throw Self.malformed(text, error)
        }
        guard
            !isPatient
                || mongoc_uri_set_option_as_int32(handle, "socketTimeoutMS", Self.patience)
        else { throw Self.malformed(text, error) }
    }

    deinit {
        mongoc_uri_destroy(handle)
    }

    /// Whether there is a user whose way to log in needs a password, and none: libmongoc does not look before it reads it.
    private static func lacksPassword(_ handle: OpaquePointer) -> Bool {
        guard mongoc_uri_get_username(handle) != nil, mongoc_uri_get_password(handle) == nil else {
            return false
        }
        guard let mechanism = mongoc_uri_get_auth_mechanism(handle) else { return true }
        let name = String(cString: mechanism).uppercased()
        return name.isEmpty || name == "PLAIN" || name.hasPrefix("SCRAM-")
    }

    /// A peer that does not answer is given up; a commit by majority may take 30 s.
    private static let defaults: [(String, Int32)] = [
        ("connectTimeoutMS", 10_000), ("serverSelectionTimeoutMS", 10_000),
        ("socketTimeoutMS", 60_000),
    ]

    /// A day; a peer that is gone is noticed earlier by TCP's keep-alive.
    private static let patience: Int32 = 86_400_000

    static func malformed(_ text: String, _ error: bson_error_t) -> SinkError {
        let cause = MongoError(
            error, reply: nil, operation: "", secrets: Redaction.secrets(of: text))
        return SinkError(
            .configuration,
            "MONGO_URI \(Redaction.uri(text)) is not a connection string that can be used:"
                + " correct it, for instance mongodb://user:password@host:27017/?replicaSet=rs0"
                + " with reserved characters of the password percent-encoded",
            detail: cause.message)
    }
}
