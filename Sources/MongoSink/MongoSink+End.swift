extension MongoSink {
    /// Commits everything that was submitted, releases the lease and ends the threads.
    ///
    /// - Throws: the ``SinkError`` that ended the sink; what was not committed is read again at the next start.
    public func finish() throws(SinkError) {
        try finish(within: nil)
    }

    /// The same as ``finish()``, but gives up after a time.
    ///
    /// - Throws: ``SinkError`` with code `cancelled` when the time was not enough.
    public func stop(within limit: Duration) throws(SinkError) {
        try finish(within: limit)
    }

    /// Gives up at once; may be called from any thread.
    ///
    /// Every wait ends with code `cancelled`.
    public func cancel() {
        environment.cancellation.cancel()
        monitor.withLock { state in
            state.failure = state.failure ?? SinkEnvironment.cancelled
            return ((), .all)
        }
    }

    private func finish(within limit: Duration?) throws(SinkError) {
        let deadline = limit.map { ContinuousClock.now + $0 }
        defer { listener.leave() }
        keepLease(nil)
        switch enter(.finished) {
        case .leased(let epoch): releaseUnused(epoch)
        case .ready(let start): releaseUnused(start.epoch)
        case .new, .started, .finished: break
        }
        monitor.withLock { state in
            state.isFinishing = true
            return ((), .all)
        }
        try join(until: deadline)
        if let failure { throw failure }
    }

    /// Waits for the threads until everything is committed, the time is over or something failed.
    private func join(until deadline: ContinuousClock.Instant?) throws(SinkError) {
        if threadsEnded(by: deadline, unlessFailed: true) { return }
        // Whatever the reason, no thread shall begin to wait for a retry now.
        cancel()
        if threadsEnded(by: .now + Self.patience, unlessFailed: false) { return }
        leaveDriverBehind()
        throw failure ?? SinkEnvironment.cancelled
    }

    private func threadsEnded(
        by deadline: ContinuousClock.Instant?, unlessFailed: Bool
    ) -> Bool {
        monitor.wait(as: .control) { state -> Monitor<Handoff>.Turn<Bool> in
            if state.runningThreads == 0 { return .ready(true, waking: []) }
            if unlessFailed, state.failure != nil { return .ready(false, waking: []) }
            if let deadline, ContinuousClock.now >= deadline { return .ready(false, waking: []) }
            return .wait(until: deadline)
        }
    }

    /// A lease that no thread releases; the next instance waits one lease time when that fails.
    private func releaseUnused(_ epoch: Int64) {
        do throws(SinkError) {
            try detached("sdl-release", within: Self.patience) { [environment] in
                try Lease(settings: environment.settings).release(
                    MongoLink(environment), epoch: epoch, now: environment.now)
            }
        } catch {
            environment.notice(
                .cleanUpFailed(operation: "release of the lease", reason: "\(error)"))
        }
    }
}
