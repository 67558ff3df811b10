import TestSupport

@testable import MongoSink

/// What a MongoDB server does to commands of `sdl`, and to nobody else's.
struct FailPoint {
    private let settings: SinkSettings

    init(_ server: ServiceInstance) throws {
        var settings = SinkSettings(uri: try server.uri, streamName: "none", owner: "test/1")
        settings.applicationName = "sdl-test"
        self.settings = settings
    }

    private func run(_ command: [UInt8]) throws -> BSONDocument {
        try MongoConnection(settings).run(
            command, .plain, database: "admin", operation: "configureFailPoint")
    }

    /// Makes the server fail the next `times` of these commands.
    func set(
        _ commands: [String], times: Int, _ fill: (inout BSONWriter) -> Void
    ) throws {
        _ = try run(
            BSONWriter.document {
                $0.append("configureFailPoint", string: "failCommand")
                $0.append("mode") { $0.append("times", int32: Int32(times)) }
                $0.append("data") { data in
                    data.appendArray("failCommands") {
                        for (index, name) in commands.enumerated() {
                            $0.append(BSONKey(index: index), string: name)
                        }
                    }
                    data.append("appName", string: "sdl")
                    fill(&data)
                }
            })
    }

    /// Ends it; returns how many commands it hit.
    @discardableResult
    func end() throws -> Int {
        let reply = try run(
            BSONWriter.document {
                $0.append("configureFailPoint", string: "failCommand")
                $0.append("mode", string: "off")
            })
        return Int(try reply.integer("count") ?? 0)
    }
}
