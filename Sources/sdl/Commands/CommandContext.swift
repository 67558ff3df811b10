internal import Foundation
package import Logging

/// What every command has: checked settings, a log, and the wish to stop.
package struct CommandContext: Sendable {
    package let settings: Settings
    package let log: Logger
    package let shutdown: ShutdownSignal
    /// Takes the secrets of the settings out of texts that others wrote.
    package var redaction: Redaction { Redaction(secrets: settings.secrets) }

    /// Loads the settings, starts the log and listens for signals.
    ///
    /// To be called once and before any thread is started.
    ///
    /// - Parameter stopsCleanly: Whether a signal asks for a clean stop; without, it ends the
    ///   program at once, as for a command that has nothing to bring to an end.
    package static func load(
        environmentFile: String?, flags: [SettingsKey: String] = [:],
        connectingTo servers: Set<Settings.Server>, stopsCleanly: Bool = true
    ) throws -> CommandContext {
        let shutdown = ShutdownSignal()
        if stopsCleanly { shutdown.listen() }
        let settings = try Settings.load(
            environmentFile: environmentFile, flags: flags,
            environment: ProcessInfo.processInfo.environment, connectingTo: servers)
        let log = Log.logger(
            level: settings.logLevel, format: settings.logFormat,
            redaction: Redaction(secrets: settings.secrets))
        for warning in settings.warnings { log.warning("\(warning)") }
        return CommandContext(settings: settings, log: log, shutdown: shutdown)
    }
}
