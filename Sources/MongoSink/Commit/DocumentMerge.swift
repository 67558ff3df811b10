internal import BinlogProtocol

/// Stores documents some of which may be stored already: the first write wins, a different one is an incident.
///
/// A duplicate key aborts a MongoDB transaction, so it cannot be passed over inside one; instead the ids are
/// looked up first, in the same transaction.
struct DocumentMerge {
    let settings: SinkSettings

    struct Result {
        var existing = 0
        var inserted = 0
        /// How many of the existing ones another row image told, and the first of them.
        var otherImages = 0
        var firstOtherImage: String?
        /// The SHA-256 of the documents that now stand in the collection.
        var digest: [UInt8]
    }

    func store(_ documents: DocumentSequence, _ connection: MongoConnection) throws -> Result {
        let stored = try find(documents, connection, idsOnly: false)
        var otherImages: [String] = []
        var missing = DocumentSequence()
        var final = DocumentSequence()
        for index in 0..<documents.count {
            let ours = try documents.document(index)
            let id = try self.id(ours)
            guard let theirs = stored[id] else {
                missing.append(documents.bytes[documents.range(index)])
                final.append(documents.bytes[documents.range(index)])
                continue
            }
            switch try DocumentComparison.compare(theirs, ours) {
            case .same: break
            case .sameInOtherImage: otherImages.append(id)
            case .different: throw different(id)
            }
            final.append(theirs.storage[theirs.range])
        }
        if !missing.isEmpty {
            try connection.insert(missing, into: settings.collection, inTransaction: true)
        }
        return Result(
            existing: documents.count - missing.count, inserted: missing.count,
            otherImages: otherImages.count, firstOtherImage: otherImages.first,
            digest: final.digest)
    }

    /// How many of the documents are not stored; outside of a transaction.
    func missing(_ documents: DocumentSequence, _ connection: MongoConnection) throws -> Int {
        documents.count - (try find(documents, connection, idsOnly: true)).count
    }

    private func find(
        _ documents: DocumentSequence, _ connection: MongoConnection, idsOnly: Bool
    ) throws -> [String: BSONDocument] {
        var stored: [String: BSONDocument] = [:]
        var start = 0
        // The ids of a lookup and the documents it finds stay far below the limits of a message.
        while start < documents.count {
            let end = min(start + 1000, documents.count)
            try find(documents, start..<end, connection, idsOnly: idsOnly, into: &stored)
            start = end
        }
        return stored
    }

    private func find(
        _ documents: DocumentSequence, _ range: Range<Int>, _ connection: MongoConnection,
        idsOnly: Bool, into stored: inout [String: BSONDocument]
    ) throws {
        var writer = BSONWriter()
        let filter = writer.beginDocument()
        let id = writer.beginDocument("_id")
        let list = writer.beginArray("$in")
        for (position, index) in range.enumerated() {
            let text = try self.id(documents.document(index))
            writer.append(BSONKey(index: position), string: text)
        }
        writer.end(list)
        writer.end(id)
        writer.end(filter)
        let options = BSONWriter.document {
            if idsOnly { $0.append("projection") { $0.append("_id", int32: 1) } }
        }
        let cursor = try connection.find(
            in: settings.collection, filter: writer.bytes, options: options,
            inTransaction: !idsOnly)
        while let document = try cursor.next() {
            stored[try self.id(document)] = document
        }
    }

    private func id(_ document: BSONDocument) throws -> String {
        guard let id = try document.string("_id") else {
            throw SinkError(
                .integrity,
                "a document for \(settings.database).\(settings.collection) has no text as its _id")
        }
        return id
    }

    private func different(_ id: String) -> SinkError {
        SinkError(
            .integrity,
            "the document \(id) in \(settings.database).\(settings.collection) differs from what the"
                + " source says now: someone changed it, or the source counts the same GTIDs again"
                + " for other data; compare both before going on")
    }
}
