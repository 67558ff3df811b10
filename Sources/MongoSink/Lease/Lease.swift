internal import BinlogProtocol

/// The right to write, held in the offset document and checked inside every commit.
///
///     lease: { owner: "host/pid" | null, epoch, expiresAt, token, space }
///
/// The epoch rises with each holder, so that a paused writer that wakes up cannot commit. Clocks are never
/// compared: a foreign lease is free when it does not change for one lease time of our own clock.
/// `token` is new with each holder, who recognises by it a lease that it took without having seen the answer, and one that
/// another holder took after the document was deleted, where epochs are counted again. `space` says where the process id of
/// `owner` means something.
struct Lease {
    let settings: SinkSettings
    private var token: String { settings.leaseToken }

    /// How often a lease is given back before the next instance has to wait for its end.
    private static let releasesMax = 3

    /// What the offset document says about its lease.
    struct Contents: Sendable, Equatable {
        /// Nil when it was released.
        let owner: String?
        let epoch: Int64
        /// Changes with every renewal; nil when someone took it out.
        let expiresAt: Int64?
        let token: String?
        let space: String?

        init?(_ document: BSONDocument) throws {
            guard let element = try document.element("lease"), element.type != .null else {
                return nil
            }
            guard let lease = try element.document else {
                throw DecodingError(.invalid("lease, which is no document"), at: element.start)
            }
            guard let epoch = try lease.integer("epoch"), epoch >= 0, epoch < .max else {
                throw DecodingError(.invalid("epoch of the lease"), at: lease.range.lowerBound)
            }
            let owner = try lease.string("owner")
            self.owner = owner.flatMap { $0.isEmpty ? nil : $0 }
            self.epoch = epoch
            // Nobody could take a lease by comparing with what is no date.
            let expiresAt = try lease.element("expiresAt")
            if let expiresAt, expiresAt.type != .null, expiresAt.utcDateTime == nil {
                throw DecodingError(
                    .invalid("expiresAt of the lease, which is no date"), at: expiresAt.start)
            }
            self.expiresAt = expiresAt?.utcDateTime
            self.token = try lease.string("token")
            self.space = try lease.string("space")
        }
    }

    /// What one look at the lease found.
    enum Attempt {
        /// It is ours with this epoch; `from` is who held it before and did not release it.
        case taken(epoch: Int64, from: String?)
        /// Someone holds it.
        case held(Contents)
        /// Someone else was faster; look again.
        case lost
    }

    /// Takes the lease when nobody holds it, its owner is dead, or it equals `stale`: watched for a whole lease time.
    func attempt(
        _ connection: MongoConnection, stale: Contents?, now: Int64
    ) throws -> Attempt {
        let document = try OffsetDocument(settings: settings).read(connection)
        guard let document else { return try create(connection, now: now) }
        let lease = document.lease
        var mayLive = false
        if let lease, lease.owner != nil {
            // The attempt before succeeded, and its answer was lost.
            if !token.isEmpty, lease.token == token { return .taken(epoch: lease.epoch, from: nil) }
            mayLive = !isOfDeadProcess(lease)
            if lease != stale, mayLive { return .held(lease) }
        }
        let epoch = (lease?.epoch ?? 0) + 1
        let filter = BSONWriter.document { filter in
            filter.append("_id", string: settings.streamName)
            if let lease {
                filter.append("lease.epoch", int64: lease.epoch)
                if let expiresAt = lease.expiresAt {
                    filter.append("lease.expiresAt", utcDateTime: expiresAt)
                } else {
                    filter.appendNull("lease.expiresAt")
                }
            } else {
                // Not there, or null.
                filter.appendNull("lease")
            }
        }
        let update = BSONWriter.document {
            $0.append("$set") { append(epoch: epoch, now: now, to: &$0) }
        }
        let matched =
            mayLive
            ? try takeFromTheLiving(connection, filter: filter, update: update)
            : try connection.update(
                settings.offsetsCollection, filter: filter, update: update, inTransaction: false)
        return matched == 1 ? .taken(epoch: epoch, from: lease?.owner) : .lost
    }

