/// Receives the parts of a JSON document in order.
///
/// Strings, keys and payloads are cells of the same bytes that the walker was given.
package protocol JSONBinaryVisitor {
    /// An object of `count` members begins; a key and a value follow for each.
    mutating func beginObject(count: Int) throws(DecodingError)
    /// A member's key, valid UTF-8.
    mutating func key(_ cell: CellRange, in bytes: [UInt8]) throws(DecodingError)
    mutating func endObject() throws(DecodingError)
    /// An array of `count` elements begins.
    mutating func beginArray(count: Int) throws(DecodingError)
    mutating func endArray() throws(DecodingError)
    mutating func null() throws(DecodingError)
    mutating func bool(_ value: Bool) throws(DecodingError)
    mutating func integer(_ value: Int64) throws(DecodingError)
    mutating func unsignedInteger(_ value: UInt64) throws(DecodingError)
    /// A finite number.
    mutating func double(_ value: Double) throws(DecodingError)
    /// A string, valid UTF-8.
    mutating func string(_ cell: CellRange, in bytes: [UInt8]) throws(DecodingError)
    /// A DECIMAL, for ``CellRange/appendDecimal(precision:scale:in:to:)`` and its sibling.
    mutating func decimal(
        _ cell: CellRange, precision: Int, scale: Int, in bytes: [UInt8]
    ) throws(DecodingError)
    /// A date or time in the form that MySQL prints.
    mutating func temporal(_ text: [UInt8]) throws(DecodingError)
    /// Bytes of another column type, by its number.
    mutating func opaque(
        type: UInt8, _ cell: CellRange, in bytes: [UInt8]
    ) throws(DecodingError)
}
