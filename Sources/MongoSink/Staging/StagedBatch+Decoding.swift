internal import BinlogProtocol

/// Why a staged batch cannot be applied.
enum StagedBatchFlaw: Error, Sendable, Equatable {
    case format(Int64)
    case unreadable(String)
    case count(expected: Int64, found: Int)
    case digest
}

extension StagedBatchFlaw: CustomStringConvertible {
    var description: String {
        switch self {
        case .format(let format):
            "its format \(format) is not \(StagedBatch.format), the one this version reads"
        case .unreadable(let what): "it has no usable \(what)"
        case .count(let expected, let found): "it holds \(found) of its \(expected) events"
        case .digest: "it does not have the digest that was stored with it"
        }
    }
}

extension StagedBatch {
    /// What a batch says about itself, without its events.
    struct Header: Sendable {
        let id: String
        let epoch: Int64
        let sequence: Int64
        let format: Int64
        let previous: String
        let next: String
        let eventCount: Int64
        let chunk: Chunk?
        let settings: [UInt8]?

        /// - Throws: ``StagedBatchFlaw`` when the document is not a staged batch of this stream.
        init(_ document: BSONDocument, stream: String) throws {
            guard let id = try document.string("_id") else {
                throw StagedBatchFlaw.unreadable("_id")
            }
            self.id = id
            format = try document.integer("format") ?? 0
            guard format == StagedBatch.format else { throw StagedBatchFlaw.format(format) }
            guard id.hasPrefix(stream + "/") else { throw StagedBatchFlaw.unreadable("_id") }
            let numbers = id.dropFirst(stream.count + 1).split(
                separator: "/", omittingEmptySubsequences: false)
            guard numbers.count == 2, let epoch = Int64(numbers[0]),
                let sequence = Int64(numbers[1])
            else { throw StagedBatchFlaw.unreadable("_id") }
            self.epoch = epoch
            self.sequence = sequence
            guard let previous = try document.string("prev"), let next = try document.string("next")
            else { throw StagedBatchFlaw.unreadable("prev and next") }
            self.previous = previous
            self.next = next
            guard let eventCount = try document.integer("eventCount"), eventCount >= 0 else {
                throw StagedBatchFlaw.unreadable("eventCount")
            }
            self.eventCount = eventCount
            chunk = try document.document("chunk").map(Self.chunk)
            settings = try document.element("settings").map { element in
                guard let digest = element.binary else {
                    throw StagedBatchFlaw.unreadable("settings")
                }
                return Array(digest)
            }
        }

        private static func chunk(_ fields: BSONDocument) throws -> Chunk {
            guard let gtid = try fields.string("gtid"), let number = try fields.integer("n"),
                let isLast = try fields.element("last")?.bool,
                let rows = try fields.integer("rows"), number > 0, rows >= 0
            else { throw StagedBatchFlaw.unreadable("chunk") }
            var end: PlaceholderXID.End?
            if isLast {
                let xid = try fields.element("xid")
                let isPrepared = try fields.element("prepared")?.bool ?? false
                end =
                    xid.map { PlaceholderXID.End(xid: $0.integer, isPrepared: isPrepared) }
                    ?? .finished
                end?.undone = try undone(fields)
            }
            return Chunk(
                gtid: gtid, number: number, isLast: isLast, rowsBefore: rows, end: end)
        }

        private static func undone(_ fields: BSONDocument) throws -> UndoneChanges {
            guard let array = try fields.document("undone") else { return UndoneChanges() }
            var numbers: [Int64] = []
            var cursor = array.elements()
            while let number = try cursor.next() {
                guard let value = number.integer, value > numbers.last ?? 0 || numbers.last == value
                else { throw StagedBatchFlaw.unreadable("chunk.undone") }
                numbers.append(value)
            }
            guard numbers.count.isMultiple(of: 2) else {
                throw StagedBatchFlaw.unreadable("chunk.undone")
            }
            return UndoneChanges(
                stride(from: 0, to: numbers.count, by: 2).map { numbers[$0]...numbers[$0 + 1] })
        }
    }

    /// Reads a whole batch and checks count and digest.
    ///
    /// - Throws: ``StagedBatchFlaw`` or a `DecodingError` when it is not as it was staged.
    init(_ document: BSONDocument, stream: String) throws {
        let header = try Header(document, stream: stream)
        guard let events = try document.document("events") else {
            throw StagedBatchFlaw.unreadable("events")
        }
        var documents = DocumentSequence()
        var cursor = events.elements()
        while let element = try cursor.next() {
            guard element.type == .document else { throw StagedBatchFlaw.unreadable("events") }
            documents.append(element.valueBytes)
        }
        guard documents.count == header.eventCount else {
            throw StagedBatchFlaw.count(expected: header.eventCount, found: documents.count)
        }
        guard let source = try document.document("source"),
            let transactions = try source.integer("transactions"), transactions >= 0
        else { throw StagedBatchFlaw.unreadable("source") }
        var times: ClosedRange<Int64>?
        if let first = try source.utcDateTime("firstTs"),
            let last = try source.utcDateTime("lastTs"), first <= last
        {
            times = first...last
        }
        self.init(
            epoch: header.epoch, sequence: header.sequence, previous: header.previous,
            next: header.next, documents: documents, digest: documents.digest, chunk: header.chunk,
            transactions: transactions, times: times,
            coordinates: BinlogCoordinates(
                file: try source.string("file") ?? "",
                position: UInt64(clamping: try source.integer("pos") ?? 0),
                last: try LastTransaction(in: source)),
            settings: header.settings)
        guard try document.binary("sha256") == seal(stream: stream) else {
            throw StagedBatchFlaw.digest
        }
    }
}
