internal import ArgumentParser

/// The command `sdl run`.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Follow the MySQL server and store every row change in MongoDB.",
        discussion: """
            Runs until it is told to stop (Ctrl-C or SIGTERM). Where it stopped is stored in \
            MongoDB together with the changes, so the next run goes on exactly there.

            EXAMPLE
              sdl run --env-file audit.env                    follow the server for ever
              sdl run --env-file audit.env --until current    catch up, then end

              where audit.env has MYSQL_ADDR, MYSQL_USER, MYSQL_PASS and MONGO_URI
            """)

    @Option(
        help: ArgumentHelp(
            "Where the first run begins: current, earliest, or a GTID set.",
            discussion: """
                Later runs go on from the stored position and do not look at this. \
                The default is the setting START, then current.
                """))
    var start: String?

    @Option(
        help: ArgumentHelp(
            "End with exit code 0 as soon as these transactions are stored: current or a GTID set.",
            discussion: "current means what the server has executed at the moment of the start."))
    var until: String?

    @Flag(help: "Wait for as long as another instance follows the same server, then take over.")
    var standby = false

    @OptionGroup var file: EnvironmentFileOption

    func run() throws {
        let options = RunOptions(
            until: try until.map { try EndPosition(parsing: $0, name: "--until") },
            standby: standby, hasStart: start != nil)
        let context = try CommandContext.load(
            environmentFile: file.environmentFile, flags: try StartFlag.settings(start),
            connectingTo: [.mysql, .mongo])
        try Pipeline.run(options, in: context)
    }
}

/// What `sdl run` was asked for, beyond the settings.
package struct RunOptions: Sendable {
    /// Where to end; nil means never.
    package let until: EndPosition?
    /// Whether to wait for the lease for ever.
    package let standby: Bool
    /// Whether `--start` was given.
    package let hasStart: Bool
}
