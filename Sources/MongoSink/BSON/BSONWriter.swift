/// Appends BSON documents, one after another, to one growing array of bytes.
///
///     document ┌───────────────┬──────────────────────┬────┐
///              │ length i32 LE │ type │ key NUL │ value │ 00 │
///              └───────────────┴──────────────────────┴────┘
/// The length covers the whole document and is filled in at its end. https://bsonspec.org/spec.html
///
/// The writer trusts its caller: begin and end must pair up, and text that the caller puts together is valid UTF-8.
package struct BSONWriter: Sendable {
    /// Where a document, array or string began; its end needs it.
    package struct Mark: Sendable, Equatable {
        /// The offset of the length that is filled in at the end.
        package let offset: Int
    }

    private var buffer: ByteBuffer
    /// Where callers put a text or binary together, between ``beginText()`` and its end.
    package var text: [UInt8] = []

    /// Makes an empty writer with room for `capacity` bytes.
    package init(capacity: Int = 0) {
        buffer = ByteBuffer(capacity: capacity)
    }

    /// A copy of everything written so far.
    package var bytes: [UInt8] { buffer.bytes }

    /// A copy of what was written from `start` on.
    package func bytes(from start: Int) -> [UInt8] { buffer.bytes(from: start) }

    /// The number of bytes written, which is where the next one goes.
    package var count: Int { buffer.count }

    /// Takes back everything written from `count` on.
    package mutating func truncate(to count: Int) { buffer.truncate(to: count) }

    /// Takes back everything and keeps the room, unless it is large.
    package mutating func removeAll() { buffer.removeAll() }

    /// Gives everything written, for the writer to begin again.
    package mutating func take() -> [UInt8] { buffer.take() }

    // MARK: Documents

    /// Begins a document at the top, not inside another.
    @inline(__always)
    package mutating func beginDocument() -> Mark {
        let mark = Mark(offset: buffer.count)
        buffer.append(littleEndian: Int32(0))
        return mark
    }

    /// Begins a document inside another.
    @inline(__always)
    package mutating func beginDocument(_ key: BSONKey) -> Mark {
        appendHead(.document, key)
        return beginDocument()
    }

    /// Begins an array; the keys of its elements are made by ``BSONKey/init(index:)``.
    @inline(__always)
    package mutating func beginArray(_ key: BSONKey) -> Mark {
        appendHead(.array, key)
        return beginDocument()
    }

    /// Ends the document or array that began at `mark`.
    @inline(__always)
    package mutating func end(_ mark: Mark) {
        buffer.append(0)
        patchLength(buffer.count - mark.offset, at: mark)
    }

    // MARK: Values

    @inline(__always)
    package mutating func append(_ key: BSONKey, int32 value: Int32) {
        appendHead(.int32, key)
        buffer.append(littleEndian: value)
    }

    @inline(__always)
    package mutating func append(_ key: BSONKey, int64 value: Int64) {
        appendHead(.int64, key)
        buffer.append(littleEndian: value)
    }

    @inline(__always)
    package mutating func append(_ key: BSONKey, double value: Double) {
        appendHead(.double, key)
        buffer.append(littleEndian: value.bitPattern)
    }

    @inline(__always)
    package mutating func append(_ key: BSONKey, bool value: Bool) {
        appendHead(.bool, key)
        buffer.append(value ? 1 : 0)
    }

    @inline(__always)
    package mutating func appendNull(_ key: BSONKey) {
        appendHead(.null, key)
    }

    /// Appends an instant as milliseconds since 1970-01-01T00:00:00Z.
    @inline(__always)
    package mutating func append(_ key: BSONKey, utcDateTime milliseconds: Int64) {
        appendHead(.utcDateTime, key)
        buffer.append(littleEndian: milliseconds)
    }

    @inline(__always)
    package mutating func append(_ key: BSONKey, decimal128 value: Decimal128) {
        appendHead(.decimal128, key)
        buffer.append(littleEndian: value.low)
        buffer.append(littleEndian: value.high)
    }

    /// Appends a string; NUL may stand in it.
    package mutating func append(_ key: BSONKey, string value: String) {
        append(key, utf8: value.utf8)
    }

    /// Appends a string from bytes known to be UTF-8.
    @inline(__always)
    package mutating func append(_ key: BSONKey, utf8 value: some Collection<UInt8>) {
        let mark = beginString(key)
        buffer.append(contentsOf: value)
        endString(mark)
    }

    /// Appends a string from a part of an array that is known to be UTF-8.
    @inline(__always)
    package mutating func append(_ key: BSONKey, utf8 source: [UInt8], _ range: Range<Int>) {
        appendHead(.string, key)
        buffer.append(littleEndian: Int32(truncatingIfNeeded: range.count + 1))
        buffer.append(source, range)
        buffer.append(0)
    }

    /// Begins a string whose UTF-8 follows by ``appendRaw(_:)`` and ``appendRawNumber(_:)``.
    @inline(__always)
    package mutating func beginString(_ key: BSONKey) -> Mark {
        appendHead(.string, key)
        return beginDocument()
    }

    /// Ends the string that began at `mark`.
    @inline(__always)
    package mutating func endString(_ mark: Mark) {
        buffer.append(0)
        patchLength(buffer.count - mark.offset - 4, at: mark)
    }

    @inline(__always)
    package mutating func append(
        _ key: BSONKey, binary value: some Collection<UInt8>,
        subtype: BSONBinarySubtype = .generic
    ) {
        appendHead(.binary, key)
        buffer.append(littleEndian: Int32(truncatingIfNeeded: value.count))
        buffer.append(subtype.rawValue)
        buffer.append(contentsOf: value)
    }

    private static let textRoomMax = 1 << 20

    /// Empties ``text`` for a value that the caller puts together there.
    @inline(__always)
    package mutating func beginText() {
        if text.capacity > Self.textRoomMax { text = [] }
        text.removeAll(keepingCapacity: true)
    }

    /// Appends the UTF-8 in ``text`` as a string.
    @inline(__always)
    package mutating func endText(_ key: BSONKey) {
        append(key, utf8: text, 0..<text.count)
    }

    /// Appends the bytes in ``text`` as a binary.
    @inline(__always)
    package mutating func endTextAsBinary(
        _ key: BSONKey, subtype: BSONBinarySubtype = .generic
    ) {
        append(key, binary: text, subtype: subtype)
    }

    /// Appends a finished document as an element.
    package mutating func append(_ key: BSONKey, document: some Collection<UInt8>) {
        appendHead(.document, key)
        buffer.append(contentsOf: document)
    }

    /// Appends an element whose type and value come from another document.
    package mutating func append(
        _ key: BSONKey, type: BSONType, value: some Collection<UInt8>
    ) {
        appendHead(type, key)
        buffer.append(contentsOf: value)
    }

    // MARK: Parts

    /// Appends bytes as they are: whole elements, or the text of a string that has begun.
    @inline(__always)
    package mutating func appendRaw(_ bytes: some Collection<UInt8>) {
        buffer.append(contentsOf: bytes)
    }

    /// Appends a decimal number to a string that has begun.
    package mutating func appendRawNumber(_ value: Int64) {
        buffer.appendNumber(value)
    }

    @inline(__always)
    private mutating func appendHead(_ type: BSONType, _ key: BSONKey) {
        if key.isShort {
            buffer.append(
                key.low | UInt64(type.rawValue), key.high, byteCount: key.headByteCount)
        } else {
            buffer.append(type.rawValue)
            buffer.append(contentsOf: key.long)
        }
    }

    /// A document beyond Int32 is beyond MongoDB's limit long before; its size is checked there.
    @inline(__always)
    private mutating func patchLength(_ length: Int, at mark: Mark) {
        buffer.replace(at: mark.offset, with: Int32(truncatingIfNeeded: length))
    }
}

extension BSONWriter {
    /// The bytes of one document that `body` fills.
    package static func document(_ body: (inout BSONWriter) -> Void) -> [UInt8] {
        var writer = BSONWriter()
        let mark = writer.beginDocument()
        body(&writer)
        writer.end(mark)
        return writer.bytes
    }

    /// Appends a document that `body` fills.
    package mutating func append(_ key: BSONKey, fill body: (inout BSONWriter) -> Void) {
        let mark = beginDocument(key)
        body(&self)
        end(mark)
    }

    /// Appends an array that `body` fills.
    package mutating func appendArray(_ key: BSONKey, fill body: (inout BSONWriter) -> Void) {
        let mark = beginArray(key)
        body(&self)
        end(mark)
    }
}
