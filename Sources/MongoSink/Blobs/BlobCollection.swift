internal import BinlogProtocol

/// Values that are too large for documents, in chunks.
///
/// They are stored before the documents that refer to them, outside of any transaction: until its document is there, a
/// blob means nothing. What a transaction left behind that never came to its end is written over when it comes again.
struct BlobCollection {
    let settings: SinkSettings

    /// Stores a chunk; one that is there already with the same bytes is left.
    ///
    /// - Throws: ``SinkError`` with code `integrity` when another one is there and belongs to a stored document.
    func store(_ chunk: BlobChunk, _ connection: MongoConnection) throws {
        var documents = DocumentSequence()
        documents.append(chunk.document)
        do {
            try connection.insert(documents, into: settings.blobsCollection, inTransaction: false)
            return
        } catch {
            guard error.outcome == .duplicateKey else { throw error }
        }
        let found = try connection.find(
            in: settings.blobsCollection,
            filter: BSONWriter.document { $0.append("_id", string: chunk.id) },
            options: BSONWriter.document { $0.append("limit", int64: 1) }
        ).next()
        if try found?.binary("data") == chunk.bytes { return }
        guard try !isReferredTo(chunk, connection) else { throw different(chunk) }
        // Of an attempt whose transaction was lost, or with bytes that were damaged on their way.
        _ = try connection.deleteAll(
            settings.blobsCollection,
            filter: Self.filter(from: chunk.id, below: "\(chunk.blob)0"))
        try connection.insert(documents, into: settings.blobsCollection, inTransaction: false)
    }

    /// Deletes the chunks of a value, or of all values of a change or of a transaction.
    ///
    /// - Parameter prefix: how their `_id` begins, up to a `/`.
    func delete(_ prefix: String, _ connection: MongoConnection) throws(MongoError) -> Int64 {
        // '0' follows '/'.
        try connection.deleteAll(
            settings.blobsCollection, filter: Self.filter(from: "\(prefix)/", below: "\(prefix)0"))
    }

    private static func filter(from first: String, below end: String) -> [UInt8] {
        BSONWriter.document {
            $0.append("_id") {
                $0.append("$gte", string: first)
                $0.append("$lt", string: end)
            }
        }
    }

    /// Whether the change that the chunk belongs to is stored.
    private func isReferredTo(_ chunk: BlobChunk, _ connection: MongoConnection) throws -> Bool {
        let parts = chunk.blob.split(separator: "/", omittingEmptySubsequences: false)
        let filter = BSONWriter.document {
            $0.append("_id", string: parts.prefix(2).joined(separator: "/"))
        }
        let options = BSONWriter.document {
            $0.append("limit", int64: 1)
            $0.append("projection") { $0.append("_id", int32: 1) }
        }
        return try connection.find(
            in: settings.collection, filter: filter, options: options
        ).next() != nil
    }

    private func different(_ chunk: BlobChunk) -> SinkError {
        SinkError(
            .integrity,
            "the chunk \(chunk.id) in \(settings.database).\(settings.blobsCollection) differs from what the"
                + " source says now, and its document is stored: someone changed it, or the source counts the"
                + " same GTIDs again for other data; compare both before going on")
    }
}
