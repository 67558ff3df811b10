/// Watches a lease of another instance until it is known to be dead: a value without a clock of its own.
///
/// Who does not renew its lease for a whole lease time is dead, if MongoDB was there all that time: while it is away nobody can
/// renew anything. The same holds for the time when we stood still ourselves: the machine may be the same.
struct LeaseWatch {
    /// The lease time.
    let duration: Duration
    /// How long the owner may wait, once MongoDB is back, until it tries again.
    let retryDelayMax: Duration
    /// What was seen; nil before the first look.
    private(set) var contents: Lease.Contents?
    private var since: ContinuousClock.Instant?
    private var lastLook: ContinuousClock.Instant?

    init(duration: Duration, retryDelayMax: Duration) {
        self.duration = duration
        self.retryDelayMax = retryDelayMax
    }

    /// The lease, when it did not change for a whole lease time.
    func stale(at now: ContinuousClock.Instant) -> Lease.Contents? {
        guard let since, now - since >= duration, !stoodStill(at: now) else { return nil }
        return contents
    }

    /// Whether far more time than between two looks went by since the last one.
    private func stoodStill(at now: ContinuousClock.Instant) -> Bool {
        lastLook.map { now - $0 >= duration / 2 } ?? false
    }

    /// Notes what a look found.
    ///
    /// - Parameters:
    ///   - wasAway: whether MongoDB failed meanwhile.
    ///   - begin: when the look began.
    /// - Returns: whether the lease was renewed, or another instance took it, since the look before.
    mutating func see(
        _ found: Lease.Contents, wasAway: Bool, from begin: ContinuousClock.Instant,
        to now: ContinuousClock.Instant
    ) -> Bool {
        let isOther = contents != nil && contents != found
        if contents != found { since = now }
        if wasAway || now - begin >= duration / 2 || stoodStill(at: begin) {
            since = now + retryDelayMax
        }
        contents = found
        lastLook = now
        return isOther
    }
}
