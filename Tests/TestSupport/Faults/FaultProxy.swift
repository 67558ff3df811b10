internal import BinlogProtocol
internal import Foundation
internal import Synchronization

/// A TCP proxy on loopback in front of a server, whose rules can change while lines go through it.
package final class FaultProxy: Sendable {
    /// What went through one line in one direction.
    package struct Traffic: Sendable {
        package internal(set) var bytes = 0
        package internal(set) var pieces = 0
        /// Where MySQL's packets ended; meaningless when the line is encrypted or compressed.
        package internal(set) var borders = PacketBorders()
    }

    /// What went through one line.
    package struct LineRecord: Sendable {
        package internal(set) var toServer = Traffic()
        package internal(set) var toClient = Traffic()
        package internal(set) var isOpen = true
    }

    struct State {
        /// Where new lines go.
        var server: ServerAddress
        var rules = FaultRules()
        var records: [LineRecord] = []
        var faults = 0
        /// Lines with a smaller number are to be closed.
        var closedBelow = 0
        /// Counts the calls of ``FaultProxy/resume()``.
        var resumed = 0
        var isClosed = false
    }

    let state: Shared
    private let listener: LoopbackListener

    /// State that outlives the proxy as long as lines use it.
    final class Shared: Sendable {
        let mutex: Locked<State>
        init(_ server: ServerAddress) { mutex = Locked(State(server: server)) }
    }

    /// - Parameter address: the server's `host:port`.
    package init(to address: String) throws {
        let state = Shared(try ServerAddress(parsing: address))
        self.state = state
        listener = try LoopbackListener { client in
            do {
                var relay = try FaultRelay(client: client, state)
                relay.run()
            } catch {
                // The server is away; the client sees that its line ends.
                client.close()
            }
        }
    }

    deinit {
        listener.close()
        state.mutex.withLock { $0.isClosed = true }
    }

    /// Where clients find the proxy: `127.0.0.1:port`.
    package var address: String { "127.0.0.1:\(listener.port)" }

    package var rules: FaultRules {
        get { state.mutex.withLock { $0.rules } }
        set { state.mutex.withLock { $0.rules = newValue } }
    }

    /// Every line so far, in the order in which clients came.
    package var lines: [LineRecord] { state.mutex.withLock { $0.records } }

    /// How often a cut was made.
    package var faults: Int { state.mutex.withLock { $0.faults } }

    /// Sends new lines to another server, as an address does that moves to it.
    package func redirect(to address: String) throws {
        let server = try ServerAddress(parsing: address)
        state.mutex.withLock { $0.server = server }
    }

    /// Closes every line that is open now.
    package func closeLines() {
        state.mutex.withLock { $0.closedBelow = $0.records.count }
    }

    /// Lets stalled lines go on.
    package func resume() {
        state.mutex.withLock { $0.resumed += 1 }
    }
}
