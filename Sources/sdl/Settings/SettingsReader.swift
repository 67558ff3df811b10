/// Turns raw texts into values and collects one sentence for each that is not allowed.
struct SettingsReader {
    let source: SettingsSource
    private(set) var problems: [String] = []
    private(set) var warnings: [String] = []

    init(_ source: SettingsSource) {
        self.source = source
    }

    mutating func refuse(_ sentence: String) {
        if !problems.contains(sentence) { problems.append(sentence) }
    }

    mutating func warn(_ sentence: String) {
        warnings.append(sentence)
    }

    /// A sentence about a text that may be shown.
    private mutating func refuse(_ key: SettingsKey, _ text: String, allowed: String) {
        refuse(
            "\(key.rawValue) must be \(allowed), not “\(Escaping.escaped(text, bytesMax: 100))”.")
    }

    func text(_ key: SettingsKey) -> String? {
        source.text(key)
    }

    func text(_ key: SettingsKey, default value: String) -> String {
        source.text(key) ?? value
    }

    mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ key: SettingsKey, default value: Value
    ) -> Value where Value.RawValue == String {
        guard let text = source.text(key) else { return value }
        if let choice = Value(rawValue: text.lowercased()) { return choice }
        refuse(
            key, text, allowed: "one of " + Value.allCases.map(\.rawValue).joined(separator: ", "))
        return value
    }

    mutating func flag(_ key: SettingsKey, default value: Bool) -> Bool {
        guard let text = source.text(key) else { return value }
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default:
            refuse(key, text, allowed: "true or false")
            return value
        }
    }

    mutating func integer(_ key: SettingsKey, default value: Int, in range: ClosedRange<Int>) -> Int
    {
        guard let text = source.text(key) else { return value }
        if let number = Int(text), range.contains(number) { return number }
        refuse(
            key, text,
            allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        return value
    }

    mutating func bytes(_ key: SettingsKey, default value: Int, in range: ClosedRange<Int>) -> Int {
        guard let text = source.text(key) else { return value }
        guard let size = ByteSize.parse(text) else {
            refuse(key, text, allowed: ByteSize.allowed)
            return value
        }
        guard range.contains(size) else {
            let least = ByteSize.format(range.lowerBound)
            refuse(key, text, allowed: "from \(least) to \(ByteSize.format(range.upperBound))")
            return value
        }
        return size
    }

    mutating func duration(
        _ key: SettingsKey, default value: Duration, in range: ClosedRange<Duration>
    ) -> Duration {
        guard let text = source.text(key) else { return value }
        guard let duration = DurationText.parse(text) else {
            refuse(key, text, allowed: DurationText.allowed)
            return value
        }
        guard range.contains(duration) else {
            let least = DurationText.format(range.lowerBound)
            refuse(key, text, allowed: "from \(least) to \(DurationText.format(range.upperBound))")
            return value
        }
        return duration
    }

    /// A pattern; a malformed one is replaced by one that is not used, as the problem ends the run.
    mutating func pattern(_ key: SettingsKey, default value: String) -> TablePattern? {
        do throws(PatternError) {
            return try TablePattern(source.text(key) ?? value)
        } catch {
            refuse("\(key.rawValue) is not a regular expression, \(error).")
            return nil
        }
    }

    /// The content of a small file that holds one secret; the line end after it does not count.
    mutating func secretFile(_ key: SettingsKey, _ path: String) -> String? {
        // What does not look like a path may be the secret itself, and is not shown.
        let isPath = ["/", "./", "../"].contains(where: path.hasPrefix)
        let shown = Escaping.escaped(path, bytesMax: 200)
        do throws(PrivateFile.Refusal) {
            let file = try PrivateFile(path, bytesMax: 65_536, isProvisioned: true)
            if let problem = file.problem {
                // Only a path that leads to a file has a problem, so it is no secret.
                refuse("\(key.rawValue): \(Escaping.escaped(problem, bytesMax: 500))")
                return nil
            }
            let bytes = file.bytes
            guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
                let file = isPath ? shown : "its file"
                refuse("\(key.rawValue): \(file) is not a text file in UTF-8.")
                return nil
            }
            return text.hasSuffix("\r\n") || text.hasSuffix("\n") ? String(text.dropLast()) : text
        } catch {
            refuse(
                isPath
                    ? "\(key.rawValue): \(shown) \(error.predicate)."
                    : "\(key.rawValue) does not name a file that can be read: it must be a path such "
                        + "as /run/secrets/sdl, not the secret itself.")
            return nil
        }
    }
}
