internal import BinlogProtocol
internal import Logging
internal import MongoSink

/// Tells of gaps that were met in the log, but not of each when there are very many.
struct GapLog {
    private static let interval: Duration = .seconds(1)

    private var told = 0
    private var nextTime = ContinuousClock.now

    /// Writes a line when the encoder has met more gaps than were told of, at most one in a second.
    ///
    /// Transactions that are read again after a lost connection count again.
    mutating func tell(
        _ encoder: borrowing TransactionEncoder, _ transaction: TransactionStart?, _ log: Logger
    ) {
        let count = encoder.gapCount
        guard count > told, ContinuousClock.now >= nextTime else { return }
        log.warning(
            "Something cannot be decoded and is stored as a gap: \(encoder.lastGap)",
            metadata: [
                "gtid": "\(transaction?.id ?? "none")",
                "position": "\(transaction.map { "\($0.position)" } ?? "none")",
                "gaps": "\(count - told)",
            ])
        told = count
        nextTime = .now + Self.interval
    }
}
