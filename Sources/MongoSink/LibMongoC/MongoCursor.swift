internal import CLibMongoC

/// The documents of one query, fetched as they are asked for.
final class MongoCursor {
    private let handle: OpaquePointer
    /// The client must outlive its cursors.
    private let connection: MongoConnection
    private let operation: String

    init(stealing handle: OpaquePointer, of connection: MongoConnection, operation: String) {
        self.handle = handle
        self.connection = connection
        self.operation = operation
    }

    deinit {
        mongoc_cursor_destroy(handle)
    }

    /// The next document; nil behind the last.
    func next() throws(MongoError) -> BSONDocument? {
        var found = sdl_document()
        if sdl_cursor_next(handle, &found) {
            return try connection.document(&found, operation)
        }
        var error = bson_error_t()
        if sdl_cursor_error(handle, &found, &error) {
            try connection.take(&found, succeeded: false, error, operation)
        }
        return nil
    }
}
