internal import BinlogProtocol
internal import MongoSink

/// Brings values that are too large for documents to the sink, in chunks: those of rows that come in pieces as they are
/// read, and those that the encoder moved out of its documents.
final class LargeValueSubmission: LargeValueReceiver {
    private let sink: MongoSink
    private let includes: (_ database: String, _ table: String) -> Bool
    private var gtid: GTID?
    /// How many changes of the transaction were encoded, of any kind; what comes is of one behind them.
    var changeCount: Int64 = 0
    /// The numbers of the open transaction's row changes that have such values.
    private var rows: Set<Int64> = []

    /// The value that is coming; nil when it is not wanted.
    private var blob: String?
    private var number = 0
    private var chunk: [UInt8] = []
    private var digest = SHA256Stream()

    init(sink: MongoSink, includes: @escaping (_ database: String, _ table: String) -> Bool) {
        self.sink = sink
        self.includes = includes
    }

    func beginTransaction(_ gtid: GTID?) {
        self.gtid = gtid
        changeCount = 0
        rows = []
    }

    /// The transaction is over, or comes again.
    func endTransaction() {
        beginTransaction(nil)
    }

    /// Forgets the row changes behind one that have such values; a statement stays, since what it changed may.
    func takeRows(after number: Int64) -> [Int64] {
        let found = rows.filter { $0 > number }.sorted()
        rows.subtract(found)
        return found
    }

    /// Hands over a value that the encoder moved out of the document that it made last.
    func submit(_ value: MovedValue) throws(SinkError) {
        if let row = value.row { rows.insert(row) }
        var number = 0
        var start = value.range.lowerBound
        while start < value.range.upperBound {
            let end = min(start + BlobChunk.bytesMax, value.range.upperBound)
            try sink.submitBlob(
                BlobChunk(
                    blob: value.blob, number: number, bytes: Array(value.storage[start..<end])))
            number += 1
            start = end
        }
    }

    // MARK: Values that come in pieces

    func begin(
        table: TableMap, row: Int, isAfter: Bool, column: Int, byteCount: Int
    ) throws {
        blob = nil
        // Without a transaction it is one that is stored already, which the source shows once more.
        guard let gtid, includes(table.database, table.table) else { return }
        let change = changeCount + Int64(row) + 1
        rows.insert(change)
        blob = "\(gtid)/\(change)/\(isAfter ? "t" : "f")/\(column + 1)"
        number = 0
        digest = SHA256Stream()
        chunk.removeAll(keepingCapacity: true)
        chunk.reserveCapacity(BlobChunk.bytesMax)
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        guard blob != nil else { return }
        digest.update(bytes)
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(BlobChunk.bytesMax - chunk.count)
            chunk.append(contentsOf: part)
            rest = rest.dropFirst(part.count)
            if chunk.count == BlobChunk.bytesMax { try submitChunk() }
        }
    }

    func end() throws -> [UInt8] {
        guard blob != nil else { return [] }
        if !chunk.isEmpty { try submitChunk() }
        blob = nil
        return digest.finish()
    }

    private func submitChunk() throws(SinkError) {
        guard let blob else { return }
        try sink.submitBlob(BlobChunk(blob: blob, number: number, bytes: chunk))
        chunk.removeAll(keepingCapacity: true)
        number += 1
    }
}
