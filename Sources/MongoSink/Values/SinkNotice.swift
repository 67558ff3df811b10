/// Something that an operator wants to know and that does not stop the sink.
public enum SinkNotice: Sendable, Equatable {
    /// The server answered: its version and the replica set's name, empty behind `mongos`.
    case connected(version: String, setName: String)
    /// An attempt failed and is repeated after the wait.
    case retrying(operation: String, attempt: Int, after: Duration, reason: String)
    /// A TTL index deletes staged batches by a field that pending ones have.
    case dangerousTTL(collection: String, index: String, field: String)
    /// The user may not list the indexes of a collection, so none are made there.
    case indexesUnseen(collection: String)
    /// Another instance holds the lease; its owner is named.
    case waitingForLease(owner: String)
    /// The lease was taken from an owner that no longer renews it.
    case leaseTakenOver(owner: String, epoch: Int64)
    /// The position is not where the ledger ended: someone changed it, which the ledger says now.
    case positionChanged(from: String, to: String, entry: Int64)
    /// The settings that decide what is stored are not those of before, which the ledger says now.
    case settingsChanged(names: [String], entry: Int64)
    /// This many staged batches are to be settled before streaming.
    case recovering(batches: Int)
    /// A staged batch was applied at start.
    case batchApplied(id: String, events: Int)
    /// A staged batch was already covered by the position.
    case batchCovered(id: String)
    /// A staged batch stays where it is, unapplied.
    case batchKept(id: String, reason: String)
    /// Staged parts of a transaction whose end was not read were deleted; they are read again.
    case chunksDropped(gtid: String, count: Int)
    /// A transaction was too much for the server and is stored in smaller ones.
    case transactionSplit(name: String, documents: Int)
    /// Documents of a batch were stored before; their content is the same.
    case merged(existing: Int, inserted: Int)
    /// Documents are stored already as another row image told them; what both have is the same. Said once.
    case otherImages(documents: Int, id: String)
    /// A committed batch was no longer in staging: someone emptied it.
    case stagingMissing(id: String)
    /// Something that is done on the way out, and does not matter for what is stored, failed.
    case cleanUpFailed(operation: String, reason: String)
}

extension SinkNotice: CustomStringConvertible {
    /// One line for a log.
    public var description: String {
        switch self {
        case .connected(let version, let setName):
            "Connected to MongoDB \(version)" + (setName.isEmpty ? "" : ", replica set \(setName)")
        case .retrying(let operation, let attempt, let after, let reason):
            "\(operation) failed, attempt \(attempt), repeated in \(milliseconds(after))ms: \(reason)"
        case .dangerousTTL(let collection, let index, let field):
            "the TTL index \(index) on \(collection).\(field) deletes batches that are not committed"
                + " yet: drop it with db.\(collection).dropIndex(\"\(index)\")"
        case .indexesUnseen(let collection):
            "the user may not list the indexes of \(collection): run sdl init once as a user with the role"
                + " readWrite, if that was not done"
        case .waitingForLease(let owner):
            "the lease is held by \(owner), waiting"
        case .leaseTakenOver(let owner, let epoch):
            "took the lease over from \(owner), epoch \(epoch)"
        case .positionChanged(let from, let to, let entry):
            "the position was changed by hand from \(short(from)) to \(short(to)): noted in entry"
                + " \(entry) of the ledger"
        case .settingsChanged(let names, let entry):
            "what is stored is decided by other settings than before (\(names.joined(separator: ", "))):"
                + " noted in entry \(entry) of the ledger"
        case .recovering(let batches):
            "Recovering \(batches) pending batches"
        case .batchApplied(let id, let events):
            "pending batch \(id) applied, \(events) events"
        case .batchCovered(let id):
            "pending batch \(id) was already committed"
        case .batchKept(let id, let reason):
            "pending batch \(id) is kept and not applied: \(reason)"
        case .chunksDropped(let gtid, let count):
            "\(count) staged parts of transaction \(gtid) without an end were dropped,"
                + " it is read again"
        case .transactionSplit(let name, let documents):
            "\(name): \(documents) documents were too much for one transaction of MongoDB, which is slow;"
                + " they are stored in smaller ones"
        case .otherImages(let documents, let id):
            "\(documents) documents, \(id) the first, are stored with other columns than the source sends"
                + " now: it logs another row image (binlog_row_image); what both have is the same, and what is"
                + " stored stays"
        case .merged(let existing, let inserted):
            "\(existing) documents were already stored with the same content,"
                + " \(inserted) were missing and are stored now"
        case .stagingMissing(let id):
            "the committed batch \(id) was no longer pending in staging: nothing is lost, but do not"
                + " change the staging collection by hand"
        case .cleanUpFailed(let operation, let reason):
            "\(operation) failed on the way out: \(reason)"
        }
    }

    private func short(_ set: String) -> String {
        set.isEmpty ? "nothing" : set.count > 200 ? "\(set.prefix(200))…" : set
    }

    private func milliseconds(_ wait: Duration) -> Int64 {
        wait.components.seconds * 1000 + wait.components.attoseconds / 1_000_000_000_000_000
    }
}
