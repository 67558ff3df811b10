internal import Foundation
package import Logging

/// The program's log: lines on standard error, secrets taken out of all of them.
package enum Log {
    /// A logger; the only place of the program that makes one.
    package static func logger(
        level: LogLevel, format: LogFormat, redaction: Redaction,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Logger {
        let isColoured = Terminal.isColoured(STDERR_FILENO, environment: environment)
        let line = LogLine(format: format, isColoured: isColoured)
        return Logger(label: "sdl") { (_: String) -> any LogHandler in
            StandardErrorLog(line: line, redaction: redaction, logLevel: level.level)
        }
    }
}

/// Writes each event with one `write(2)`, so that lines of several threads do not mix.
struct StandardErrorLog: LogHandler {
    let line: LogLine
    let redaction: Redaction
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(line: LogLine, redaction: Redaction, logLevel: Logger.Level) {
        self.line = line
        self.redaction = redaction
        self.logLevel = logLevel
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let given = event.metadata { all.merge(given) { $1 } }
        if let error = event.error { all["error"] = "\(error)" }
        let clean = all.mapValues { Logger.Metadata.Value.string(redaction.apply(to: "\($0)")) }
        let text = line.render(
            at: Date(), level: event.level, message: redaction.apply(to: "\(event.message)"),
            metadata: clean)
        // Nobody can be told that the log itself is gone, and the audit trail must go on without it.
        StandardStream.error.write(text)
    }
}
