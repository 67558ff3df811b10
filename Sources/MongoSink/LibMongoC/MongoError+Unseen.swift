extension MongoError {
    /// A document that a majority does not have yet refuses another one and cannot be read: it is, perhaps, our own.
    static func unseen(_ id: String, operation: String) -> MongoError {
        let writeConflict: Int32 = 112
        return MongoError(
            domain: .server, code: writeConflict, message: "\(id) is there and cannot be read yet",
            operation: operation)
    }
}
