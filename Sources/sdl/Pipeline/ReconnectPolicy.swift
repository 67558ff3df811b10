internal import BinlogProtocol
internal import MongoSink

/// Decides after each failure of the source whether to connect again, and when: a pure value.
///
/// What a new connection can mend is tried again as often as the settings allow. Three failures look final and may not be,
/// and are given a few chances: a damaged event, which the network may have damaged; another client under our name, which
/// may be an instance that has just lost the lease; and a log file that the server does not find, which may be a purge.
struct ReconnectPolicy: Sendable {
    /// So many ends by another client within ``duplicatesWindow`` are one too many: two clients throw each other out.
    private static let duplicatesMax = 5
    private static let duplicatesWindow: Duration = .seconds(60)
    private static let missingFilesMax = 5

    private let retry: RetryPolicy
    private var failed = FailedAttempts()
    private var damagedAt: GTIDSet?
    private var missingFiles = 0
    private var duplicates = 0
    private var firstDuplicate: ContinuousClock.Instant?

    init(_ retry: RetryPolicy) {
        self.retry = retry
    }

    /// Failures since the last success.
    var failures: Int { failed.count }

    /// A transaction came to its end that was not read before.
    mutating func progressed() {
        failed = FailedAttempts()
        missingFiles = 0
    }

    /// The connection is as old as `age` and serves: a source where nothing is written, or one long transaction, is no
    /// failure.
    mutating func lasted(_ age: Duration) {
        // One that always breaks sooner is, or its attempts would follow each other without a pause.
        if age >= min(retry.maxDelay, retry.timeMax ?? retry.maxDelay) { failed = FailedAttempts() }
    }

    /// - Parameters:
    ///   - executed: the whole transactions that were read; nil when the log was not being read.
    ///   - jitter: 0 to 1.
    /// - Returns: how long to wait before the next attempt.
    /// - Throws: the error to end with.
    mutating func failed(
        _ error: BinlogError, executed: GTIDSet?, now: ContinuousClock.Instant, jitter: Double
    ) throws(BinlogError) -> Duration {
        var shortest: Duration = .zero
        switch error.code {
        case .corrupt:
            // The same bytes once more are damaged on the server.
            guard let executed, damagedAt != executed else { throw error }
            damagedAt = executed
        case .duplicateReplica:
            shortest = try waitAfterDuplicate(error, now)
        case .nextFileMissing:
            missingFiles += 1
            guard missingFiles < Self.missingFilesMax else {
                throw BinlogError(
                    .purged(missing: nil),
                    "\(error.message) It was asked \(missingFiles) times. \(PositionAdvice.purged)",
                    underlying: error
                ).at(file: error.file, position: error.position, gtid: error.gtid)
            }
        default:
            guard error.isTransient else { throw error }
        }
        failed.add(at: now)
        guard let wait = retry.wait(after: failed, jitter: jitter) else { throw error }
        return max(wait, shortest)
    }

    private mutating func waitAfterDuplicate(
        _ error: BinlogError, _ now: ContinuousClock.Instant
    ) throws(BinlogError) -> Duration {
        if let firstDuplicate, now - firstDuplicate < Self.duplicatesWindow {
            duplicates += 1
        } else {
            firstDuplicate = now
            duplicates = 1
        }
        guard duplicates < Self.duplicatesMax else { throw error }
        return .seconds(1 << (duplicates - 1))
    }
}
