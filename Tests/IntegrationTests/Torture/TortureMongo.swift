import BinlogProtocol
import Foundation
import Synchronization
import TestSupport

/// A MongoDB server of its own, with everything that can break it.
struct TortureMongo {
    let server: ServiceInstance
    let proxy: MongoCommandProxy
    let failPoint: FailPoint

    /// - Parameter dice: decides how long transactions of clients that left stay open.
    init(name: String, _ dice: inout Dice) throws {
        // A paused client holds its locks until then, a killed one for the second time.
        let options =
            ["--transaction-lifetime-limit-seconds", "12"]
            + (dice.chance(50) ? ["--orphan-seconds", "3"] : [])
        server = try Services.start(.mongo, name: name, options: options)
        proxy = try MongoCommandProxy(to: try server.uri)
        failPoint = try FailPoint(server)
    }

    /// The connection string for `sdl`; it does not wait for ever for an answer that is lost.
    var uri: String { proxy.uri + "&socketTimeoutMS=5000" }

    /// Kills everything, as a power failure would, and starts it again.
    func restart(downFor milliseconds: Int) throws {
        try Services.kill(server)
        usleep(UInt32(milliseconds) * 1000)
        try Services.restart(server)
    }

    // MARK: Faults at one command

    private final class Countdown: Sendable {
        private let left: Locked<Int>
        init(_ count: Int) { left = Locked(count) }

        func isDue() -> Bool {
            left.withLock { left in
                left -= 1
                return left == 0
            }
        }
    }

    /// One fault at the n-th command from now on.
    ///
    /// - Returns: how many faults were met since the last one was armed.
    func arm(_ action: MongoFault.Action, at moment: MongoFault.Moment, after count: Int) -> Int {
        let met = proxy.faults.count
        let countdown = Countdown(count)
        proxy.arm { at, _ in
            at == moment && countdown.isDue() ? action : nil
        }
        return met
    }

    /// Ends what was armed.
    ///
    /// - Returns: how many faults were met since the last one was armed.
    func disarm() -> Int {
        let met = proxy.faults.count
        proxy.arm(nil)
        return met
    }
}
