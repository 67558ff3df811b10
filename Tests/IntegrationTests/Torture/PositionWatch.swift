import BinlogProtocol
import Foundation
import Synchronization
import Testing

@testable import MongoSink

/// Reads the stored position again and again, on a thread of its own: it must never go back.
final class PositionWatch: Sendable {
    private struct State {
        var isEnding = false
        var isEnded = false
        var last = GTIDSet()
        var reads = 0
        var problem: String?
    }

    private let state = Mutex(State())

    init(_ trail: AuditTrail) {
        Thread.detachNewThread { [self] in
            while !state.withLock({ $0.isEnding }) {
                do {
                    let connection = try trail.connection()
                    while !state.withLock({ $0.isEnding }) {
                        if let position = try Self.position(trail, connection) { note(position) }
                        usleep(50_000)
                    }
                } catch is MongoError {
                    // The server is away: nothing can be seen, and nothing be stored.
                    usleep(50_000)
                } catch {
                    state.withLock { $0.problem = "\(error)" }
                    break
                }
            }
            state.withLock { $0.isEnded = true }
        }
    }

    private static func position(
        _ trail: AuditTrail, _ connection: MongoConnection
    ) throws -> GTIDSet? {
        let stream = trail.environment["STREAM_NAME"] ?? ""
        let filter = BSONWriter.document { $0.append("_id", string: stream) }
        let cursor = try connection.find(
            in: "binlog_offsets", filter: filter, options: BSONWriter.document { _ in })
        guard let text = try cursor.next()?.string("gtid") else { return nil }
        return try GTIDSet(parsing: text)
    }

    private func note(_ position: GTIDSet) {
        state.withLock { state in
            if !state.last.isSubset(of: position) {
                state.problem = "the position went back from \(state.last) to \(position)"
            }
            state.last = position
            state.reads += 1
        }
    }

    /// What was seen last.
    var last: GTIDSet { state.withLock { $0.last } }

    /// What does not hold; nil when all does.
    var problem: String? { state.withLock { $0.problem } }

    /// Ends the thread.
    ///
    /// - Returns: how often the position was read.
    func end() -> Int {
        state.withLock { $0.isEnding = true }
        while !state.withLock({ $0.isEnded }) { usleep(10_000) }
        return state.withLock { $0.reads }
    }
}
