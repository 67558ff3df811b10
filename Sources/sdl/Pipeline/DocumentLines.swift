internal import BinlogProtocol
internal import Foundation
internal import MongoSink

/// Turns changes into JSON lines, one document each, at the end of each transaction.
struct DocumentLines {
    private var encoder: TransactionEncoder
    private var transaction: TransactionStart?
    private var json = ExtendedJSON()

    init(options: DocumentOptions) {
        // A line can only be printed once its transaction has ended, so a whole transaction is held.
        encoder = TransactionEncoder(options: options, bytesMax: .max, documentsMax: .max)
    }

    /// The lines that a change completes: those of a transaction when it is its end.
    mutating func add(_ change: Change) throws(BinlogError) -> [UInt8] {
        do throws(DecodingError) {
            return try lines(change)
        } catch {
            let place = change.place ?? transaction?.position
            throw BinlogError(error).at(
                file: place?.file, position: place?.offset, gtid: transaction?.id)
        }
    }

    /// The same, with an error whose place the caller knows better.
    mutating func lines(_ change: Change) throws(DecodingError) -> [UInt8] {
        switch change {
        case .begin(let start):
            transaction = start
            encoder.begin(start)
        case .xa(let id):
            encoder.setXA(id)
        case .rows(let rows):
            encoder.append(rows)
            while try !encoder.encodeRows() {}
            // Only what the documents say of them is printed.
            _ = encoder.takeMovedValues()
        case .statement(let statement):
            try encoder.append(statement)
            _ = encoder.takeMovedValues()
        case .gap(let gap):
            try encoder.append(gap)
        case .savepoint(let name):
            encoder.setSavepoint(name)
        case .rollbackToSavepoint(let name):
            try encoder.rollBack(toSavepoint: name)
        case .end(.committed(let xid)):
            return try text(try encoder.end(xid: xid))
        case .end(.prepared):
            return try text(try encoder.end(xid: nil, isPrepared: true))
        case .end(.rolledBack):
            try encoder.rollBack()
            return try text(try encoder.end(xid: nil))
        case .end(.abandoned):
            _ = try encoder.takeDocuments()
        }
        return []
    }

    private mutating func text(
        _ documents: EncodedDocuments
    ) throws(DecodingError) -> [UInt8] {
        var start = 0
        for end in documents.ends {
            try json.write(try BSONDocument(documents.bytes, in: start..<end))
            json.endLine()
            start = end
        }
        return json.take()
    }
}
