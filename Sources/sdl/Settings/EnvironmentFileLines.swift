/// The lines of a `.env` file.
///
///     # a comment
///     KEY=value            the value is all of the rest, spaces around it removed
///     KEY="value"          one pair of quotes, double or single, is removed; nothing is escaped
///     export KEY=value     as a shell would need it
///
/// Nothing is expanded and a `#` after a value belongs to it: passwords hold any character. The
/// same key twice, or a line that is none of these, is an error that names the line, never its text.
enum EnvironmentFileLines {
    static func parse(_ text: String, path: String) throws(CommandFailure) -> [String: String] {
        var values: [String: String] = [:]
        var problems: [String] = []
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        for (number, line) in lines.enumerated() {
            let content = trimmed(line)
            guard !content.isEmpty, content.first != "#" else { continue }
            guard let (key, value) = pair(content) else {
                problems.append("\(path), line \(number + 1): this is not KEY=value.")
                continue
            }
            if values.updateValue(value, forKey: key) != nil {
                problems.append("\(path), line \(number + 1): \(key) is set a second time.")
            }
        }
        guard problems.isEmpty else { throw CommandFailure(.usage, problems) }
        return values
    }

    private static func pair(_ content: Substring) -> (String, String)? {
        guard let equals = content.firstIndex(of: "=") else { return nil }
        var key = trimmed(content[..<equals])
        if key.hasPrefix("export ") { key = trimmed(key.dropFirst(7)) }
        let isName = key.utf8.allSatisfy {
            $0 == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
        }
        guard isName, !key.isEmpty else { return nil }
        return (String(key), unquoted(trimmed(content[content.index(after: equals)...])))
    }

    private static func unquoted(_ value: Substring) -> String {
        guard value.count >= 2, let first = value.first, first == value.last,
            first == "\"" || first == "'"
        else { return String(value) }
        return String(value.dropFirst().dropLast())
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return text
    }
}
