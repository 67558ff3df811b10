package import Logging

/// How log lines look.
package enum LogFormat: String, CaseIterable, Sendable {
    /// For people: time, level, message, `key=value`.
    case text
    /// For collectors: one JSON object a line.
    case json
}

/// The levels of swift-log under the names that LOG_LEVEL takes.
package enum LogLevel: String, CaseIterable, Sendable {
    case trace, debug, info, notice, warning, error, critical

    package var level: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}
