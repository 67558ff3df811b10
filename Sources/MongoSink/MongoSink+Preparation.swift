public import BinlogProtocol
internal import Foundation

extension MongoSink {
    /// Connects, checks the server, makes collections and indexes; repeats transient failures as the settings say.
    ///
    /// - Throws: ``SinkError``: `notReplicaSet` for a standalone, `authentication`, `configuration` when an existing
    ///   index conflicts, `retriesExhausted`, `cancelled`.
    public func prepare() throws(SinkError) {
        try detached("sdl-prepare") { [environment] in
            let topology = Topology(settings: environment.settings)
            let link = MongoLink(environment)
            let connected = try link.perform("connecting to MongoDB") { connection in
                do {
                    return try topology.check(connection)
                } catch let error as MongoError {
                    if error.domain == .serverSelection { try topology.explainSelectionFailure() }
                    throw error
                }
            }
            environment.notice(connected)
            let schema = Schema(settings: environment.settings)
            let (missing, warnings) = try link.perform("looking at collections and indexes") {
                (try schema.missing($0), try schema.dangerousTTLs($0))
            }
            for warning in warnings { environment.notice(warning) }
            for collection in missing.unseen {
                environment.notice(.indexesUnseen(collection: collection))
            }
            if missing.isEmpty { return }
            // Quickly done, so an answer that does not come is not waited for as long as for a large index.
            try link.perform("making collections and indexes") {
                try schema.createCollections(missing, $0)
            }
            if missing.indexes.isEmpty { return }
            try MongoLink(environment, isPatient: true).perform("making indexes") {
                try schema.createIndexes(missing, $0)
            }
        }
    }

    /// Takes the lease of the stream; waits one lease time for an owner that may be dead.
    ///
    /// - Throws: ``SinkError`` with code `leaseHeld` when its owner renews it and the settings do not say standby.
    public func acquireLease() throws(SinkError) {
        let (epoch, owner) = try detached("sdl-acquire") { [self] in try takeLease() }
        if let owner { environment.notice(.leaseTakenOver(owner: owner, epoch: epoch)) }
        enter(.leased(epoch: epoch))
        keepLease(epoch)
    }

    /// Looks at the lease again and again until it is ours.
    private func takeLease() throws -> (epoch: Int64, from: String?) {
        let link = MongoLink(environment)
        let lease = Lease(settings: environment.settings)
        let settings = environment.settings
        var watch = LeaseWatch(
            duration: settings.leaseDuration, retryDelayMax: settings.retryMaxDelay)
        while true {
            var begin = ContinuousClock.now
            var looks = 0
            let attempt = try link.perform("taking the lease") { connection in
                begin = .now
                looks += 1
                let stale = looks == 1 ? watch.stale(at: begin) : nil
                return try lease.attempt(connection, stale: stale, now: environment.now)
            }
            switch attempt {
            case .taken(let epoch, let owner):
                return (epoch, owner)
            case .lost:
                break
            case .held(let contents):
                if watch.contents == nil {
                    environment.notice(.waitingForLease(owner: contents.owner ?? ""))
                }
                let isRenewed = watch.see(contents, wasAway: looks > 1, from: begin, to: .now)
                if isRenewed, !environment.settings.standby { throw held(contents) }
            }
            let pause = min(environment.settings.leaseDuration / 10, .seconds(1))
            guard environment.cancellation.wait(pause) else { throw SinkEnvironment.cancelled }
        }
    }

    private func held(_ lease: Lease.Contents) -> SinkError {
        SinkError(
            .leaseHeld,
            "\(lease.owner ?? "another instance") holds the lease of"
                + " \(environment.settings.streamName) and renews it: stop that instance, or start this"
                + " one with --standby to wait for it")
    }

    /// Reads the position and settles what an earlier run left in staging.
    ///
    /// - Returns: the position after recovery; nil when none was ever stored, which ``storeStart(_:file:position:server:)``
    ///   then does.
    /// - Throws: ``SinkError``; a failed read is never taken for a first run.
    public func recover() throws(SinkError) -> StoredOffset? {
        let epoch = try leasedEpoch()
        let recovered = try detached("sdl-recover") { [self] in try settle(epoch) }
        guard let (start, stored) = recovered else { return nil }
        enter(.ready(start))
        return stored
    }

    private func settle(_ epoch: Int64) throws -> (Start, StoredOffset)? {
        let link = MongoLink(environment)
        let contents = try read(link, epoch: epoch)
        guard let position = contents.position, let offset = contents.offset else {
            try Recovery.keepAll(link)
            return nil
        }
        let tip = try PositionCheck(environment, epoch: epoch, contents, position: position)
            .run(link)
        let committer = Committer(link, epoch: epoch, tip: tip)
        var recovery = Recovery(
            committer, position: position, executed: offset.gtid, settings: contents.settings)
        try recovery.run()
        let after = try read(link, epoch: epoch)
        guard let settled = after.position, let stored = after.offset else {
            throw committer.fenced(after.lease?.owner)
        }
        let (end, begun) = try SettingsCheck(environment, epoch: epoch, position: settled)
            .run(link, stored: after.settings, tip: committer.tip)
        let start = Start(epoch: epoch, tip: end, position: begun, executed: stored.gtid)
        return (start, stored)
    }

