/// A connection of one thread that is made when it is needed and thrown away when it broke.
final class MongoLink {
    let environment: SinkEnvironment
    private var connection: MongoConnection?
    private var refusals = LoginRefusals()
    private let isPatient: Bool

    /// - Parameter isPatient: for commands that may take hours, such as an index on a large collection.
    init(_ environment: SinkEnvironment, isPatient: Bool = false) {
        self.environment = environment
        self.isPatient = isPatient
    }

    /// The connection, made now if there is none.
    func connected() throws(SinkError) -> MongoConnection {
        if let connection { return connection }
        let fresh = try MongoConnection(environment.settings, isPatient: isPatient)
        connection = fresh
        return fresh
    }

    func disconnect() {
        connection = nil
    }

    /// Gives a transaction up, if one is open; a connection that cannot is thrown away with it.
    func abortTransaction() {
        do {
            try connection?.abortTransaction()
        } catch {
            disconnect()
        }
    }

    /// Runs an operation that may be repeated until it succeeds, the policy says stop, or the sink is cancelled.
    func perform<T>(
        _ operation: String, _ body: (MongoConnection) throws -> T
    ) throws -> T {
        var failures = FailedAttempts()
        while true {
            try environment.checkCancelled()
            do {
                let result = try body(try connected())
                succeeded()
                return result
            } catch let error as MongoError {
                failures.add(at: .now)
                try settle(error, after: failures, doing: operation)
            }
        }
    }

    /// The same for work that begins a MongoDB transaction, which is given up when it fails.
    func performTransaction<T>(
        _ operation: String, _ body: (MongoConnection) throws -> T
    ) throws -> T {
        try perform(operation) { connection in
            do {
                return try body(connection)
            } catch {
                abortTransaction()
                throw error
            }
        }
    }

    /// The server answered as it should: the user is right.
    func succeeded() {
        environment.login.succeed()
        refusals.end()
    }

    /// Waits as the policy says after a failed attempt, which is to be run again as a whole.
    ///
    /// - Throws: ``SinkError`` when it must not be run again, or the sink was cancelled.
    func settle(
        _ error: MongoError, after failures: FailedAttempts, doing operation: String
    ) throws(SinkError) {
        let decision = environment.policy.decision(
            for: outcome(of: error, failures), after: failures, jitter: .random(in: 0...1))
        let wait: Duration
        switch decision {
        case .stop(let code):
            throw environment.failure(
                error, code: code, doing: operation, attempts: failures.count)
        case .reconnect(let after):
            disconnect()
            wait = after
        case .retryTransaction(let after), .retryCommit(let after):
            wait = after
        }
        try pause(wait, after: error.description, attempt: failures.count, doing: operation)
    }

    /// A failed login is a lost connection while it may be one.
    private func outcome(of error: MongoError, _ failures: FailedAttempts) -> Outcome {
        guard error.outcome == .loginFailed else {
            refusals.end()
            return error.outcome
        }
        let wasRight = environment.login.hasSucceeded
        let isWrong = refusals.refuse(
            at: .now, wasRight: wasRight, patience: environment.settings.loginPatience)
        let isLast = environment.policy.wait(after: failures, jitter: 1) == nil
        return isWrong || (isLast && !wasRight) ? .authentication : .disconnected
    }

    /// Says that an attempt is repeated and waits.
    func pause(
        _ wait: Duration, after reason: String, attempt: Int, doing operation: String
    ) throws(SinkError) {
        // No attempt follows, so none is announced.
        try environment.checkCancelled()
        environment.retried()
        environment.notice(
            .retrying(operation: operation, attempt: attempt, after: wait, reason: reason))
        guard environment.cancellation.wait(wait) else { throw SinkEnvironment.cancelled }
    }
}
