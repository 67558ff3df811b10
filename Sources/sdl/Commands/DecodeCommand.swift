internal import ArgumentParser

/// The command `sdl decode`.
struct DecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Print the row changes of binary log files.",
        discussion: """
            Needs no server. The documents, their _id included, are those that sdl run stores for \
            the same transactions.

            EXAMPLE
              sdl decode /var/lib/mysql/mysql-bin.000007
              zcat mysql-bin.000006.gz | sdl decode - --format events
            """)

    @Argument(
        help: ArgumentHelp("Binary log files, in order; - is standard input.", valueName: "file"))
    var files: [String]

    @Option(help: "json: a document a line for each row change; events: all that each event says.")
    var format = DecodeFormat.json

    @OptionGroup var file: EnvironmentFileOption

    func validate() throws {
        guard files.count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("Standard input (-) can be read only once.")
        }
    }

    func run() throws {
        let context = try CommandContext.load(
            environmentFile: file.environmentFile, connectingTo: [], stopsCleanly: false)
        try Pipeline.decode(DecodeOptions(files: files, format: format), in: context)
    }
}

/// What `sdl decode` prints.
package enum DecodeFormat: String, CaseIterable, Sendable {
    /// The documents that would be stored.
    case json
    /// The events with their headers and all that they say.
    case events
}

extension DecodeFormat: ExpressibleByArgument {}

/// What `sdl decode` was asked for, beyond the settings.
package struct DecodeOptions: Sendable {
    /// Paths in order; `-` is standard input.
    package let files: [String]
    package let format: DecodeFormat
}
