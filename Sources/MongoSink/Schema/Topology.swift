internal import BinlogProtocol

/// What the server says it is.
struct Topology {
    let settings: SinkSettings

    /// Asks the server, and refuses one without transactions.
    ///
    /// - Throws: ``SinkError`` with code `notReplicaSet` when it is a standalone.
    func check(_ connection: MongoConnection) throws -> SinkNotice {
        let setName = try setName(connection)
        let build = try connection.run(
            BSONWriter.document { $0.append("buildInfo", int32: 1) }, .plain, database: "admin",
            operation: "buildInfo")
        return .connected(version: try build.string("version") ?? "", setName: setName)
    }

    private func setName(_ connection: MongoConnection) throws -> String {
        let hello = try connection.run(
            BSONWriter.document { $0.append("hello", int32: 1) }, .plain, database: "admin",
            operation: "hello")
        let setName = try hello.string("setName") ?? ""
        let isRouter = try hello.string("msg") == "isdbgrid"
        guard !setName.isEmpty || isRouter else { throw standalone }
        if let version = try hello.integer("maxWireVersion"), version < Self.transactionsSince {
            throw SinkError(
                .notReplicaSet,
                "MongoDB at \(Redaction.uri(settings.uri)) is too old, it has no transactions: use"
                    + " MongoDB 4.0 or later, 4.2 or later for a sharded cluster")
        }
        return setName
    }

    /// The wire version of MongoDB 4.0.
    private static let transactionsSince: Int64 = 7

    /// Looks at the server without its set's name, to tell why no server of the set was found.
    ///
    /// - Throws: ``SinkError`` with code `notReplicaSet` or `configuration` when that is the reason.
    func explainSelectionFailure() throws(SinkError) {
        guard let direct = DirectConnectionString(settings.uri) else { return }
        var settings = settings
        settings.uri = direct.text
        let connection = try MongoConnection(settings)
        let found: String
        do {
            found = try setName(connection)
        } catch let error as SinkError {
            throw error
        } catch {
            // It does not answer this way either: the first error tells all there is.
            return
        }
        guard found != direct.setName else { return }
        throw SinkError(
            .configuration,
            "MongoDB at \(Redaction.uri(self.settings.uri)) belongs to the replica set \(found), not"
                + " \(direct.setName): correct replicaSet in MONGO_URI")
    }

    private var standalone: SinkError {
        SinkError(
            .notReplicaSet,
            "MongoDB at \(Redaction.uri(settings.uri)) is a standalone server, which has no transactions:"
                + " start mongod with --replSet rs0 and run rs.initiate() once")
    }
}

/// The same server without the demand for a set's name.
package struct DirectConnectionString: Sendable, Equatable {
    /// The connection string for a direct connection.
    package let text: String
    /// The set's name that was demanded.
    package let setName: String

    /// Nil when no set is named, or several hosts are.
    package init?(_ uri: String) {
        guard let question = uri.lastIndex(of: "?"), uri.hasPrefix("mongodb://") else { return nil }
        let hosts = uri[..<question].drop { $0 != "/" }.dropFirst(2)
        let afterUser = hosts.lastIndex(of: "@").map { hosts[hosts.index(after: $0)...] } ?? hosts
        guard !afterUser.contains(",") else { return nil }
        let options = uri[uri.index(after: question)...].split(separator: "&")
        let isSet = { (option: Substring) in option.lowercased().hasPrefix("replicaset=") }
        guard let set = options.first(where: isSet) else { return nil }
        let others = options.filter {
            !isSet($0) && !$0.lowercased().hasPrefix("directconnection=")
        }
        setName = String(set.dropFirst("replicaset=".count))
        text = uri[...question] + (others + ["directConnection=true"]).joined(separator: "&")
    }
}
