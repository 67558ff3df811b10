internal import BinlogProtocol

/// Reads and writes the offset document, whose `_id` is the stream's name.
///
///     { _id, gtid, file, pos, last: { gtid, time, previous }, partial: { gtid, rows }, ledger, settings: { … },
///       server: { uuid, id, version, flavor }, lastEventTs, events, transactions,
///       lease: { owner, epoch, expiresAt }, updatedAt }
///
/// `ledger` is the sequence number of the ledger's entry that was written with the position.
struct OffsetDocument {
    let settings: SinkSettings

    /// What stands in MongoDB.
    struct Contents: Sendable {
        /// Nil before the first start was stored.
        var position: Position?
        /// Whether the sink stored the position: it counts transactions, which a position made by hand does not.
        var isCounted = false
        /// The number of the ledger's entry that was written with the position; nil when the document does not say.
        var ledger: Int64?
        /// The settings that decided what was stored; nil when the document does not say.
        var settings: RecordedSettings?
        var offset: StoredOffset?
        var lease: Lease.Contents?

        /// Whether the lease is still the one that we took with this epoch.
        func isOurs(_ epoch: Int64, _ settings: SinkSettings) -> Bool {
            lease?.epoch == epoch && lease?.token == settings.leaseToken
        }
    }

    /// Reads the document from the primary with majority; nil only when there is none.
    func read(_ connection: MongoConnection, inTransaction: Bool = false) throws -> Contents? {
        let filter = BSONWriter.document { $0.append("_id", string: settings.streamName) }
        let options = BSONWriter.document { $0.append("limit", int64: 1) }
        let cursor = try connection.find(
            in: settings.offsetsCollection, filter: filter, options: options,
            inTransaction: inTransaction)
        guard let found = try cursor.next() else { return nil }
        do {
            return try contents(found)
        } catch let error as DecodingError {
            throw unusable("it cannot be read: \(error)")
        }
    }

    /// Moves the position and prolongs the lease inside a transaction; false when the compare-and-set lost.
    ///
    /// A position alone does not tell before from after: a part that is stored once more need not move it.
    /// - Parameter ledger: the number of the entry that says so.
    func move(
        _ connection: MongoConnection, unit: CommitUnit, epoch: Int64, ledger: Int64, now: Int64
    ) throws(MongoError) -> Bool {
        let filter = BSONWriter.document { filter in
            filter.append("_id", string: settings.streamName)
            Lease.appendOurs(epoch, settings, to: &filter)
            filter.append("gtid", string: unit.before.gtid)
            if let partial = unit.before.partial {
                filter.append("partial.gtid", string: partial.gtid)
                filter.append("partial.rows", int64: partial.rows)
            } else {
                // Not there, or null.
                filter.appendNull("partial")
            }
            filter.append("ledger") {
                $0.appendArray("$in") { numbers in
                    numbers.append(BSONKey(index: 0), int64: ledger - 1)
                    // Not there, or null.
                    numbers.appendNull(BSONKey(index: 1))
                }
            }
        }
        let update = BSONWriter.document { update in
            update.append("$set") { fields in
                fields.append("gtid", string: unit.after.gtid)
                if !unit.coordinates.file.isEmpty {
                    fields.append("file", string: unit.coordinates.file)
                    fields.append("pos", int64: Int64(clamping: unit.coordinates.position))
                }
                if let partial = unit.after.partial {
                    fields.append("partial") {
                        $0.append("gtid", string: partial.gtid)
                        $0.append("rows", int64: partial.rows)
                    }
                }
                if unit.after.partial == nil { unit.coordinates.last?.append(to: &fields) }
                fields.append("ledger", int64: ledger)
                if let times = unit.times {
                    fields.append("lastEventTs", utcDateTime: times.upperBound)
                }
                fields.append(
                    "lease.expiresAt", utcDateTime: now + settings.leaseDuration.milliseconds)
                fields.append("updatedAt", utcDateTime: now)
            }
            update.append("$inc") {
                $0.append("events", int64: Int64(unit.documents.count))
                $0.append("transactions", int64: unit.transactions)
            }
            if unit.after.partial == nil {
                update.append("$unset") {
                    $0.append("partial", string: "")
                    if unit.coordinates.last == nil { $0.append("last", string: "") }
                }
            }
        }
        return try connection.update(
            settings.offsetsCollection, filter: filter, update: update, inTransaction: true) == 1
    }

    /// Takes documents out of the count that ``move(_:unit:epoch:now:)`` put in: they were stored before.
    func discount(_ connection: MongoConnection, events: Int) throws(MongoError) {
        let filter = BSONWriter.document { $0.append("_id", string: settings.streamName) }
        let update = BSONWriter.document {
            $0.append("$inc") { $0.append("events", int64: -Int64(events)) }
        }
        _ = try connection.update(
            settings.offsetsCollection, filter: filter, update: update, inTransaction: true)
    }

