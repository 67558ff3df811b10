extension Settings {
    /// The `.env` file that is read when no other is named.
    package static let defaultEnvironmentFile = "./.env"

    /// Reads the environment, the `.env` file and `flags`, and checks all of it.
    ///
    /// - Parameter environmentFile: The file named by `--env-file`, which then must exist; nil
    ///   means `./.env`, which may be missing.
    /// - Throws: ``CommandFailure`` with exit code `usage` and one sentence a problem.
    package static func load(
        environmentFile: String?, flags: [SettingsKey: String] = [:],
        environment: [String: String], connectingTo servers: Set<Server>
    ) throws(CommandFailure) -> Settings {
        let file = try EnvironmentFile(
            path: environmentFile ?? defaultEnvironmentFile, isNamed: environmentFile != nil,
            needsSecrets: !servers.isEmpty)
        if file == nil, let environmentFile {
            throw CommandFailure(.usage, "\(environmentFile) does not exist (--env-file).")
        }
        return try Settings(
            from: SettingsSource(flags: flags, environment: environment, file: file),
            connectingTo: servers)
    }
}
