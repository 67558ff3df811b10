/// Appends BSON documents, one after another, to one growing array of bytes.
///
///     document ┌───────────────┬──────────────────────┬────┐
///              │ length i32 LE │ type │ key NUL │ value │ 00 │
///              └───────────────┴──────────────────────┴────┘
/// The length covers the whole document and is filled in at its end. https://bsonspec.org/spec.html
///
/// The writer trusts its caller: begin and end must pair up, and who appends to ``bytes`` directly
/// (text between ``beginString(_:)`` and ``endString(_:)``) appends valid UTF-8.
package struct BSONWriter: Sendable {
    /// Where a document, array, string or binary began; its end needs it.
    package struct Mark: Sendable, Equatable {
        /// The offset of the length that is filled in at the end.
        package let offset: Int
    }

    /// Everything written so far.
    package var bytes: [UInt8]

    /// Makes an empty writer with room for `capacity` bytes.
    package init(capacity: Int = 0) {
        self.bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// The number of bytes written, which is where the next one goes.
    package var count: Int { bytes.count }

    /// Takes back everything written from `count` on.
    package mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= bytes.count)
        bytes.removeSubrange(count...)
    }

    /// Takes back everything and keeps the room.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    // MARK: Documents

    /// Begins a document at the top, not inside another.
    @inline(__always)
    package mutating func beginDocument() -> Mark {
        let mark = Mark(offset: bytes.count)
        appendInteger(Int32(0))
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
        bytes.append(0)
        patchLength(bytes.count - mark.offset, at: mark)
    }

    // MARK: Values

    @inline(__always)
    package mutating func append(_ key: BSONKey, int32 value: Int32) {
        appendHead(.int32, key)
        appendInteger(value)
    }

    @inline(__always)
    package mutating func append(_ key: BSONKey, int64 value: Int64) {
        appendHead(.int64, key)
        appendInteger(value)
    }

    @inline(__always)
    package mutating func append(_ key: BSONKey, double value: Double) {
        appendHead(.double, key)
        appendInteger(value.bitPattern)
    }

    @inline(__always)
    package mutating func append(_ key: BSONKey, bool value: Bool) {
        appendHead(.bool, key)
        bytes.append(value ? 1 : 0)
    }

    @inline(__always)
    package mutating func appendNull(_ key: BSONKey) {
        appendHead(.null, key)
    }

    /// Appends an instant as milliseconds since 1970-01-01T00:00:00Z.
    @inline(__always)
    package mutating func append(_ key: BSONKey, utcDateTime milliseconds: Int64) {
        appendHead(.utcDateTime, key)
        appendInteger(milliseconds)
    }

    @inline(__always)
    package mutating func append(_ key: BSONKey, decimal128 value: Decimal128) {
        appendHead(.decimal128, key)
        appendInteger(value.low)
        appendInteger(value.high)
    }

    /// Appends a string; NUL may stand in it.
    package mutating func append(_ key: BSONKey, string value: String) {
        let mark = beginString(key)
        bytes.append(contentsOf: value.utf8)
        endString(mark)
    }

    /// Appends a string from bytes known to be UTF-8.
    @inline(__always)
    package mutating func append(_ key: BSONKey, utf8 value: some Collection<UInt8>) {
        let mark = beginString(key)
        bytes.append(contentsOf: value)
        endString(mark)
    }

    /// Appends a string from bytes known to be UTF-8.
    @inline(__always)
    package mutating func append(_ key: BSONKey, utf8 value: UnsafeRawBufferPointer) {
        let mark = beginString(key)
        bytes.append(contentsOf: value)
        endString(mark)
    }

    /// Begins a string whose UTF-8 the caller appends to ``bytes``.
    @inline(__always)
    package mutating func beginString(_ key: BSONKey) -> Mark {
        appendHead(.string, key)
        let mark = Mark(offset: bytes.count)
        appendInteger(Int32(0))
        return mark
    }

    /// Ends the string that began at `mark`.
    @inline(__always)
    package mutating func endString(_ mark: Mark) {
        bytes.append(0)
        patchLength(bytes.count - mark.offset - 4, at: mark)
    }

    @inline(__always)
    package mutating func append(
        _ key: BSONKey, binary value: some Collection<UInt8>,
        subtype: BSONBinarySubtype = .generic
    ) {
        let mark = beginBinary(key, subtype: subtype)
        bytes.append(contentsOf: value)
        endBinary(mark)
    }

    @inline(__always)
    package mutating func append(
        _ key: BSONKey, binary value: UnsafeRawBufferPointer,
        subtype: BSONBinarySubtype = .generic
    ) {
        let mark = beginBinary(key, subtype: subtype)
        bytes.append(contentsOf: value)
        endBinary(mark)
    }

    /// Begins a binary whose content the caller appends to ``bytes``.
    @inline(__always)
    package mutating func beginBinary(
        _ key: BSONKey, subtype: BSONBinarySubtype = .generic
    ) -> Mark {
        appendHead(.binary, key)
        let mark = Mark(offset: bytes.count)
        appendInteger(Int32(0))
        bytes.append(subtype.rawValue)
        return mark
    }

    /// Ends the binary that began at `mark`.
    @inline(__always)
    package mutating func endBinary(_ mark: Mark) {
        patchLength(bytes.count - mark.offset - 5, at: mark)
    }

    /// Appends a finished document as an element.
    package mutating func append(_ key: BSONKey, document: some Collection<UInt8>) {
        appendHead(.document, key)
        bytes.append(contentsOf: document)
    }

    /// Appends an element whose type and value come from another document.
    package mutating func append(
        _ key: BSONKey, type: BSONType, value: some Collection<UInt8>
    ) {
        appendHead(type, key)
        bytes.append(contentsOf: value)
    }

    // MARK: Parts

    @inline(__always)
    private mutating func appendHead(_ type: BSONType, _ key: BSONKey) {
        bytes.append(type.rawValue)
        // Most keys are short: single bytes cost half of what a bulk copy costs then.
        if key.bytes.count <= 16 {
            for byte in key.bytes { bytes.append(byte) }
        } else {
            bytes.append(contentsOf: key.bytes)
        }
    }

    @inline(__always)
    private mutating func appendInteger<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A document beyond Int32 is beyond MongoDB's limit long before; its size is checked there.
    @inline(__always)
    private mutating func patchLength(_ length: Int, at mark: Mark) {
        let value = Int32(truncatingIfNeeded: length).littleEndian
        bytes.withUnsafeMutableBytes {
            $0.storeBytes(of: value, toByteOffset: mark.offset, as: Int32.self)
        }
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
