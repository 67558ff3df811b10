internal import BinlogProtocol

/// A batch, or one part of a large transaction, as it stands in the staging collection.
///
///     { _id: "<stream>/<epoch>/<seq>", stream, seq, format: 1, status, createdAt, prev, next, eventCount, bytes,
///       settings, sha256, events: [ … ], chunk: { gtid, n, last, rows, xid }, source: { file, pos, transactions, last, firstTs,
///       lastTs }, attempts, lastError, committedAt, expiresAt }
///
/// `sha256` seals everything that decides what a start does with the batch. `settings` is the SHA-256 of the settings that decided
/// what is in it; absent when none were given, and in batches of before they were staged. `events` goes when the batch is committed. `chunk.rows` counts the transaction's documents before this
/// part; `chunk.xid` stands in the last part: absent when the documents are finished, null when the transaction
/// did not end in an XID event; `chunk.prepared` is true when it is an XA transaction that was only prepared. `chunk.undone`, only there too, holds the first and last number of each range of changes
/// that were rolled back.
struct StagedBatch: Sendable {
    static let format: Int64 = 1

    /// Which part of a large transaction this is.
    struct Chunk: Sendable, Equatable {
        var gtid: String
        /// Counted from 1.
        var number: Int64
        var isLast: Bool
        /// The transaction's documents in the parts before.
        var rowsBefore: Int64
        /// How the transaction ended; only in the last part.
        var end: PlaceholderXID.End?
    }

    var epoch: Int64
    var sequence: Int64
    var previous: String
    var next: String
    var documents: DocumentSequence
    var digest: [UInt8]
    var chunk: Chunk?
    var transactions: Int64
    var times: ClosedRange<Int64>?
    var coordinates: BinlogCoordinates
    /// ``RecordedSettings/digest`` of the settings that decided what the documents hold.
    var settings: [UInt8]?

    static func id(stream: String, epoch: Int64, sequence: Int64) -> String {
        "\(stream)/\(epoch)/\(sequence)"
    }

    func encoded(stream: String, now: Int64) -> [UInt8] {
        // The keys of the array take up to seven bytes each.
        var writer = BSONWriter(capacity: documents.byteCount + documents.count * 8 + 2048)
        let mark = writer.beginDocument()
        let id = Self.id(stream: stream, epoch: epoch, sequence: sequence)
        writer.append("_id", string: id)
        writer.append("stream", string: stream)
        writer.append("seq", int64: sequence)
        writer.append("format", int32: Int32(Self.format))
        writer.append("status", string: "pending")
        writer.append("createdAt", utcDateTime: now)
        writer.append("prev", string: previous)
        writer.append("next", string: next)
        writer.append("eventCount", int64: Int64(documents.count))
        writer.append("bytes", int64: Int64(documents.byteCount))
        if let settings { writer.append("settings", binary: settings) }
        writer.append("sha256", binary: seal(stream: stream))
        writer.appendArray("events") { events in
            for index in 0..<documents.count {
                events.append(
                    BSONKey(index: index), document: documents.bytes[documents.range(index)])
            }
        }
        if let chunk { append(chunk, to: &writer) }
        appendSource(to: &writer)
        writer.append("attempts", int32: 0)
        writer.appendNull("lastError")
        writer.end(mark)
        return writer.bytes
    }

    /// The SHA-256 of the fields that decide what the batch does, followed by that of its documents.
    func seal(stream: String) -> [UInt8] {
        let fields = BSONWriter.document { writer in
            writer.append(
                "_id", string: Self.id(stream: stream, epoch: epoch, sequence: sequence))
            writer.append("prev", string: previous)
            writer.append("next", string: next)
            if let settings { writer.append("settings", binary: settings) }
            if let chunk { append(chunk, to: &writer) }
            appendSource(to: &writer)
        }
        return SHA256.digest(fields[...], digest[...])
    }

    private func appendSource(to writer: inout BSONWriter) {
        writer.append("source") { source in
            source.append("file", string: coordinates.file)
            source.append("pos", int64: Int64(clamping: coordinates.position))
            source.append("transactions", int64: transactions)
            coordinates.last?.append(to: &source)
            if let times {
                source.append("firstTs", utcDateTime: times.lowerBound)
                source.append("lastTs", utcDateTime: times.upperBound)
            }
        }
    }

    private func append(_ chunk: Chunk, to writer: inout BSONWriter) {
        writer.append("chunk") { fields in
            fields.append("gtid", string: chunk.gtid)
            fields.append("n", int64: chunk.number)
            fields.append("last", bool: chunk.isLast)
            fields.append("rows", int64: chunk.rowsBefore)
            if let undone = chunk.end?.undone, !undone.isEmpty {
                fields.appendArray("undone") { numbers in
                    for (index, range) in undone.ranges.enumerated() {
                        numbers.append(BSONKey(index: 2 * index), int64: range.lowerBound)
                        numbers.append(BSONKey(index: 2 * index + 1), int64: range.upperBound)
                    }
                }
            }
            switch chunk.end?.event {
            case .xid(let xid): fields.append("xid", int64: xid)
            case .without: fields.appendNull("xid")
            case .prepared:
                fields.appendNull("xid")
                fields.append("prepared", bool: true)
            case .finished, nil: break
            }
        }
    }
}
