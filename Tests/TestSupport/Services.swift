internal import BinlogProtocol
package import Foundation
internal import Synchronization

/// The real servers that integration tests talk to.
///
/// Addresses come from `SDL_TEST_MYSQL_ADDR`, `SDL_TEST_MARIADB_ADDR` and `SDL_TEST_MONGO_URI`
/// when they are set; else `scripts/services` starts its own. A test that gets none fails. Who
/// points to servers of his own need not be root: tests that need more of them are skipped.
package enum Services {
    /// The kinds of server that `scripts/services` knows.
    package enum Kind: String, Sendable {
        case mysql, mariadb, mongo
        /// The newer MariaDB, which is only there for tests that start their own.
        case mariadb118
    }

    /// A needed value is missing.
    package struct Missing: Error, CustomStringConvertible {
        package let description: String
    }

    /// The package's root folder.
    package static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let running = Locked<[Kind: ServiceInstance]>([:])

    /// Whether we may start, stop and kill servers of a kind, because the shared one is ours too.
    ///
    /// `scripts/services` tells the `NAME` of its instance; nobody else's server has one.
    package static func canStart(_ kind: Kind) -> Bool {
        given(kind, marker(kind)) == nil || given(kind, "NAME") != nil
    }

    /// Whether it is known where something of the shared server is, for instance its `SOCKET`.
    package static func knows(_ key: String, of kind: Kind) -> Bool {
        canStart(kind) || given(kind, key) != nil
    }

    private static func marker(_ kind: Kind) -> String { kind == .mongo ? "URI" : "ADDR" }

    private static func prefix(_ kind: Kind) -> String { "SDL_TEST_\(kind.rawValue.uppercased())_" }

    private static func given(_ kind: Kind, _ key: String) -> String? {
        let value = Environment.value(prefix(kind) + key)
        return value?.isEmpty == false ? value : nil
    }

    /// The shared server of a kind; the first call starts it when nobody else did.
    package static func standard(_ kind: Kind) throws -> ServiceInstance {
        try running.withLock { running in
            if let known = running[kind] { return known }
            let prefix = prefix(kind)
            let values: [String: String]
            if given(kind, marker(kind)) != nil {
                values = ProcessInfo.processInfo.environment
            } else {
                try script(["up", kind.rawValue])
                values = parse(try script(["env", kind.rawValue]))
            }
            var own: [String: String] = [:]
            for (key, value) in values where key.hasPrefix(prefix) {
                own[String(key.dropFirst(prefix.count))] = value
            }
            let instance = ServiceInstance(name: kind.rawValue, prefix: prefix, values: own)
            running[kind] = instance
            return instance
        }
    }

    /// A private server with fresh data; `stop` it in the end.
    package static func start(
        _ kind: Kind, name: String, options: [String] = []
    ) throws -> ServiceInstance {
        guard canStart(kind) else {
            throw Missing(
                description: "this test needs a \(kind) server of its own, and"
                    + " \(prefix(kind))\(marker(kind)) points to yours: unset it")
        }
        let tail = options.isEmpty ? [] : ["--"] + options
        let output = try script(["start", kind.rawValue, name] + tail)
        return ServiceInstance(name: name, prefix: "", values: parse(output))
    }

    /// The file of one of MariaDB's plugins, for instance `auth_ed25519`.
    package static func plugin(_ kind: Kind, named name: String) throws -> String {
        let values = parse(try script(["plugin", kind.rawValue, name]))
        guard let file = values["PLUGIN"] else {
            throw Missing(description: "scripts/services does not say where \(name) is")
        }
        return file
    }

    /// Stops a private server and deletes its data.
    package static func stop(_ instance: ServiceInstance) throws {
        try script(["stop", instance.name, "--wipe"])
    }

    /// Kills a server as a power failure would.
    package static func kill(_ instance: ServiceInstance) throws {
        try script(["kill", instance.name])
    }

    /// Starts a killed or stopped server again: same port, same data.
    package static func restart(_ instance: ServiceInstance) throws {
        try script(["restart", instance.name])
    }

    @discardableResult
    private static func script(_ arguments: [String]) throws -> String {
        let program = root.appendingPathComponent("scripts/services").path
        return String(
            decoding: try CommandLineTool.run([program] + arguments, in: root), as: UTF8.self)
    }

    /// Reads `KEY=VALUE` lines, quoted for a shell where `scripts/services` has to.
    package static func parse(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            var value = parts[1]
            if value.count > 1, value.hasPrefix("'"), value.hasSuffix("'") {
                value = value.dropFirst().dropLast()
            }
            values[String(parts[0])] = String(value.replacing(#"'\''"#, with: "'"))
        }
        return values
    }
}

/// One running server and how to reach it.
package struct ServiceInstance: Sendable {
    package let name: String
    private let prefix: String
    private let values: [String: String]

    init(name: String, prefix: String, values: [String: String]) {
        self.name = name
        self.prefix = prefix
        self.values = values
    }

    /// A value by the name that `scripts/services` prints, for instance `ADDR` or `DATADIR`.
    package func value(_ key: String) throws -> String {
        guard let value = values[key] else {
            throw Services.Missing(
                description: "\(prefix)\(key) of the server \(name) is not known: set it")
        }
        return value
    }

    package var address: String { get throws { try value("ADDR") } }
    package var socket: String { get throws { try value("SOCKET") } }
    package var dataFolder: String { get throws { try value("DATADIR") } }
    package var user: String { get throws { try value("USER") } }
    package var password: String { get throws { try value("PASS") } }
    package var rootUser: String { get throws { try value("ROOT_USER") } }
    package var rootPassword: String { get throws { try value("ROOT_PASS") } }
    package var uri: String { get throws { try value("URI") } }
}
