/// The commands that several parts of the sink send.
extension MongoConnection {
    /// Updates at most one document; returns how many matched.
    func update(
        _ collection: String, filter: [UInt8], update: [UInt8], inTransaction: Bool,
        upsert: Bool = false, multi: Bool = false
    ) throws(MongoError) -> Int64 {
        let command = BSONWriter.document {
            $0.append("update", string: collection)
            $0.appendArray("updates") {
                $0.append(BSONKey(index: 0)) {
                    $0.append("q", document: filter)
                    $0.append("u", document: update)
                    if upsert { $0.append("upsert", bool: true) }
                    if multi { $0.append("multi", bool: true) }
                }
            }
        }
        let operation = "update \(collection)"
        let reply = try run(
            command, .write, inTransaction: inTransaction, operation: operation)
        return try count(reply, operation)
    }

    /// Deletes every document that matches; returns how many.
    func deleteAll(
        _ collection: String, filter: [UInt8], inTransaction: Bool = false
    ) throws(MongoError) -> Int64 {
        let command = BSONWriter.document {
            $0.append("delete", string: collection)
            $0.appendArray("deletes") {
                $0.append(BSONKey(index: 0)) {
                    $0.append("q", document: filter)
                    $0.append("limit", int32: 0)
                }
            }
        }
        let operation = "delete \(collection)"
        let reply = try run(
            command, .write, inTransaction: inTransaction, operation: operation)
        return try count(reply, operation)
    }

    private func count(_ reply: BSONDocument, _ operation: String) throws(MongoError) -> Int64 {
        do {
            if let count = try reply.integer("n") { return count }
        } catch {
            throw MongoError(
                domain: .driver, code: 0, message: "the reply is not BSON: \(error)",
                operation: operation)
        }
        throw MongoError(
            domain: .driver, code: 0, message: "the reply has no count", operation: operation)
    }
}
