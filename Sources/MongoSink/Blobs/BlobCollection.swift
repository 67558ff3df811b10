internal import BinlogProtocol

/// Values that are too large for documents, in chunks.
///
/// They are stored before the documents that refer to them, outside of any transaction: until its document is there, a
/// blob means nothing. What a transaction left behind that never came to its end is written over when it comes again.
///
/// An instance that was paused may wake up with chunks to delete that its successor is about to refer to. So whoever deletes does it
/// in a transaction that reads the lease first, and whoever finds a chunk there that it needs writes its own token into it: of
/// a transaction that began before, the server then refuses the deletion.
struct BlobCollection {
    let settings: SinkSettings
    let epoch: Int64

    /// Another instance has the lease.
    struct LeaseLost: Error {
        let owner: String?
    }

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
        let ofChunk = BSONWriter.document { $0.append("_id", string: chunk.id) }
        let isThere = try connection.update(
            settings.blobsCollection, filter: ofChunk,
            update: BSONWriter.document {
                $0.append("$set") { $0.append("holder", string: settings.leaseToken) }
            }, inTransaction: false)
        let found = try connection.find(
            in: settings.blobsCollection, filter: ofChunk,
            options: BSONWriter.document { $0.append("limit", int64: 1) }
        ).next()
        guard isThere == 1, let found else {
            throw MongoError.unseen(chunk.id, operation: "find blobs")
        }
        if try found.binary("data") == chunk.bytes { return }
        try begin(connection)
        guard try stored(Self.change(of: chunk.blob), connection) == nil else {
            throw different(chunk)
        }
        // Of an attempt whose transaction was lost, or with bytes that were damaged on their way.
        _ = try connection.deleteAll(
            settings.blobsCollection,
            filter: Self.filter(from: chunk.id, below: "\(chunk.blob)0"), inTransaction: true)
        try connection.insert(documents, into: settings.blobsCollection, inTransaction: true)
        try connection.commitTransaction()
    }

    /// Deletes the chunks of a value, or of all values of a change, unless a stored document refers to them.
    ///
    /// One does when its transaction is read again with settings that leave the value out.
    /// - Parameter prefix: how their `_id` begins, up to a `/`.
    func delete(_ prefix: String, _ connection: MongoConnection) throws {
        while try deleteSome(prefix, connection) {}
    }

    /// So many chunks are deleted in one transaction, which must not take long.
    private static let deletedMax = 256

    /// Deletes the first of them; false when no more are left to delete.
    private func deleteSome(_ prefix: String, _ connection: MongoConnection) throws -> Bool {
        let change = Self.change(of: prefix)
        try begin(connection)
        var count = 0
        let document = try stored(change, connection)
        let isNeeded = try document.map { try prefix == change || Self.refers($0, to: prefix) }
        if isNeeded != true {
            var last: String?
            // '0' follows '/'.
            let chunks = try connection.find(
                in: settings.blobsCollection,
                filter: Self.filter(from: "\(prefix)/", below: "\(prefix)0"),
                options: BSONWriter.document {
                    $0.append("projection") { $0.append("_id", int32: 1) }
                    $0.append("sort") { $0.append("_id", int32: 1) }
                    $0.append("limit", int64: Int64(Self.deletedMax))
                }, inTransaction: true)
            while let chunk = try chunks.next() {
                last = try chunk.string("_id")
                count += 1
            }
            if let last {
                _ = try connection.deleteAll(
                    settings.blobsCollection,
                    filter: Self.filter(from: "\(prefix)/", below: "\(last)0"),
                    inTransaction: true)
            }
        }
        try connection.commitTransaction()
        return count == Self.deletedMax
    }

    /// Begins a transaction in which the lease is ours.
    private func begin(_ connection: MongoConnection) throws {
        try connection.startTransaction(isSnapshot: true)
        let contents = try OffsetDocument(settings: settings).read(connection, inTransaction: true)
        guard let contents, contents.isOurs(epoch, settings) else {
            throw LeaseLost(owner: contents?.lease?.owner)
        }
    }

    private static func filter(from first: String, below end: String) -> [UInt8] {
        BSONWriter.document {
            $0.append("_id") {
                $0.append("$gte", string: first)
                $0.append("$lt", string: end)
            }
        }
    }

    /// The `_id` of the change that a value belongs to: `<gtid>/<n>`.
    private static func change(of blob: String) -> String {
        blob.split(separator: "/", omittingEmptySubsequences: false).prefix(2)
            .joined(separator: "/")
    }

    private func stored(
        _ change: String, _ connection: MongoConnection
    ) throws(MongoError) -> BSONDocument? {
        try connection.find(
            in: settings.collection,
            filter: BSONWriter.document { $0.append("_id", string: change) },
            options: BSONWriter.document { $0.append("limit", int64: 1) }, inTransaction: true
        ).next()
    }

    /// The deepest place of a reference: `chg.<column>.t.$oversize.blob`.
    private static let depthMax = 5

    /// Whether a document, or one inside of it, has a reference to the value.
    private static func refers(
        _ document: BSONDocument, to blob: String, depth: Int = 1
    ) throws(DecodingError) -> Bool {
        var cursor = document.elements()
        while let element = try cursor.next() {
            if element.name == "blob", element.string == blob { return true }
            guard depth < depthMax, let inner = try element.document else { continue }
            if try refers(inner, to: blob, depth: depth + 1) { return true }
        }
        return false
    }

    private func different(_ chunk: BlobChunk) -> SinkError {
        SinkError(
            .integrity,
            "the chunk \(chunk.id) in \(settings.database).\(settings.blobsCollection) differs from what the"
                + " source says now, and its document is stored: someone changed it, or the source counts the"
                + " same GTIDs again for other data; compare both before going on")
    }
}
