internal import Configuration

/// The raw texts of the settings, from three places.
///
/// A flag wins over the environment, and that over the `.env` file. An empty text counts as not
/// set: it does not hide a weaker place's.
package struct SettingsSource: Sendable {
    private let layers: [ConfigReader]
    private let environment: [String: String]
    private let file: EnvironmentFile?

    package init(
        flags: [SettingsKey: String] = [:], environment: [String: String],
        file: EnvironmentFile? = nil
    ) {
        let secrets: SecretsSpecifier<String, String> = .specific(
            Set(SettingsKey.allCases.filter(\.isSecret).map(\.rawValue)))
        let providers: [any ConfigProvider] = [
            EnvironmentVariablesProvider(
                environmentVariables: Dictionary(
                    uniqueKeysWithValues: flags.map { ($0.key.rawValue, $0.value) }),
                secretsSpecifier: secrets),
            EnvironmentVariablesProvider(
                environmentVariables: environment, secretsSpecifier: secrets),
            EnvironmentVariablesProvider(
                environmentVariables: file?.values ?? [:], secretsSpecifier: secrets),
        ]
        self.layers = providers.map { ConfigReader(provider: $0) }
        self.environment = environment
        self.file = file
    }

    package func text(_ key: SettingsKey) -> String? {
        for layer in layers {
            if let text = Self.text(key, in: layer) { return text }
        }
        return nil
    }

    /// The first of two keys that say the same in different ways, from the strongest place.
    ///
    /// Both in one place contradict each other; then both are returned.
    package func alternatives(_ first: SettingsKey, _ second: SettingsKey) -> [SettingsKey: String]
    {
        for layer in layers {
            var found: [SettingsKey: String] = [:]
            for key in [first, second] { found[key] = Self.text(key, in: layer) }
            if !found.isEmpty { return found }
        }
        return [:]
    }

    private static func text(_ key: SettingsKey, in reader: ConfigReader) -> String? {
        let text = reader.string(forKey: ConfigKey(key.rawValue), isSecret: key.isSecret)
        return text?.isEmpty == true ? nil : text
    }

    /// What the user should know about where the settings come from.
    package var warnings: [String] {
        (file?.warning.map { [$0] } ?? []) + unknownKeys
    }

    /// One sentence for each key that looks like a setting and is none.
    package var unknownKeys: [String] {
        let known = SettingsKey.allCases.map(\.rawValue)
        var sentences: [String] = []
        for (place, keys) in [
            ("the environment", environment), (file?.path ?? "", file?.values ?? [:]),
        ] {
            for key in keys.keys.sorted() where !known.contains(key) {
                let nearest = NearestName.nearest(to: key, among: known)
                let isOurs = Self.prefixes.contains(where: key.hasPrefix)
                let isFromFile = file?.path == place
                guard isOurs || (isFromFile && nearest != nil),
                    !Self.foreignPrefixes.contains(where: key.hasPrefix)
                else { continue }
                let hint = nearest.map { "; did you mean \($0)?" } ?? "."
                sentences.append("\(key) in \(place) is not a setting of sdl\(hint)")
            }
        }
        return sentences
    }

    private static let prefixes = ["MYSQL_", "MONGO_", "SDL_"]
    /// The test suite's own.
    private static let foreignPrefixes = ["SDL_TEST_", "SDL_SERVICES_"]
}
