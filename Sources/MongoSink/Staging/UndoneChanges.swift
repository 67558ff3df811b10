package import BinlogProtocol

/// The changes of a transaction that ROLLBACK or ROLLBACK TO SAVEPOINT undid, by their numbers in it.
///
/// Rows that were undone never happened. A statement stays, marked: the server logs what was rolled back only
/// when it changed tables that cannot be, and the log does not say which of the statements did. An event that could not
/// be decoded stays too: it may have been one.
package struct UndoneChanges: Sendable, Equatable {
    /// Rising and apart from each other.
    package private(set) var ranges: [ClosedRange<Int64>] = []

    /// Savepoints that one transaction may roll back to before its parts are applied.
    package static let rangesMax = 100_000

    package init() {}

    /// Takes ranges in rising order.
    package init(_ ranges: [ClosedRange<Int64>]) {
        for range in ranges { insert(range) }
    }

    package var isEmpty: Bool { ranges.isEmpty }

    /// Adds a range that ends at or behind the end of all before.
    package mutating func insert(_ range: ClosedRange<Int64>) {
        var lower = range.lowerBound
        while let last = ranges.last, last.upperBound >= lower - 1 {
            lower = min(lower, last.lowerBound)
            ranges.removeLast()
        }
        ranges.append(lower...max(lower, range.upperBound))
    }

    /// Whether the change with this number was undone.
    package func contains(_ number: Int64) -> Bool {
        var below = 0
        var above = ranges.count
        while below < above {
            let middle = (below + above) / 2
            if ranges[middle].upperBound < number { below = middle + 1 } else { above = middle }
        }
        return below < ranges.count && ranges[below].contains(number)
    }

    /// The documents that are left of `documents`.
    ///
    /// - Throws: ``DecodingError`` when a document is no BSON or has no number.
    package func applied(
        to documents: DocumentSequence
    ) throws(DecodingError) -> DocumentSequence {
        if ranges.isEmpty { return documents }
        var result = DocumentSequence()
        for index in 0..<documents.count {
            if let left = try applied(to: try documents.document(index)) { result.append(left) }
        }
        return result
    }

    /// What is left of one document; nil when it is a row's that was undone.
    ///
    /// - Throws: ``DecodingError`` when the document is no BSON or has no number.
    package func applied(
        to document: BSONDocument
    ) throws(DecodingError) -> ArraySlice<UInt8>? {
        guard let number = try document.integer("src", "row") else {
            throw DecodingError(.invalid("src.row of a document"), at: document.range.lowerBound)
        }
        if !contains(number) { return document.storage[document.range] }
        return try Self.outlivesRollback(document) ? try Self.marked(document) : nil
    }

    private static func outlivesRollback(_ document: BSONDocument) throws(DecodingError) -> Bool {
        switch ChangeOperation(rawValue: try document.string("op") ?? "") {
        case .ddl, .truncate, .statement: true
        // Of a row that could not be decoded the table is known; of all else nothing is.
        case .gap: try document.string("meta", "tbl") == nil
        default: false
        }
    }

    /// The document with `rolledBack: true` at its end.
    private static func marked(
        _ document: BSONDocument
    ) throws(DecodingError) -> ArraySlice<UInt8> {
        if try document.element("rolledBack") != nil { return document.storage[document.range] }
        var writer = BSONWriter(capacity: document.range.count + 16)
        let mark = writer.beginDocument()
        writer.appendRaw(document.bytes.dropFirst(4).dropLast())
        writer.append(DocumentKeys.rolledBack, bool: true)
        writer.end(mark)
        return writer.bytes[...]
    }
}
