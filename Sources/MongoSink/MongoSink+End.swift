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
        keepLease(nil)
        switch enter(.finished) {
        case .leased(let epoch): releaseUnused(epoch)
        case .ready(let start): releaseUnused(start.epoch)
        case .new, .started, .finished: break
        }
        let deadline = limit.map { ContinuousClock.now + $0 }
        let ended = monitor.wait(as: .control) { state -> Monitor<Handoff>.Turn<Bool> in
            let isFirst = !state.isFinishing
            state.isFinishing = true
            if state.runningThreads == 0 { return .ready(true, waking: []) }
            if isFirst { return .ready(false, waking: .all) }
            return .ready(false, waking: [])
        }
        if !ended { try join(until: deadline) }
        if let failure { throw failure }
    }

    private func join(until deadline: ContinuousClock.Instant?) throws(SinkError) {
        func wait(until deadline: ContinuousClock.Instant?) -> Bool {
            monitor.wait(as: .control) { state -> Monitor<Handoff>.Turn<Bool> in
                if state.runningThreads == 0 { return .ready(true, waking: []) }
                if let deadline, ContinuousClock.now >= deadline {
                    return .ready(false, waking: [])
                }
                return .wait(until: deadline)
            }
        }
        if wait(until: deadline) { return }
        cancel()
        // A call that waits for the network ends by its own timeout; the process need not wait for that.
        if !wait(until: .now + .seconds(2)) { throw SinkEnvironment.cancelled }
    }
}
