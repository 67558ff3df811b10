/// Renews the lease while there is no committer thread that does: during recovery, and while the source is away.
final class LeaseKeeper: Sendable {
    private let environment: SinkEnvironment
    private let epoch: Int64
    private let ended = SinkCancellation()

    init(_ environment: SinkEnvironment, epoch: Int64) {
        self.environment = environment
        self.epoch = epoch
    }

    /// Ends ``run()`` soon; a renewal that is under way does no harm.
    func end() {
        ended.cancel()
    }

    /// Renews until the end.
    ///
    /// - Throws: ``SinkError`` with code `fenced` when another instance took the lease.
    func run() throws {
        let link = MongoLink(environment)
        let lease = Lease(settings: environment.settings)
        while ended.wait(environment.settings.leaseDuration / 3) {
            let renewed = try link.perform("renewal of the lease") { connection in
                guard !ended.isCancelled else { return true }
                return try lease.renew(connection, epoch: epoch, now: environment.now)
            }
            guard renewed || ended.isCancelled else {
                throw Committer(link, epoch: epoch, tip: LedgerTip()).fenced(nil)
            }
        }
    }
}
