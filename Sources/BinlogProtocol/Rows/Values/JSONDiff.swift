/// One change within a JSON document (`binlog_row_value_options=PARTIAL_JSON`).
public struct JSONDiff: Hashable, Sendable {
    /// What happens at the path.
    public enum Operation: UInt8, Sendable {
        /// The value that is there gets another.
        case replace = 0
        /// A member that is not there yet, or an element in front of the one that is there, comes to be.
        case insert = 1
        /// The member or element goes.
        case remove = 2
    }

    /// What happens.
    public let operation: Operation
    /// Where, as MySQL's JSON functions take it: `$.a[0]`.
    public let path: String
    /// The new value in the form of `CAST(… AS CHAR)`; nil for a removal.
    public let value: String?

    package init(operation: Operation, path: String, value: String?) {
        self.operation = operation
        self.path = path
        self.value = value
    }
}

/// One change within a JSON document, as ranges of the event's bytes.
///
///     { operation u8, path lenenc text, value lenenc binary JSON (not of a removal) }… until the length is used up
package struct JSONDiffCell: Sendable {
    package let operation: JSONDiff.Operation
    /// The path, valid UTF-8.
    package let path: CellRange
    /// The new value in binary form; nil for a removal.
    package let value: CellRange?

    /// Reads all changes of one value.
    package static func all(
        in cell: CellRange, of bytes: [UInt8]
    ) throws(DecodingError) -> [JSONDiffCell] {
        try cell.require(in: bytes)
        var reader = ByteReader(bytes, in: cell.range)
        var differences: [JSONDiffCell] = []
        while !reader.isAtEnd {
            let offset = reader.offset
            guard let operation = JSONDiff.Operation(rawValue: try reader.read()) else {
                throw DecodingError(.unsupported("operation in a JSON difference"), at: offset)
            }
            let path = try readCell(&reader)
            guard UTF8Validation.isValid(bytes.span, path.range) else {
                throw DecodingError(.invalid("path in a JSON document"), at: path.start)
            }
            let value = operation == .remove ? nil : try readCell(&reader)
            differences.append(JSONDiffCell(operation: operation, path: path, value: value))
        }
        return differences
    }

    private static func readCell(_ reader: inout ByteReader) throws(DecodingError) -> CellRange {
        let range = try reader.readRange(try reader.readLength())
        return CellRange(start: range.lowerBound, count: range.count)
    }

    /// The change with its own copies.
    func owned(_ bytes: [UInt8]) throws(DecodingError) -> JSONDiff {
        var text: [UInt8] = []
        if let value { try JSONText.append(value, in: bytes, to: &text) }
        return JSONDiff(
            operation: operation, path: String(decoding: bytes[path.range], as: UTF8.self),
            value: value == nil ? nil : String(decoding: text, as: UTF8.self))
    }
}
