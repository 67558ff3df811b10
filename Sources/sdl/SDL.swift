internal import ArgumentParser

/// The command line: reads the arguments, runs one command, and turns its end into an exit code.
@main
struct SDL: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sdl",
        abstract: "Keeps a complete, searchable audit trail of a MySQL server in MongoDB.",
        discussion: """
            sdl follows the server's binary log and stores every inserted, updated and deleted row \
            as one document. Settings come from the environment and from a .env file; \
            Docs/SETTINGS.md lists them.
            """,
        version: "sdl \(Version.text)",
        subcommands: [RunCommand.self, TailCommand.self, DecodeCommand.self, InitCommand.self])

    static func main() {
        ProcessSetup.apply()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            CommandEnd.exit(with: error, root: Self.self)
        }
    }
}
