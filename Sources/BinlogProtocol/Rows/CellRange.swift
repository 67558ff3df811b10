/// Where one column's value lies in the bytes of a rows event.
package struct CellRange: Equatable, BitwiseCopyable, Sendable {
    @usableFromInline let position: Int32
    /// The number of bytes, or one of the three markers.
    @usableFromInline let extent: Int32

    @usableFromInline static var nullExtent: Int32 { -1 }
    @usableFromInline static var absentExtent: Int32 { -2 }
    @usableFromInline static var movedExtent: Int32 { -3 }

    private init(position: Int32, extent: Int32) {
        self.position = position
        self.extent = extent
    }

    /// A value of `count` bytes at `start`; both fit 31 bits, as ``RowsEvent`` makes sure.
    @inline(__always)
    package init(start: Int, count: Int) {
        self.init(position: Int32(start), extent: Int32(count))
    }

    /// SQL NULL.
    package static let null = CellRange(position: 0, extent: nullExtent)
    /// A column that the row image does not carry.
    package static let absent = CellRange(position: 0, extent: absentExtent)

    /// The value with this number among ``RowsEvent/largeValues``.
    static func moved(_ index: Int) -> CellRange {
        CellRange(position: Int32(index), extent: movedExtent)
    }

    @inlinable package var isNull: Bool { extent == CellRange.nullExtent }
    @inlinable package var isAbsent: Bool { extent == CellRange.absentExtent }
    /// The index in ``RowsEvent/largeValues`` of a value that was too large to be held; nil for all others.
    @inlinable package var movedIndex: Int? {
        extent == CellRange.movedExtent ? Int(position) : nil
    }
    /// Whether there are bytes to decode (possibly none of them).
    @inlinable package var hasValue: Bool { extent >= 0 }

    @inlinable package var start: Int { Int(position) }
    /// The number of bytes; 0 for what has none here.
    @inlinable package var count: Int { extent < 0 ? 0 : Int(extent) }
    @inlinable package var end: Int { start + count }
    @inlinable package var range: Range<Int> { start..<end }

    /// Throws unless the cell holds `expected` bytes within `bytes`.
    @inline(__always)
    func require(_ expected: Int, in bytes: [UInt8]) throws(DecodingError) {
        try require(in: bytes)
        guard count == expected else {
            throw count < expected
                ? DecodingError(.truncated(needed: expected, available: count), at: start)
                : DecodingError(.trailingBytes(count: count - expected), at: start + expected)
        }
    }

    /// Throws unless the cell holds a value that lies within `bytes`.
    @inline(__always)
    package func require(in bytes: [UInt8]) throws(DecodingError) {
        guard hasValue else {
            throw DecodingError(.invalid("value that is NULL, absent or elsewhere"), at: 0)
        }
        guard end <= bytes.count else {
            throw DecodingError(.truncated(needed: end, available: bytes.count), at: start)
        }
    }

    /// Whether two cells hold the same: both NULL, both absent, or equal bytes; not for values that are elsewhere.
    package static func sameValue(
        _ first: CellRange, _ second: CellRange, in bytes: [UInt8]
    ) -> Bool {
        guard first.extent == second.extent, first.movedIndex == nil else { return false }
        guard first.hasValue, first.position != second.position else { return true }
        return bytes.span.hasSameBytes(at: first.start, bytes.span, at: second.start, first.count)
    }
}

extension Span<UInt8> {
    /// Whether `count` bytes here and in `other` are equal, eight at a time.
    @inline(__always)
    func hasSameBytes(at start: Int, _ other: Span<UInt8>, at otherStart: Int, _ count: Int) -> Bool
    {
        precondition(start >= 0 && otherStart >= 0 && count >= 0)
        precondition(count <= self.count - start && count <= other.count - otherStart)
        let left = bytes
        let right = other.bytes
        var at = 0
        while count - at >= 8 {
            let first = unsafe left.unsafeLoadUnaligned(
                fromByteOffset: start + at, as: UInt64.self)
            let second = unsafe right.unsafeLoadUnaligned(
                fromByteOffset: otherStart + at, as: UInt64.self)
            guard first == second else { return false }
            at += 8
        }
        while at < count {
            guard self[start + at] == other[otherStart + at] else { return false }
            at += 1
        }
        return true
    }
}
