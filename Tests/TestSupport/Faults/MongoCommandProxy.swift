internal import BinlogProtocol
internal import Foundation
internal import MongoSink
internal import Synchronization

/// A proxy on loopback in front of a MongoDB server that counts commands and has hooks before and behind each.
///
/// What drivers send on their own (hello, ping, logins, endSessions, killCursors) passes uncounted. Without TLS only.
package final class MongoCommandProxy: Sendable {
    /// Decides what happens; nil passes the command, or its answer, on.
    package typealias Hook = @Sendable (MongoFault.Moment, MongoCommand) -> MongoFault.Action?

    private struct State {
        var hook: Hook?
        var victim: Int32?
        var commands: [MongoCommand] = []
        var faults: [MongoFault] = []
        var lines: [ObjectIdentifier: LoopbackLine] = [:]
        var isClosed = false
    }

    /// State that outlives the proxy as long as lines use it.
    private final class Shared: Sendable {
        let mutex = Locked(State())
    }

    private let shared: Shared
    private let listener: LoopbackListener
    /// The connection string for clients: to the proxy, and to nobody else.
    package let uri: String

    /// - Parameter uri: the server's connection string; of several hosts the first has to be the primary.
    package init(to uri: String) throws {
        guard
            let match = uri.wholeMatch(
                of: /mongodb:\/\/([^\/]*@)?([^,\/?]+)[^\/?]*(\/[^?]*)?(\?.*)?/)
        else {
            throw FakeServer.Failure(description: "no connection string that a proxy can serve")
        }
        let host = String(match.2)
        let server = try ServerAddress(parsing: host.contains(":") ? host : "\(host):27017")
        let shared = Shared()
        self.shared = shared
        listener = try LoopbackListener { client in
            Self.serve(client, server, shared)
        }
        // A driver that looks for the replica set's members by itself would find the server behind us.
        let kept = (match.4?.dropFirst() ?? "").split(separator: "&").filter {
            let name = $0.lowercased()
            return !name.hasPrefix("replicaset=") && !name.hasPrefix("directconnection=")
        }
        let options = (kept + ["directConnection=true"]).joined(separator: "&")
        self.uri =
            "mongodb://\(match.1 ?? "")127.0.0.1:\(listener.port)\(match.3 ?? "/")?\(options)"
    }

    deinit {
        listener.close()
        let lines = shared.mutex.withLock { state in
            state.isClosed = true
            return Array(state.lines.values)
        }
        for line in lines { line.wake() }
    }

    // MARK: Rules

    /// Counts from 1 again, for a client that starts now.
    package func arm(_ hook: Hook?) {
        shared.mutex.withLock { state in
            state.hook = hook
            state.victim = nil
            state.commands = []
            state.faults = []
        }
    }

    /// The same with faults at foreseen commands.
    package func arm(_ faults: [MongoFault]) {
        arm { moment, command in
            faults.first { $0.number == command.number && $0.moment == moment }?.action
        }
    }

    /// Which process ``MongoFault/Action/kill`` kills; until it is told, such a fault waits.
    package func setVictim(_ processID: Int32) {
        shared.mutex.withLock { $0.victim = processID }
    }

    /// What was counted since the proxy was armed.
    package var commands: [MongoCommand] { shared.mutex.withLock { $0.commands } }

    /// What was decided since the proxy was armed.
    package var faults: [MongoFault] { shared.mutex.withLock { $0.faults } }

    // MARK: Lines

    private static func serve(_ client: LoopbackLine, _ address: ServerAddress, _ shared: Shared) {
        defer { client.close() }
        do {
            let server: LoopbackLine
            do {
                server = try LoopbackLine.connect(to: address)
            } catch {
                // The server is away; the client sees that its line ends.
                return
            }
            defer { server.close() }
            let isWanted = shared.mutex.withLock { state in
                for line in [client, server] { state.lines[ObjectIdentifier(line)] = line }
                return !state.isClosed
            }
            defer {
                shared.mutex.withLock { state in
                    for line in [client, server] { state.lines[ObjectIdentifier(line)] = nil }
                }
            }
            if isWanted { try relay(client, server, shared) }
        } catch is LineEnded {
            // Either side may leave at any time.
        } catch {
            print("a line through the proxy ended: \(error)")
        }
    }

    private static func relay(
        _ client: LoopbackLine, _ server: LoopbackLine, _ shared: Shared
    ) throws {
        while let request = try MongoMessage(from: client) {
            let command = try count(request, shared)
            let before = command.flatMap { decide(.command, $0, shared) }
            switch before {
            case nil: try server.send(request.bytes)
            case .swallow: continue
            case .kill, .close: return
            case .fail(let code):
                try client.send(request.answer(command?.failure(code) ?? []))
                continue
            }
            guard let answer = try MongoMessage(from: server) else { return }
            let behind = command.flatMap { decide(.answer, $0, shared) }
            switch behind {
            case nil: try client.send(answer.bytes)
            case .swallow: continue
            case .kill, .close: return
            case .fail(let code): try client.send(request.answer(command?.failure(code) ?? []))
            }
        }
    }

    private static func count(_ request: MongoMessage, _ shared: Shared) throws -> MongoCommand? {
        try shared.mutex.withLock { state in
            let command = try MongoCommand(request, number: state.commands.count + 1)
            if let command { state.commands.append(command) }
            return command
        }
    }

    private static func decide(
        _ moment: MongoFault.Moment, _ command: MongoCommand, _ shared: Shared
    ) -> MongoFault.Action? {
        let hook = shared.mutex.withLock { $0.hook }
        guard let action = hook?(moment, command) else { return nil }
        shared.mutex.withLock {
            $0.faults.append(MongoFault(action, at: moment, of: command.number))
        }
        // Last: whoever sees the process end asks what was done.
        if action == .kill { kill(try: 2000, shared) }
        return action
    }

    /// Kills the victim, which may have sent its first command before anybody could tell us who it is.
    private static func kill(try attempts: Int, _ shared: Shared) {
        for _ in 0..<attempts {
            if let victim = shared.mutex.withLock({ $0.victim }) {
                Foundation.kill(victim, SIGKILL)
                return
            }
            usleep(1000)
        }
    }
}
