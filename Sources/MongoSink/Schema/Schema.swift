internal import BinlogProtocol

/// The collections and indexes that the sink needs, made before the first transaction.
struct Schema {
    let settings: SinkSettings

    private struct Index {
        let collection: String
        let keys: [String]
        var expireAfterSeconds: Int32?

        var name: String { keys.map { "\($0)_1" }.joined(separator: "_") }
    }

    private var indexes: [Index] {
        [
            Index(collection: settings.collection, keys: ["ts"]),
            Index(collection: settings.collection, keys: ["meta.pk", "meta.db", "meta.tbl"]),
            Index(collection: settings.collection, keys: ["meta.db", "meta.tbl", "ts"]),
            Index(collection: settings.stagingCollection, keys: ["status"]),
            Index(
                collection: settings.stagingCollection, keys: ["expiresAt"], expireAfterSeconds: 0),
            Index(collection: settings.ledgerCollection, keys: ["stream", "seq"]),
        ]
    }

    /// Makes what is missing; everything that is there already stays.
    ///
    /// - Throws: ``SinkError`` with code `configuration` when an index of the same name or keys differs.
    func create(_ connection: MongoConnection) throws {
        for collection in [
            settings.collection, settings.offsetsCollection, settings.stagingCollection,
            settings.ledgerCollection,
        ] {
            try create(collection, connection)
        }
        for index in indexes { try create(index, connection) }
    }

    private func create(_ collection: String, _ connection: MongoConnection) throws(MongoError) {
        let command = BSONWriter.document { $0.append("create", string: collection) }
        do {
            try connection.run(command, .write, operation: "create \(collection)")
        } catch {
            let namespaceExists: Int32 = 48
            guard error.domain == .server, error.code == namespaceExists else { throw error }
        }
    }

    private func create(_ index: Index, _ connection: MongoConnection) throws {
        let command = BSONWriter.document {
            $0.append("createIndexes", string: index.collection)
            $0.appendArray("indexes") {
                $0.append(BSONKey(index: 0)) { fields in
                    fields.append("key") {
                        for key in index.keys { $0.append(BSONKey(key), int32: 1) }
                    }
                    fields.append("name", string: index.name)
                    if let seconds = index.expireAfterSeconds {
                        fields.append("expireAfterSeconds", int32: seconds)
                    }
                }
            }
        }
        do {
            try connection.run(
                command, .write, operation: "createIndexes \(index.collection)")
        } catch {
            // IndexAlreadyExists, IndexOptionsConflict, IndexKeySpecsConflict
            guard error.domain == .server, [68, 85, 86].contains(error.code) else { throw error }
            throw SinkError(
                .configuration,
                "\(settings.database).\(index.collection) has an index like \(index.name) with other"
                    + " options: drop it, for instance with"
                    + " db.\(index.collection).dropIndex(\"\(index.name)\"), and start again",
                detail: error.description)
        }
    }

    /// TTL indexes on staging by a field that pending batches have: they delete what is not committed yet.
    func dangerousTTLs(_ connection: MongoConnection) throws -> [SinkNotice] {
        let command = BSONWriter.document {
            $0.append("listIndexes", string: settings.stagingCollection)
        }
        let reply = try connection.run(
            command, .plain, operation: "listIndexes \(settings.stagingCollection)")
        guard let batch = try reply.document("cursor", "firstBatch") else { return [] }
        var notices: [SinkNotice] = []
        var cursor = batch.elements()
        while let index = try cursor.next()?.document {
            guard try index.element("expireAfterSeconds") != nil,
                let key = try index.document("key")
            else { continue }
            var keys = key.elements()
            guard let field = try keys.next()?.name, field != "expiresAt", field != "committedAt"
            else { continue }
            notices.append(
                .dangerousTTL(
                    collection: settings.stagingCollection,
                    index: try index.string("name") ?? field, field: field))
        }
        return notices
    }
}
