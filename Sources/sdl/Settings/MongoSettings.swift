/// Where the audit trail is kept.
package struct MongoSettings: Sendable {
    package var uri: MongoURI
    package var database: String
    /// The changes themselves, one document each.
    package var changes: String
    package var offsets: String
    package var staging: String
    package var ledger: String

    /// Reads the MONGO_ settings; nil when a problem was found with the URI.
    ///
    /// - Parameter isUsed: false when nobody connects; a file with the URI is not read then.
    init?(_ reader: inout SettingsReader, isUsed: Bool) {
        let found = reader.source.alternatives(.mongoURI, .mongoURIFile)
        guard found.count < 2 else {
            reader.refuse("MONGO_URI and MONGO_URI_FILE are both set; keep one of them.")
            return nil
        }
        var text = found[.mongoURI] ?? "mongodb://127.0.0.1:27017/?replicaSet=rs0"
        if isUsed, let path = found[.mongoURIFile] {
            guard let content = reader.secretFile(.mongoURIFile, path) else { return nil }
            text = content
        }
        database = reader.text(.mongoDB, default: "audit")
        changes = reader.text(.mongoColl, default: "row_changes")
        offsets = reader.text(.mongoOffsetsColl, default: "binlog_offsets")
        staging = reader.text(.mongoStagingColl, default: "\(changes)_staging")
        ledger = "\(changes)_ledger"
        // A name that follows from another is that one's problem.
        let stagingKey: SettingsKey =
            reader.text(.mongoStagingColl) == nil ? .mongoColl : .mongoStagingColl
        Self.checkNames(
            database: database,
            [
                (.mongoColl, changes), (.mongoOffsetsColl, offsets), (stagingKey, staging),
                (.mongoColl, ledger),
            ], &reader)
        guard let uri = MongoURI(text) else {
            let key = found[.mongoURIFile] == nil ? "MONGO_URI" : "The content of MONGO_URI_FILE"
            reader.refuse(
                "\(key) must be a MongoDB connection string such as "
                    + "mongodb://user:password@host:27017/?replicaSet=rs0, on one line.")
            return nil
        }
        if isUsed { Self.checkKeyFile(uri, &reader) }
        self.uri = uri
    }

    /// The driver opens the file itself; by then nobody else must have been able to.
    private static func checkKeyFile(_ uri: MongoURI, _ reader: inout SettingsReader) {
        guard let path = uri.keyFile else { return }
        let shown = Escaping.escaped(path, bytesMax: 200)
        do throws(PrivateFile.Refusal) {
            let file = try PrivateFile(path, bytesMax: 1 << 20, isProvisioned: true)
            guard let problem = file.problem else { return }
            reader.refuse(
                "tlsCertificateKeyFile of MONGO_URI: \(Escaping.escaped(problem, bytesMax: 500))")
        } catch {
            reader.refuse("tlsCertificateKeyFile of MONGO_URI: \(shown) \(error.predicate).")
        }
    }

    private static func checkNames(
        database: String, _ collections: [(key: SettingsKey, name: String)],
        _ reader: inout SettingsReader
    ) {
        let isDatabase =
            database.utf8.count <= 63
            && !database.unicodeScalars.contains {
                $0.value <= 32 || "/\\.\"$*<>:|?".unicodeScalars.contains($0)
            }
        if !isDatabase {
            reader.refuse(
                "MONGO_DB must be a database name of at most 63 bytes, without spaces and without "
                    + "any of / \\ . \" $ * < > : | ?")
        }
        var seen: [String: SettingsKey] = [:]
        for (key, name) in collections {
            let isCollection =
                name.utf8.count <= 120 && !name.hasPrefix("system.") && !name.hasPrefix(".")
                && !name.hasSuffix(".")
                && !name.unicodeScalars.contains { $0.value < 32 || $0 == "$" }
            if !isCollection {
                reader.refuse(
                    "\(key.rawValue) must be a collection name of at most 120 bytes, without “$”, "
                        + "not starting with “system.” or “.”, not ending with “.”.")
            }
            if let other = seen.updateValue(key, forKey: name) {
                reader.refuse(
                    "\(key.rawValue) and \(other.rawValue) lead to the same collection "
                        + "“\(Escaping.escaped(name, bytesMax: 120))”; each needs its own.")
            }
        }
    }
}
