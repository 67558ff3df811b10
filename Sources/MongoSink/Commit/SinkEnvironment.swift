internal import Foundation

/// What every part of one sink shares.
struct SinkEnvironment: Sendable {
    let settings: SinkSettings
    let notice: @Sendable (SinkNotice) -> Void
    let cancellation: SinkCancellation
    /// Called for each repeated attempt.
    let retried: @Sendable () -> Void
    /// Called with how many stored documents another row image told.
    var foundOtherImages: @Sendable (Int) -> Void = { _ in }
    let login = LoginRecord()
    let images = FirstTime()

    var policy: RetryPolicy {
        RetryPolicy(
            attemptsMax: settings.retryMax, initial: settings.retryInitial,
            maxDelay: settings.retryMaxDelay,
            timeMax: settings.retryMaxTime > .zero ? settings.retryMaxTime : nil)
    }

    /// The wall clock in milliseconds since 1970, for people; nothing is decided by it.
    var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    func checkCancelled() throws(SinkError) {
        if cancellation.isCancelled { throw Self.cancelled }
    }

    static let cancelled = SinkError(
        .cancelled,
        "the sink was told to stop before all work was committed: what is left is read"
            + " again at the next start")

    /// A server's error that ends the sink, as one sentence.
    func failure(
        _ error: MongoError, code: SinkError.Code, doing operation: String, attempts: Int
    ) -> SinkError {
        let place = "MongoDB at \(Redaction.uri(settings.uri))"
        let sentence: String
        switch code {
        case .authentication where error.outcome == .loginFailed && login.hasSucceeded:
            sentence =
                "\(place) refuses the user, whom it accepted before, again and again during \(operation): the"
                + " password was changed, or the user is gone; correct MONGO_URI and start again"
        case .authentication:
            sentence =
                "\(place) refuses the user during \(operation): check user and password in"
                + " MONGO_URI, and that the user has the role readWrite on \(settings.database)"
        case .notReplicaSet where error.domain == .wireVersion:
            sentence =
                "\(place) speaks no version of its protocol that this program's libmongoc speaks: use MongoDB"
                + " 4.0 or later, or a newer libmongoc"
        case .notReplicaSet:
            sentence =
                "\(place) is a standalone server, which has no transactions: start mongod with"
                + " --replSet rs0 and run rs.initiate() once"
        case .retriesExhausted:
            sentence =
                "\(operation) failed \(attempts) times at \(place), as often or as long as RETRY_MAX and"
                + " RETRY_MAX_TIME allow: start again when MongoDB answers"
        case .integrity:
            sentence =
                "\(operation) met a duplicate key that is not the _id of a change: drop the"
                + " unique index on \(settings.database).\(settings.collection) that refuses it"
        default:
            sentence =
                "\(place) refuses \(operation), and a repetition would fail the same way:"
                + " correct the cause and start again; nothing was stored halfway"
        }
        return SinkError(code, sentence, detail: error.description)
    }
}
