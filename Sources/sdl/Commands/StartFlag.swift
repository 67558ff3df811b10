internal import BinlogProtocol

/// `--start`, which stands in for the setting START.
enum StartFlag {
    static func settings(_ text: String?) throws -> [SettingsKey: String] {
        guard let text else { return [:] }
        _ = try StartPosition(parsing: text, name: "--start")
        return [.start: text]
    }
}
