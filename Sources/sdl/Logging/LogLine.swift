package import Foundation
package import Logging

/// One event of the log as a line of bytes.
package struct LogLine: Sendable {
    package let format: LogFormat
    package let isColoured: Bool

    package init(format: LogFormat, isColoured: Bool) {
        self.format = format
        self.isColoured = isColoured && format == .text
    }

    /// The line, line feed included, with the metadata sorted by key.
    package func render(
        at time: Date, level: Logger.Level, message: String, metadata: Logger.Metadata
    ) -> String {
        let stamp = time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        let pairs = metadata.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        switch format {
        case .text: return text(stamp, level, message, pairs)
        case .json: return json(stamp, level, message, pairs)
        }
    }

    private func text(
        _ stamp: String, _ level: Logger.Level, _ message: String, _ pairs: [(String, String)]
    ) -> String {
        let name = level.rawValue.uppercased().padding(toLength: 8, withPad: " ", startingAt: 0)
        var line = "\(stamp) \(coloured(name, level)) \(Escaping.escaped(message))"
        for (key, value) in pairs {
            let escaped = Escaping.escaped(value)
            let isPlain = !escaped.isEmpty && !escaped.contains { " =\"".contains($0) }
            let quoted = escaped.replacing("\"", with: "\\\"")
            line += " \(Escaping.escaped(key))=" + (isPlain ? escaped : "\"\(quoted)\"")
        }
        return line + "\n"
    }

    private func coloured(_ name: String, _ level: Logger.Level) -> String {
        guard isColoured else { return name }
        let code =
            switch level {
            case .trace, .debug: "2"
            case .info, .notice: "32"
            case .warning: "33"
            case .error, .critical: "1;31"
            }
        return "\u{1b}[\(code)m\(name)\u{1b}[0m"
    }

    private func json(
        _ stamp: String, _ level: Logger.Level, _ message: String, _ pairs: [(String, String)]
    ) -> String {
        var fields = [
            "\"ts\":\(Escaping.jsonString(stamp))",
            "\"level\":\(Escaping.jsonString(level.rawValue))",
            "\"msg\":\(Escaping.jsonString(message, bytesMax: 8192))",
        ]
        if !pairs.isEmpty {
            let members = pairs.map {
                "\(Escaping.jsonString($0.0)):\(Escaping.jsonString($0.1, bytesMax: 8192))"
            }
            fields.append("\"metadata\":{\(members.joined(separator: ","))}")
        }
        return "{\(fields.joined(separator: ","))}\n"
    }
}
