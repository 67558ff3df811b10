internal import ArgumentParser

/// `--env-file`, which every command has that reads settings.
struct EnvironmentFileOption: ParsableArguments {
    @Option(
        name: .customLong("env-file"),
        help: ArgumentHelp(
            "Read settings from this file (default: ./.env if there is one).",
            discussion: """
                Lines of KEY=value. The environment wins over the file. The file holds passwords, \
                so nobody but its owner may be able to use it: chmod 600.
                """,
            valueName: "file"))
    var environmentFile: String?
}
