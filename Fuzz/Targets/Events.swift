import BinlogProtocol
import Foundation
import MongoSink

/// A whole log: the events of the records through the stream of changes, its rows decoded, and all of it to documents.
func fuzzEvents(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let options = input.byte()
    var log = DecodedLog(options)
    for event in EventRecords.events(input.rest()) {
        guard log.feed(event.bytes, offsetMax: event.offsetMax) else { return }
    }
}

/// Feeds a stream of changes and hands each to the encoder, as `sdl run` does.
struct DecodedLog {
    private static let bytesMax = 1 << 20
    private var stream: ChangeStream
    private var encoder: TransactionEncoder

    private let readsInPieces: Bool

    /// - Parameter options: bit 0: whole rows; bit 1: ask for definitions, and get none; bit 2: gaps for what
    ///   cannot be decoded; bit 3: events in pieces, large values apart.
    init(_ options: UInt8) {
        stream = ChangeStream(checksum: .crc32)
        stream.asksForDefinitions = options & 2 != 0
        stream.onUndecodable = options & 4 != 0 ? .gap : .stop
        readsInPieces = options & 8 != 0
        encoder = TransactionEncoder(
            options: DocumentOptions(fullImages: options & 1 != 0), bytesMax: Self.bytesMax,
            documentsMax: 1000)
    }

    /// False when the log ended with an error.
    mutating func feed(_ event: [UInt8], offsetMax: Int?) -> Bool {
        if readsInPieces { return feedInPieces(event, offsetMax: offsetMax) }
        stream.feed(event)
        do throws(BinlogProtocol.DecodingError) {
            while true {
                if let change = try stream.next() {
                    try take(change)
                } else if stream.undefinedTable != nil {
                    stream.define(nil)
                } else {
                    return true
                }
            }
        } catch {
            // Differences that were put together lie behind the event's own bytes.
            if let offsetMax { requireOffset(error, within: 2 * offsetMax) }
            _ = error.description
            return false
        }
    }

    private mutating func feedInPieces(_ event: [UInt8], offsetMax: Int?) -> Bool {
        var offset = 0
        let receiver = CountedValues(bytesMax: event.count)
        do {
            let large = try LargeEvent(heldBytesMax: 40) { space in
                let count = min(100, space.count, event.count - offset)
                space.copyBytes(from: event[offset..<(offset + count)])
                offset += count
                return count
            }
            while try stream.read(large, receiver) {
                while true {
                    if let change = try stream.next() {
                        try take(change)
                    } else if stream.undefinedTable != nil {
                        stream.define(nil)
                    } else {
                        break
                    }
                }
            }
            return true
        } catch {
            guard let error = error as? BinlogProtocol.DecodingError else {
                require(false, "another error: \(error)")
                return false
            }
            if let offsetMax { requireOffset(error, within: 2 * offsetMax) }
            return false
        }
    }

    private mutating func take(_ change: Change) throws(BinlogProtocol.DecodingError) {
        switch change {
        case .begin(let start): encoder.begin(start)
        case .xa(let id): encoder.setXA(id)
        case .rows(let rows):
            // With gaps a row that cannot be decoded is no end.
            if stream.onUndecodable == .stop, rows.event.largeValues.isEmpty {
                try DecodedRows.check(rows.event)
            }
            encoder.append(rows)
            while try !encoder.encodeRows() {
                check(try encoder.takeDocuments())
            }
        case .statement(let statement):
            if encoder.isFull { check(try encoder.takeDocuments()) }
            try encoder.append(statement)
        case .gap(let gap):
            if encoder.isFull { check(try encoder.takeDocuments()) }
            try encoder.append(gap)
        case .savepoint(let name): encoder.setSavepoint(name)
        case .rollbackToSavepoint(let name): try encoder.rollBack(toSavepoint: name)
        case .end(let end):
            if end == .abandoned { return }
            if end == .rolledBack { try encoder.rollBack() }
            var xid: UInt64?
            if case .committed(let number) = end { xid = number }
            var isPrepared = false
            if case .prepared = end { isPrepared = true }
            check(try encoder.end(xid: xid, isPrepared: isPrepared))
        }
    }

    private func check(_ documents: EncodedDocuments) {
        require(
            documents.bytes.count <= Self.bytesMax + BSONLimits.changeBytesMax,
            "\(documents.bytes.count) bytes in a batch")
        var start = 0
        for end in documents.ends {
            do {
                try BSONDocument(Array(documents.bytes[start..<end])).validate()
            } catch {
                require(false, "BSON of a document: \(error)")
            }
            start = end
        }
    }
}

/// Counts the bytes of large values, which are a part of their event.
private final class CountedValues: LargeValueReceiver {
    private let bytesMax: Int
    private var byteCount = 0
    private var announced = 0

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    func begin(table: TableMap, row: Int, isAfter: Bool, column: Int, byteCount: Int) throws {
        require(announced == 0, "a value begins inside of another")
        announced = byteCount
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        announced -= bytes.count
        byteCount += bytes.count
        require(announced >= 0 && byteCount <= bytesMax, "\(byteCount) bytes of values")
    }

    func end() throws -> [UInt8] {
        require(announced == 0, "\(announced) bytes are missing of a value")
        return [UInt8(truncatingIfNeeded: byteCount)]
    }
}
