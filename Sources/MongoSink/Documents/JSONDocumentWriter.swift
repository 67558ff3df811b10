internal import BinlogProtocol

/// Writes a JSON value as BSON; as its JSON text where BSON cannot hold it.
struct JSONDocumentWriter: JSONBinaryVisitor {
    /// Levels of JSON that fit: BSON allows 100, `chg.<column>.t` stands at the fourth, and in staging two deeper.
    static let depthMax = 95

    private let depthMax: Int
    private var writer: BSONWriter
    private var containers: [Container] = []
    private var key: BSONKey
    /// False once a value was met that BSON cannot hold.
    private var fits = true

    private struct Container {
        let mark: BSONWriter.Mark
        let isArray: Bool
        var count = 0
        /// The last member's name, in an object.
        var lastKey: CellRange?
    }

    /// - Parameter levelsAbove: levels between `chg.<column>` and the value, beside the one of `f` and `t`.
    static func append(
        _ name: BSONKey, _ cell: CellRange, in bytes: [UInt8], to writer: inout BSONWriter,
        levelsAbove: Int = 0
    ) throws(DecodingError) {
        let start = writer.count
        // The buffer moves into the visitor and back: it is never copied.
        var visitor = JSONDocumentWriter(
            writer: BSONWriter(), key: name, depthMax: depthMax - levelsAbove)
        swap(&visitor.writer, &writer)
        let result: Result<Void, DecodingError>
        do {
            try JSONBinary.walk(cell, in: bytes, visitor: &visitor)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        swap(&visitor.writer, &writer)
        try result.get()
        if !visitor.fits {
            writer.truncate(to: start)
            writer.beginText()
            try JSONText.append(cell, in: bytes, to: &writer.text)
            writer.endText(name)
        }
    }

    private init(writer: BSONWriter, key: BSONKey, depthMax: Int) {
        self.writer = writer
        self.depthMax = depthMax
        self.key = key
    }

    /// The field name of the next value.
    private mutating func nextKey() -> BSONKey {
        guard let last = containers.indices.last, containers[last].isArray else { return key }
        defer { containers[last].count += 1 }
        return BSONKey(index: containers[last].count)
    }

    private mutating func begin(isArray: Bool) {
        let name = nextKey()
        if containers.count >= depthMax { fits = false }
        let mark = isArray ? writer.beginArray(name) : writer.beginDocument(name)
        containers.append(Container(mark: mark, isArray: isArray))
    }

    private mutating func endContainer() {
        if let container = containers.popLast() { writer.end(container.mark) }
    }

    mutating func beginObject(count: Int) { begin(isArray: false) }
    mutating func endObject() { endContainer() }
    mutating func beginArray(count: Int) { begin(isArray: true) }
    mutating func endArray() { endContainer() }

    mutating func key(_ cell: CellRange, in bytes: [UInt8]) {
        let name = bytes[cell.range]
        if name.contains(0) || !isAfterLast(cell, bytes) { fits = false }
        key = BSONKey(jsonKey: cell, in: bytes)
    }

    /// Whether a member's name follows the last one's, by length and then by bytes, as servers sort them.
    ///
    /// Names in this order are all different; a document with the same name twice says something else to
    /// each reader.
    private mutating func isAfterLast(_ cell: CellRange, _ bytes: [UInt8]) -> Bool {
        guard let index = containers.indices.last else { return true }
        let last = containers[index].lastKey
        containers[index].lastKey = cell
        guard let last else { return true }
        return last.count != cell.count
            ? last.count < cell.count
            : bytes[last.range].lexicographicallyPrecedes(bytes[cell.range])
    }

    mutating func null() { writer.appendNull(nextKey()) }
    mutating func bool(_ value: Bool) { writer.append(nextKey(), bool: value) }
    mutating func integer(_ value: Int64) { writer.append(nextKey(), integer: value) }

    mutating func unsignedInteger(_ value: UInt64) {
        if let signed = Int64(exactly: value) {
            integer(signed)
        } else {
            writer.append(nextKey(), unsigned: value)
        }
    }

    mutating func double(_ value: Double) { writer.append(nextKey(), double: value) }

    mutating func string(_ cell: CellRange, in bytes: [UInt8]) {
        writer.append(nextKey(), utf8: bytes, cell.range)
    }

    mutating func decimal(
        _ cell: CellRange, precision: Int, scale: Int, in bytes: [UInt8]
    ) throws(DecodingError) {
        let name = nextKey()
        // Within JSON the declared precision is the server's own and often larger than the number.
        let coefficient = try cell.decimalCoefficient(
            precision: precision, scale: scale, in: bytes)
        let value = coefficient.flatMap {
            Decimal128(
                isNegative: $0.isNegative, coefficient: $0.magnitude, exponent: -scale)
        }
        if let value {
            writer.append(name, decimal128: value)
        } else {
            writer.beginText()
            try cell.appendDecimal(
                precision: precision, scale: scale, in: bytes, to: &writer.text)
            writer.endText(name)
        }
    }

    mutating func temporal(_ text: [UInt8]) { writer.append(nextKey(), utf8: text) }

    mutating func opaque(
        type: UInt8, _ cell: CellRange, in bytes: [UInt8]
    ) throws(DecodingError) {
        // As `SELECT` shows it, so that the type's number is kept with the bytes.
        writer.append(nextKey(), utf8: JSONText.opaque(type: type, cell, in: bytes))
    }
}
