internal import Foundation

/// Runs `sdl` through a ``MongoCommandProxy`` again and again until it ends by itself.
package struct CrashDriver {
    /// What happened until the end.
    package struct Report {
        /// The exit code of each start; `-9` after a kill.
        package fileprivate(set) var exits: [Int32] = []
        /// How many commands each start sent.
        package fileprivate(set) var commands: [Int] = []
        /// The faults that were met, start by start.
        package fileprivate(set) var faults: [[MongoFault]] = []
        /// What the last start said on standard error.
        package fileprivate(set) var complaints = ""

        package var kills: Int { exits.count { $0 == -SIGKILL } }
        /// Whether it ended cleanly after nothing but kills of ours.
        package var isClean: Bool {
            exits.last == 0 && exits.dropLast().allSatisfy { $0 == -SIGKILL }
        }
    }

    package let arguments: [String]
    package let environment: [String: String]
    package let proxy: MongoCommandProxy

    /// - Parameter environment: its `MONGO_URI` is replaced by the proxy's.
    package init(
        _ arguments: [String], environment: [String: String], through proxy: MongoCommandProxy
    ) {
        self.arguments = arguments
        self.environment = environment.merging(["MONGO_URI": proxy.uri]) { $1 }
        self.proxy = proxy
    }

    /// Starts with the first list of faults, and after each kill with the next; behind the last there are none.
    ///
    /// - Returns: after the first end that was no kill.
    package func run(_ plan: [[MongoFault]], within limit: Duration = .seconds(120)) throws
        -> Report
    {
        var report = Report()
        var left = plan[...]
        repeat {
            proxy.arm(left.popFirst() ?? [])
            let command = try SDLCommand(arguments, environment: environment)
            proxy.setVictim(command.processID)
            report.exits.append(try command.wait(within: limit))
            report.commands.append(proxy.commands.count)
            report.faults.append(proxy.faults)
            report.complaints = try command.complaints
        } while report.exits.last == -SIGKILL && report.exits.count <= plan.count
        return report
    }
}
