/// A cursor over bytes from outside: every read is checked and every error knows its offset.
///
/// Sub-readers made with ``slice(_:)`` share the storage and keep absolute offsets.
package struct ByteReader: Sendable {
    package let storage: [UInt8]
    package private(set) var offset: Int
    package let end: Int

    package init(_ storage: [UInt8]) {
        self.storage = storage
        self.offset = 0
        self.end = storage.count
    }

    /// A reader over `range`, which must lie within `storage`.
    package init(_ storage: [UInt8], in range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= storage.count)
        self.storage = storage
        self.offset = range.lowerBound
        self.end = range.upperBound
    }

    package var remaining: Int { end - offset }
    package var isAtEnd: Bool { offset == end }

    @inline(__always)
    private func require(_ count: Int) throws(DecodingError) {
        guard count >= 0, count <= end - offset else {
            throw DecodingError(.truncated(needed: count, available: end - offset), at: offset)
        }
    }

    /// Reads a little-endian integer of the type's own width.
    @inline(__always)
    package mutating func read<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type = T.self
    ) throws(DecodingError) -> T {
        let size = MemoryLayout<T>.size
        try require(size)
        let at = offset
        offset += size
        let value = storage.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at, as: T.self) }
        return T(littleEndian: value)
    }

    /// Reads a little-endian unsigned integer of 1 to 8 bytes.
    package mutating func readUInt(bytes count: Int) throws(DecodingError) -> UInt64 {
        precondition((1...8).contains(count))
        try require(count)
        var value: UInt64 = 0
        for index in 0..<count {
            value |= UInt64(storage[offset + index]) << UInt64(8 * index)
        }
        offset += count
        return value
    }

    package mutating func readUInt24() throws(DecodingError) -> Int {
        Int(truncatingIfNeeded: try readUInt(bytes: 3))
    }

    package mutating func readUInt48() throws(DecodingError) -> UInt64 {
        try readUInt(bytes: 6)
    }

    package mutating func skip(_ count: Int) throws(DecodingError) {
        try require(count)
        offset += count
    }

    /// The next byte, not consumed; nil at the end.
    package func peek() -> UInt8? {
        offset < end ? storage[offset] : nil
    }

    package mutating func readBytes(_ count: Int) throws(DecodingError) -> [UInt8] {
        try require(count)
        let at = offset
        offset += count
        return Array(storage[at..<(at + count)])
    }

    /// The range of the next `count` bytes, consumed and not copied.
    package mutating func readRange(_ count: Int) throws(DecodingError) -> Range<Int> {
        try require(count)
        let at = offset
        offset += count
        return at..<(at + count)
    }

    package mutating func readRemaining() -> [UInt8] {
        let at = offset
        offset = end
        return Array(storage[at..<end])
    }

    /// A reader over the next `count` bytes, which this reader steps over.
    package mutating func slice(_ count: Int) throws(DecodingError) -> ByteReader {
        ByteReader(storage, in: try readRange(count))
    }

    /// Reads up to a NUL, which is consumed and not returned.
    package mutating func readNulTerminatedBytes() throws(DecodingError) -> [UInt8] {
        var at = offset
        while at < end, storage[at] != 0 { at += 1 }
        guard at < end else {
            throw DecodingError(
                .truncated(needed: end - offset + 1, available: end - offset), at: offset)
        }
        let bytes = Array(storage[offset..<at])
        offset = at + 1
        return bytes
    }

    /// Reads a length-encoded integer; the NULL marker 0xfb and 0xff are errors.
    ///
    ///     0x00…0xfa            the value itself
    ///     0xfc | u16 LE        0xfd | u24 LE        0xfe | u64 LE
    package mutating func readLengthEncodedInteger() throws(DecodingError) -> UInt64 {
        let start = offset
        let first: UInt8 = try read()
        switch first {
        case 0...0xfa: return UInt64(first)
        case 0xfc: return try readUInt(bytes: 2)
        case 0xfd: return try readUInt(bytes: 3)
        case 0xfe: return try readUInt(bytes: 8)
        default: throw DecodingError(.invalid("length-encoded integer"), at: start)
        }
    }

    /// Reads a length-encoded integer that counts bytes or items still to come in this reader.
    package mutating func readLength() throws(DecodingError) -> Int {
        let start = offset
        let value = try readLengthEncodedInteger()
        guard let count = Int(exactly: value), count <= end - offset else {
            throw DecodingError(
                .truncated(needed: Int(clamping: value), available: end - offset), at: start)
        }
        return count
    }

    package mutating func readLengthEncodedBytes() throws(DecodingError) -> [UInt8] {
        try readBytes(try readLength())
    }

    /// Throws unless every byte was consumed.
    package func finish() throws(DecodingError) {
        guard offset == end else {
            throw DecodingError(.trailingBytes(count: end - offset), at: offset)
        }
    }
}
