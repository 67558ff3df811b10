extension OffsetDocument {
    /// Stores the settings that decide what is stored from here on, inside a transaction; false when the position, or the
    /// lease, is another one by now.
    ///
    /// - Parameters:
    ///   - begun: the position with nothing of a large transaction behind it.
    ///   - ledger: the number of the entry that says so.
    func record(
        _ connection: MongoConnection, _ recorded: RecordedSettings, at position: Position,
        to begun: Position, epoch: Int64, ledger: Int64, now: Int64
    ) throws(MongoError) -> Bool {
        let filter = BSONWriter.document {
            $0.append("_id", string: settings.streamName)
            Lease.appendOurs(epoch, settings, to: &$0)
            $0.append("gtid", string: position.gtid)
        }
        let update = BSONWriter.document { update in
            update.append("$set") { fields in
                recorded.append(to: &fields)
                if let partial = begun.partial {
                    fields.append("partial.rows", int64: partial.rows)
                }
                fields.append("ledger", int64: ledger)
                fields.append("updatedAt", utcDateTime: now)
            }
        }
        return try connection.update(
            settings.offsetsCollection, filter: filter, update: update, inTransaction: true) == 1
    }
}