    /// Takes a lease that nobody renewed for a lease time, unless its owner is just storing something.
    ///
    /// Inside a transaction a write does not wait for that of another one, it fails: who has one open on the position lives.
    private func takeFromTheLiving(
        _ connection: MongoConnection, filter: [UInt8], update: [UInt8]
    ) throws(MongoError) -> Int64 {
        try connection.startTransaction()
        let matched: Int64
        do throws(MongoError) {
            matched = try connection.update(
                settings.offsetsCollection, filter: filter, update: update, inTransaction: true)
        } catch {
            try connection.abortTransaction()
            throw error
        }
        try connection.commitTransaction()
        return matched
    }

    /// Whether the owner was a process that could be seen here if it still ran.
    private func isOfDeadProcess(_ lease: Contents) -> Bool {
        guard let owner = lease.owner, let space = lease.space, space == ProcessSpace.current else {
            return false
        }
        return LeaseOwner(owner).isDeadProcess(ofHostOf: LeaseOwner(settings.owner))
    }

    private func create(_ connection: MongoConnection, now: Int64) throws -> Attempt {
        var documents = DocumentSequence()
        documents.append(
            BSONWriter.document {
                $0.append("_id", string: settings.streamName)
                append(epoch: 1, now: now, to: &$0)
            })
        do {
            try connection.insert(
                documents, into: settings.offsetsCollection, inTransaction: false)
            return .taken(epoch: 1, from: nil)
        } catch {
            guard error.outcome == .duplicateKey else { throw error }
            return .lost
        }
    }

    private func append(epoch: Int64, now: Int64, to fields: inout BSONWriter) {
        fields.append("lease") {
            $0.append("owner", string: settings.owner)
            $0.append("epoch", int64: epoch)
            $0.append("expiresAt", utcDateTime: now + settings.leaseDuration.milliseconds)
            $0.append("token", string: token)
            if let space = ProcessSpace.current { $0.append("space", string: space) }
        }
    }

    /// Prolongs the lease; false when it is no longer ours.
    func renew(_ connection: MongoConnection, epoch: Int64, now: Int64) throws(MongoError) -> Bool {
        let update = BSONWriter.document {
            $0.append("$set") {
                $0.append(
                    "lease.expiresAt", utcDateTime: now + settings.leaseDuration.milliseconds)
            }
        }
        return try connection.update(
            settings.offsetsCollection, filter: ours(epoch), update: update, inTransaction: false)
            == 1
    }

    /// Gives the lease back, so that the next instance need not wait; false when it is no longer ours.
    func release(_ connection: MongoConnection, epoch: Int64, now: Int64) throws(MongoError) -> Bool
    {
        let update = BSONWriter.document {
            $0.append("$set") {
                $0.appendNull("lease.owner")
                $0.append("lease.expiresAt", utcDateTime: now)
            }
        }
        return try connection.update(
            settings.offsetsCollection, filter: ours(epoch), update: update, inTransaction: false)
            == 1
    }

    /// The same, and again when the line broke or another write was in the way.
    ///
    /// Not for long, and not when no server was found: a stop must not take longer because of it.
    func release(_ link: MongoLink, epoch: Int64, now: Int64) throws {
        var attempt = 1
        while true {
            do {
                _ = try release(try link.connected(), epoch: epoch, now: now)
                return
            } catch let error as MongoError where error.isSoonOver && attempt < Self.releasesMax {
                link.disconnect()
                let wait = link.environment.policy.delay(attempt: attempt, jitter: 1)
                guard link.environment.cancellation.wait(wait) else { throw error }
                attempt += 1
            }
        }
    }

    private func ours(_ epoch: Int64) -> [UInt8] {
        BSONWriter.document {
            $0.append("_id", string: settings.streamName)
            Self.appendOurs(epoch, settings, to: &$0)
        }
    }

    /// The condition that the lease is still the one that we took with this epoch.
    static func appendOurs(_ epoch: Int64, _ settings: SinkSettings, to filter: inout BSONWriter) {
        filter.append("lease.epoch", int64: epoch)
        filter.append("lease.token", string: settings.leaseToken)
    }
}

extension MongoError {
    /// Whether the same command may succeed at once.
    fileprivate var isSoonOver: Bool {
        domain != .serverSelection && (outcome == .disconnected || outcome == .transient)
    }
}