    /// Accepts a position that was set by hand, inside a transaction; false when it, or the lease, is another one by now.
    ///
    /// - Parameters:
    ///   - ledger: the number of the entry that says so.
    ///   - events: how many documents say so.
    func accept(
        _ connection: MongoConnection, _ position: Position, epoch: Int64, ledger: Int64,
        events: Int, now: Int64
    ) throws(MongoError) -> Bool {
        let filter = BSONWriter.document {
            $0.append("_id", string: settings.streamName)
            Lease.appendOurs(epoch, settings, to: &$0)
            $0.append("gtid", string: position.gtid)
        }
        let update = BSONWriter.document { update in
            update.append("$set") {
                $0.append("ledger", int64: ledger)
                $0.append("updatedAt", utcDateTime: now)
            }
            update.append("$inc") { $0.append("events", int64: Int64(events)) }
            // The source shall not be recognised by what lies behind or before another position.
            update.append("$unset") { $0.append("last", string: "") }
        }
        return try connection.update(
            settings.offsetsCollection, filter: filter, update: update, inTransaction: true) == 1
    }

    /// Stores the first position in a document that has a lease and no position; false when it has one.
    func setStart(
        _ connection: MongoConnection, _ position: Position, _ coordinates: BinlogCoordinates,
        server: SourceIdentity, epoch: Int64, ledger: Int64, events: Int, now: Int64
    ) throws(MongoError) -> Bool {
        let filter = BSONWriter.document {
            $0.append("_id", string: settings.streamName)
            Lease.appendOurs(epoch, settings, to: &$0)
            $0.append("gtid") { $0.append("$exists", bool: false) }
        }
        let update = BSONWriter.document { update in
            update.append("$set") { fields in
                fields.append("gtid", string: position.gtid)
                fields.append("file", string: coordinates.file)
                fields.append("pos", int64: Int64(clamping: coordinates.position))
                append(server, to: &fields)
                settings.recorded.append(to: &fields)
                fields.append("ledger", int64: ledger)
                fields.append("events", int64: Int64(events))
                fields.append("transactions", int64: 0)
                fields.append("updatedAt", utcDateTime: now)
            }
            update.append("$unset") {
                $0.append("last", string: "")
                $0.append("partial", string: "")
            }
        }
        return try connection.update(
            settings.offsetsCollection, filter: filter, update: update, inTransaction: true) == 1
    }

    /// Stores which server the stream comes from now; false when the lease is lost.
    func setServer(
        _ connection: MongoConnection, _ server: SourceIdentity, epoch: Int64
    ) throws(MongoError) -> Bool {
        let filter = BSONWriter.document {
            $0.append("_id", string: settings.streamName)
            Lease.appendOurs(epoch, settings, to: &$0)
        }
        let update = BSONWriter.document {
            $0.append("$set") { append(server, to: &$0) }
        }
        return try connection.update(
            settings.offsetsCollection, filter: filter, update: update, inTransaction: false) == 1
    }

    private func append(_ server: SourceIdentity, to fields: inout BSONWriter) {
        fields.append("server") {
            $0.append("uuid", string: server.uuid)
            if let id = server.serverID { $0.append("id", int64: Int64(id)) }
            $0.append("version", string: server.version)
            $0.append("flavor", string: server.flavor)
        }
    }

    private func contents(_ document: BSONDocument) throws -> Contents {
        let lease = try Lease.Contents(document)
        guard let gtid = try document.element("gtid") else {
            return Contents(lease: lease)
        }
        guard let text = gtid.string else { throw unusable("gtid is not a string") }
        var partial: StoredOffset.Partial?
        if let inner = try document.document("partial") {
            guard let gtid = try inner.string("gtid"), let rows = try inner.integer("rows") else {
                throw unusable("partial has no gtid or rows")
            }
            partial = StoredOffset.Partial(gtid: gtid, rows: rows)
        }
        let ledger = try document.element("ledger")
        if let ledger, ledger.type != .null, ledger.integer == nil {
            throw unusable("ledger is not a whole number")
        }
        let set: GTIDSet
        do {
            set = try GTIDSet(parsing: text)
        } catch {
            throw unusable("gtid is not a GTID set: \(error)")
        }
        var server: SourceIdentity?
        if let inner = try document.document("server") {
            server = SourceIdentity(
                uuid: try inner.string("uuid") ?? "", version: try inner.string("version") ?? "",
                flavor: try inner.string("flavor") ?? "",
                serverID: try inner.integer("id").flatMap { UInt32(exactly: $0) })
        }
        let offset = StoredOffset(
            gtid: set, file: try document.string("file") ?? "",
            position: UInt64(clamping: try document.integer("pos") ?? 0), partial: partial,
            server: server, last: try LastTransaction(in: document),
            events: try document.integer("events") ?? 0,
            transactions: try document.integer("transactions") ?? 0,
            lastEventTime: try document.utcDateTime("lastEventTs"))
        return Contents(
            position: Position(gtid: text, partial: partial),
            isCounted: try document.element("transactions") != nil,
            ledger: ledger?.integer, settings: try RecordedSettings(in: document),
            offset: offset, lease: lease)
    }

    private func unusable(_ reason: String) -> SinkError {
        SinkError(
            .integrity,
            "the stored position \(settings.streamName) in \(settings.database)."
                + "\(settings.offsetsCollection) cannot be used: \(reason); correct it, or delete it"
                + " to start afresh")
    }
}
