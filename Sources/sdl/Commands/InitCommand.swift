internal import ArgumentParser

/// The command `sdl init`.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make the collections and indexes in MongoDB.",
        discussion: """
            Changes nothing that is already there, so it can be repeated. sdl run does the same at \
            its start; a separate command lets it be done by a user with more rights.

            EXAMPLE
              MONGO_URI_FILE=/run/secrets/mongo-admin sdl init
            """)

    @OptionGroup var file: EnvironmentFileOption

    func run() throws {
        let context = try CommandContext.load(
            environmentFile: file.environmentFile, connectingTo: [.mongo])
        try Pipeline.initialize(in: context)
    }
}
