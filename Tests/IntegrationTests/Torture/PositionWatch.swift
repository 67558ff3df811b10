import BinlogProtocol
import Foundation
import Synchronization
import Testing

@testable import MongoSink

/// Reads the stored position again and again, on a thread of its own: it never goes back, and at no moment does it count
/// other changes than those that can be seen with it.
final class PositionWatch: Sendable {
    private struct State {
        var isEnding = false
        var isEnded = false
        var last = GTIDSet()
        var reads = 0
        var problem: String?
    }

    private let state = Locked(State())
    /// Each so many-th look counts the changes too.
    private static let countEvery = 10

    init(_ trail: AuditTrail) {
        Thread.detachNewThread { [self] in
            while !state.withLock({ $0.isEnding }) {
                do {
                    let connection = try trail.connection()
                    var look = 0
                    while !state.withLock({ $0.isEnding }) {
                        look += 1
                        try observe(trail, connection, counting: look % Self.countEvery == 0)
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

    private func observe(
        _ trail: AuditTrail, _ connection: MongoConnection, counting: Bool
    ) throws {
        // Both are of one moment only in one transaction.
        if counting { try connection.startTransaction() }
        let stream = trail.environment["STREAM_NAME"] ?? ""
        let cursor = try connection.find(
            in: "binlog_offsets",
            filter: BSONWriter.document { $0.append("_id", string: stream) },
            options: BSONWriter.document { _ in }, inTransaction: counting)
        let offset = try cursor.next()
        if counting {
            let stored = try Self.count(connection)
            try connection.abortTransaction()
            let counted = try offset?.integer("events") ?? 0
            if stored != counted {
                let problem = "the position counted \(counted) changes, and \(stored) were stored"
                state.withLock { $0.problem = problem }
            }
        }
        if let text = try offset?.string("gtid") { note(try GTIDSet(parsing: text)) }
    }

    private static func count(_ connection: MongoConnection) throws -> Int64 {
        let command = BSONWriter.document {
            $0.append("aggregate", string: "row_changes")
            $0.appendArray("pipeline") {
                $0.append(BSONKey(index: 0)) { $0.append("$count", string: "n") }
            }
            $0.append("cursor") { _ in }
        }
        let reply = try connection.run(command, .read, inTransaction: true, operation: "count")
        return try reply.integer("cursor", "firstBatch", "0", "n") ?? 0
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
