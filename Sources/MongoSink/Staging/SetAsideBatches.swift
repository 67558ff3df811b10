internal import BinlogProtocol

/// Staged batches that somebody gave another status than the sink knows, for instance `archived`.
///
/// What the position covers is stored, whatever stands in staging. What it does not cover was put out of the sink's sight
/// before it was stored: that must not go on unseen.
struct SetAsideBatches {
    let environment: SinkEnvironment
    let covered: GTIDSet

    init(_ environment: SinkEnvironment, covered: GTIDSet) {
        self.environment = environment
        self.covered = covered
    }

    /// - Throws: ``SinkError`` with code `integrity` that names the first batch with transactions that are not stored.
    func check(_ link: MongoLink) throws {
        let settings = environment.settings
        let found = try link.perform("reading staging") {
            try StagingCollection(settings: settings).setAside($0)
        }
        for document in found {
            let reason: String
            do {
                let header = try StagedBatch.Header(document, stream: settings.streamName)
                let set = try GTIDSet(parsing: header.chunk?.gtid ?? header.next)
                let missing = set.subtracting(covered)
                if missing.isEmpty { continue }
                let text = "\(missing)"
                reason =
                    "its transactions \(text.count > 200 ? "\(text.prefix(200))…" : text) are not stored"
            } catch let flaw as StagedBatchFlaw {
                reason = "\(flaw), so that nobody can say whether it is stored"
            } catch let error as DecodingError {
                reason = "it cannot be read, so that nobody can say whether it is stored: \(error)"
            }
            throw SinkError(
                .integrity,
                "the staged batch \(try document.string("_id") ?? "without an _id") in"
                    + " \(settings.database).\(settings.stagingCollection) was set aside by hand, and \(reason): set its"
                    + " status to pending and start again; it is then stored, or read again from the source"
            )
        }
    }
}
