internal import BinlogProtocol

/// Reads which collections and indexes there are, as far as the user may see them.
struct SchemaReader {
    let settings: SinkSettings

    /// An index that is there.
    struct FoundIndex {
        let name: String
        let fields: [String]
        /// The fields when all of them rise, as ours do; else nil.
        let keys: [String]?
        let hasTTL: Bool
        let expireAfterSeconds: Int32?

        init(_ document: BSONDocument) throws {
            var fields: [String] = []
            var isRising = true
            if var cursor = try document.document("key")?.elements() {
                while let field = try cursor.next() {
                    fields.append(field.name)
                    isRising = isRising && field.integer == 1
                }
            }
            name = try document.string("name") ?? fields.joined(separator: "_")
            self.fields = fields
            keys = isRising ? fields : nil
            hasTTL = try document.element("expireAfterSeconds") != nil
            expireAfterSeconds =
                try document.integer("expireAfterSeconds").map(Int32.init(clamping:))
        }
    }

    /// Those of our collections that are there; none when the user may not ask.
    func collections(_ connection: MongoConnection) throws -> Set<String> {
        let command = BSONWriter.document {
            $0.append("listCollections", int32: 1)
            $0.append("filter") {
                $0.append("name") {
                    $0.appendArray("$in") {
                        for (index, name) in [
                            settings.collection, settings.offsetsCollection,
                            settings.stagingCollection, settings.ledgerCollection,
                            settings.blobsCollection,
                        ].enumerated() { $0.append(BSONKey(index: index), string: name) }
                    }
                }
            }
            // With both, everybody may list what he may use.
            $0.append("nameOnly", bool: true)
            $0.append("authorizedCollections", bool: true)
        }
        let found = try list(command, connection, operation: "listCollections") ?? []
        return Set(try found.compactMap { try $0.string("name") })
    }

    /// The indexes of a collection; nil when the user may not list them.
    func indexes(of collection: String, _ connection: MongoConnection) throws -> [FoundIndex]? {
        let command = BSONWriter.document { $0.append("listIndexes", string: collection) }
        return try list(command, connection, operation: "listIndexes \(collection)")?
            .map { try FoundIndex($0) }
    }

    private func list(
        _ command: [UInt8], _ connection: MongoConnection, operation: String
    ) throws -> [BSONDocument]? {
        let reply: BSONDocument
        do {
            reply = try connection.run(command, .plain, operation: operation)
        } catch {
            guard error.domain == .server else { throw error }
            let unauthorized: Int32 = 13
            let namespaceNotFound: Int32 = 26
            switch error.code {
            case unauthorized: return nil
            case namespaceNotFound: return []
            default: throw error
            }
        }
        // A collection has at most 64 indexes: all of them come at once.
        guard let batch = try reply.document("cursor", "firstBatch") else { return [] }
        var documents: [BSONDocument] = []
        var cursor = batch.elements()
        while let document = try cursor.next()?.document { documents.append(document) }
        return documents
    }
}