    private func read(_ link: MongoLink, epoch: Int64) throws -> OffsetDocument.Contents {
        let contents = try link.perform("reading the position") {
            try OffsetDocument(settings: environment.settings).read($0)
        }
        guard let contents, contents.isOurs(epoch, environment.settings) else {
            throw Committer(link, epoch: epoch, tip: LedgerTip()).fenced(contents?.lease?.owner)
        }
        return contents
    }

    /// Stores the position of a first run, with a ledger entry, before anything is streamed.
    ///
    /// - Throws: ``SinkError`` with code `offsetMismatch` when a position is stored already.
    public func storeStart(
        _ gtid: GTIDSet, file: String, position: UInt64, server: SourceIdentity
    ) throws(SinkError) {
        let epoch = try leasedEpoch()
        let start = try detached("sdl-start") { [environment] in
            let start = FirstStart(
                environment: environment, epoch: epoch,
                position: Position(gtid: gtid.description, partial: nil),
                coordinates: BinlogCoordinates(file: file, position: position), server: server)
            let tip = try start.store(MongoLink(environment))
            return Start(epoch: epoch, tip: tip, position: start.position, executed: gtid)
        }
        enter(.ready(start))
    }

    /// Stores which server the stream comes from now.
    ///
    /// - Throws: ``SinkError`` with code `fenced` when the lease is lost.
    public func storeServer(_ server: SourceIdentity) throws(SinkError) {
        let epoch = try leasedEpoch()
        try detached("sdl-server") { [environment] in
            let link = MongoLink(environment)
            let stored = try link.perform("storing the source's identity") {
                try OffsetDocument(settings: environment.settings).setServer(
                    $0, server, epoch: epoch)
            }
            guard stored else {
                throw Committer(link, epoch: epoch, tip: LedgerTip()).fenced(nil)
            }
        }
    }

    /// Makes sure that the lease is still ours, and prolongs it; waits while MongoDB is away.
    ///
    /// To be called before a source is asked for its log: a server ends the connection of the instance that it knows under
    /// the same name, and that one may have taken the lease while this one slept.
    /// - Throws: ``SinkError`` with code `fenced` when the lease is lost, or the failure that ended the sink.
    public func confirmLease() throws(SinkError) {
        if let failure { throw failure }
        let epoch = try leasedEpoch()
        try detached("sdl-confirm") { [environment] in
            let link = MongoLink(environment)
            let renewed = try link.perform("renewal of the lease") {
                try Lease(settings: environment.settings).renew(
                    $0, epoch: epoch, now: environment.now)
            }
            guard renewed else {
                throw Committer(link, epoch: epoch, tip: LedgerTip()).fenced(nil)
            }
        }
    }

    /// Walks the ledger of the stream from its first entry.
    ///
    /// - Throws: ``SinkError`` with code `integrity` naming the first entry that does not continue the one before.
    package func verifyLedger() throws(SinkError) -> LedgerChain {
        try wrapping {
            let ledger = LedgerCollection(settings: environment.settings)
            do {
                return try MongoLink(environment).perform("reading the ledger") {
                    try ledger.verify($0)
                }
            } catch let flaw as LedgerChain.Flaw {
                throw SinkError(
                    .integrity,
                    "the ledger \(environment.settings.ledgerCollection) of"
                        + " \(environment.settings.streamName) is not whole: \(flaw)")
            }
        }
    }

    private func leasedEpoch() throws(SinkError) -> Int64 {
        switch currentStage() {
        case .leased(let epoch): return epoch
        case .ready(let start): return start.epoch
        case .started(let epoch): return epoch
        case .new, .finished:
            throw SinkError(.permanent, "the sink does not hold the lease at this point")
        }
    }

    private func wrapping<T>(_ body: () throws -> T) throws(SinkError) -> T {
        do {
            return try body()
        } catch {
            throw SinkError(wrapping: error)
        }
    }
}

extension SinkError {
    /// Any error of the parts of the sink as the one that leaves it.
    init(wrapping error: any Error) {
        switch error {
        case let error as SinkError:
            self = error
        case let error as UnusablePart:
            self = error.failure
        case let error as DecodingError:
            self.init(
                .integrity,
                "MongoDB gave a document that is not as the sink writes it: look at the"
                    + " collections of the sink for foreign documents", detail: error.description)
        default:
            self.init(.permanent, "the sink failed", detail: "\(error)")
        }
    }
}
