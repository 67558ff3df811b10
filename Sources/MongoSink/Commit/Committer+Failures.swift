extension Committer {
    /// Renews the lease, which nobody else does meanwhile, after an attempt that took long: who waits for it shall not take
    /// a slow writer for a dead one.
    func keepLease(after lasted: Duration) throws {
        guard lasted >= settings.leaseDuration / 3 else { return }
        let renewed = try link.perform("renewal of the lease") {
            try Lease(settings: settings).renew($0, epoch: epoch, now: environment.now)
        }
        guard renewed else { throw fenced(nil) }
    }

    func fenced(_ owner: String?) -> SinkError {
        SinkError(
            .fenced,
            "\(owner ?? "someone") took the lease of \(settings.streamName) from this instance (epoch"
                + " \(epoch)), which stops: run one instance, or a second one with --standby")
    }

    func hopeless(_ error: MongoError, _ unit: CommitUnit, _ attempts: Int) -> SinkError {
        SinkError(
            .permanent,
            "MongoDB at \(Redaction.uri(settings.uri)) ended the transaction with \(unit.name) \(attempts)"
                + " times before it was committed, and it cannot be smaller: find out what makes MongoDB"
                + " slow, or raise its transactionLifetimeLimitSeconds, and start again",
            detail: error.description)
    }

    /// Leaves the reason in staging for `sdl staging list`; the sink ends whether or not that works.
    func note(_ error: SinkError, stagedAs id: String?, _ attempts: Int) {
        guard let id else { return }
        do {
            try StagingCollection(settings: settings).noteFailure(
                id, attempts: attempts, reason: error.description, try link.connected())
        } catch {
            environment.notice(
                .cleanUpFailed(operation: "the note on \(id)", reason: "\(error)"))
        }
    }
}
