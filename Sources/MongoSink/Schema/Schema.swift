internal import BinlogProtocol

/// The collections and indexes that the sink needs, made before the first transaction.
struct Schema {
    let settings: SinkSettings

    struct Index: Sendable {
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

    /// What is not there yet.
    struct Missing: Sendable {
        var collections: [String] = []
        /// Indexes of these new collections, which are empty.
        var newIndexes: [Index] = []
        /// Indexes of collections that may be large.
        var indexes: [Index] = []
        /// Collections whose indexes the user may not list; somebody with more rights made them, or did not.
        var unseen: [String] = []

        var isEmpty: Bool { collections.isEmpty && indexes.isEmpty }
    }

    /// Looks at what is there, so that a user who may not make anything needs to make nothing.
    func missing(_ connection: MongoConnection) throws -> Missing {
        let existing = try SchemaReader(settings: settings).collections(connection)
        var missing = Missing()
        for collection in [
            settings.collection, settings.offsetsCollection, settings.stagingCollection,
            settings.ledgerCollection, settings.blobsCollection,
        ] {
            let wanted = indexes.filter { $0.collection == collection }
            if !existing.contains(collection) {
                missing.collections.append(collection)
                missing.newIndexes += wanted
                continue
            }
            guard !wanted.isEmpty else { continue }
            let reader = SchemaReader(settings: settings)
            guard let found = try reader.indexes(of: collection, connection) else {
                missing.unseen.append(collection)
                continue
            }
            // One with the same keys and other options is left to the server to refuse.
            missing.indexes += wanted.filter { index in
                !found.contains {
                    $0.keys == index.keys && $0.expireAfterSeconds == index.expireAfterSeconds
                }
            }
        }
        return missing
    }

    /// Makes the collections that are missing, with their indexes; everything that is there already stays.
    ///
    /// - Throws: ``SinkError`` with code `configuration` when an index of the same name or keys differs.
    func createCollections(_ missing: Missing, _ connection: MongoConnection) throws {
        for collection in missing.collections { try create(collection, connection) }
        for index in missing.newIndexes { try create(index, connection) }
    }

    /// Makes indexes of collections that were there, which can take hours.
    ///
    /// - Throws: ``SinkError`` with code `configuration` when an index of the same name or keys differs.
    func createIndexes(_ missing: Missing, _ connection: MongoConnection) throws {
        for index in missing.indexes { try create(index, connection) }
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
        let collection = settings.stagingCollection
        let found = try SchemaReader(settings: settings).indexes(of: collection, connection) ?? []
        return found.compactMap { index in
            guard index.hasTTL, let field = index.fields.first, field != "expiresAt",
                field != "committedAt"
            else { return nil }
            return .dangerousTTL(collection: collection, index: index.name, field: field)
        }
    }
}
