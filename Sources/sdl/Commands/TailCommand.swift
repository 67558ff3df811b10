internal import ArgumentParser

/// The command `sdl tail`.
struct TailCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Print row changes as they happen, straight from the MySQL server.",
        discussion: """
            One JSON document a line on standard output, the same documents that sdl run stores. \
            Needs no MongoDB and stores nothing.

            EXAMPLE
              MYSQL_USER=audit MYSQL_PASS_FILE=/run/secrets/mysql sdl tail | jq .chg
            """)

    @Option(
        help: "Where to begin: current, earliest, or a GTID set (default: START, then current).")
    var start: String?

    @Option(help: "Where to end: current or a GTID set (default: never).")
    var until: String?

    @OptionGroup var file: EnvironmentFileOption

    func run() throws {
        let options = TailOptions(
            until: try until.map { try EndPosition(parsing: $0, name: "--until") })
        let context = try CommandContext.load(
            environmentFile: file.environmentFile, flags: try StartFlag.settings(start),
            connectingTo: [.mysql])
        try Pipeline.tail(options, in: context)
    }
}

/// What `sdl tail` was asked for, beyond the settings.
package struct TailOptions: Sendable {
    /// Where to end; nil means never.
    package let until: EndPosition?
}
