package import Logging

/// The lines that operators search for, word for word.
package enum LogMessage {
    package static let connectedToMongoDB: Logger.Message = "Connected to MongoDB"
    package static let connectedToMySQL: Logger.Message = "Connected to MySQL"
    package static let startingFromCurrentPosition: Logger.Message =
        "Starting from current position"
    package static let shutdownComplete: Logger.Message = "Shutdown complete"

    package static func recovering(batches count: Int) -> Logger.Message {
        "Recovering \(count) pending batches"
    }

    package static func starting(fromGTID set: String) -> Logger.Message {
        // Before the first transaction of a server the set has no text of its own.
        "Starting from GTID \(set.isEmpty ? "(empty)" : set)"
    }

    package static func flushing(events count: Int) -> Logger.Message {
        "Flushing \(count) remaining events"
    }
}
