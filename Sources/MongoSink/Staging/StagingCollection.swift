internal import BinlogProtocol

/// The staged batches of one stream.
struct StagingCollection {
    let settings: SinkSettings

    /// Stores a batch, acknowledged by a majority and journaled; false when its id is taken by another batch.
    ///
    /// One that a lost answer hid is there already, which is success. Another one has our id when the
    /// offset document was deleted or restored, so that epochs are counted again.
    @discardableResult
    func insert(_ batch: StagedBatch, _ connection: MongoConnection, now: Int64) throws -> Bool {
        var documents = DocumentSequence()
        documents.append(batch.encoded(stream: settings.streamName, now: now))
        do {
            try connection.insert(
                documents, into: settings.stagingCollection, inTransaction: false)
            return true
        } catch {
            guard error.outcome == .duplicateKey else { throw error }
        }
        let id = StagedBatch.id(
            stream: settings.streamName, epoch: batch.epoch, sequence: batch.sequence)
        guard let found = try read(id, connection) else {
            throw MongoError.unseen(id, operation: "find staging")
        }
        return try found.string("status") == "pending"
            && found.binary("sha256") == batch.seal(stream: settings.streamName)
    }

    /// Marks a batch as committed and drops its events; false when it is not pending.
    func markCommitted(
        _ id: String, _ connection: MongoConnection, inTransaction: Bool, now: Int64
    ) throws(MongoError) -> Bool {
        let filter = BSONWriter.document {
            $0.append("_id", string: id)
            $0.append("status", string: "pending")
        }
        let (expiry, overflow) = now.addingReportingOverflow(settings.stagingTTL.milliseconds)
        let update = BSONWriter.document {
            $0.append("$set") {
                $0.append("status", string: "committed")
                $0.append("committedAt", utcDateTime: now)
                $0.append("expiresAt", utcDateTime: overflow ? .max : expiry)
            }
            $0.append("$unset") { $0.append("events", string: "") }
        }
        return try connection.update(
            settings.stagingCollection, filter: filter, update: update,
            inTransaction: inTransaction) == 1
    }

    /// Notes on a batch why it could not be committed.
    func noteFailure(
        _ id: String, attempts: Int, reason: String, _ connection: MongoConnection
    ) throws(MongoError) {
        let filter = BSONWriter.document { $0.append("_id", string: id) }
        let update = BSONWriter.document {
            $0.append("$inc") { $0.append("attempts", int64: Int64(attempts)) }
            $0.append("$set") { $0.append("lastError", string: reason) }
        }
        _ = try connection.update(
            settings.stagingCollection, filter: filter, update: update, inTransaction: false)
    }

    /// Deletes the parts of a large transaction that were staged in `epoch` and not committed.
    func deleteChunks(
        of gtid: String, epoch: Int64, _ connection: MongoConnection
    ) throws(MongoError) -> Int64 {
        // The ids of one epoch are those that begin with "<stream>/<epoch>/"; '0' follows '/'.
        let start = "\(settings.streamName)/\(epoch)"
        let filter = BSONWriter.document {
            $0.append("_id") {
                $0.append("$gte", string: start + "/")
                $0.append("$lt", string: start + "0")
            }
            // "a" and "a/1" may both be streams.
            $0.append("stream", string: settings.streamName)
            $0.append("status", string: "pending")
            $0.append("chunk.gtid", string: gtid)
        }
        return try connection.deleteAll(settings.stagingCollection, filter: filter)
    }

    /// The pending batches without their events, whatever order the server has them in.
    func pending(_ connection: MongoConnection) throws(MongoError) -> [BSONDocument] {
        let filter = BSONWriter.document {
            $0.append("stream", string: settings.streamName)
            $0.append("status", string: "pending")
        }
        return try headers(filter, connection)
    }

    private func headers(
        _ filter: [UInt8], _ connection: MongoConnection
    ) throws(MongoError) -> [BSONDocument] {
        let options = BSONWriter.document {
            $0.append("projection") { $0.append("events", int32: 0) }
        }
        let cursor = try connection.find(
            in: settings.stagingCollection, filter: filter, options: options)
        var found: [BSONDocument] = []
        while let document = try cursor.next() { found.append(document) }
        return found
    }

    /// The batches without their events whose status is none of ours.
    func setAside(_ connection: MongoConnection) throws(MongoError) -> [BSONDocument] {
        let filter = BSONWriter.document {
            $0.append("stream", string: settings.streamName)
            $0.append("status") {
                $0.appendArray("$nin") {
                    $0.append(BSONKey(index: 0), string: "committed")
                    $0.append(BSONKey(index: 1), string: "pending")
                }
            }
        }
        return try headers(filter, connection)
    }

    /// One batch with its events; nil when it is gone.
    func read(_ id: String, _ connection: MongoConnection) throws(MongoError) -> BSONDocument? {
        let filter = BSONWriter.document { $0.append("_id", string: id) }
        let options = BSONWriter.document { $0.append("limit", int64: 1) }
        return try connection.find(
            in: settings.stagingCollection, filter: filter, options: options
        ).next()
    }
}
