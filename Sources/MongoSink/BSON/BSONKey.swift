package import BinlogProtocol

/// The name of a BSON element as the bytes that stand in a document: UTF-8 and a NUL.
///
/// A short name is held in two words, as the head of an element that needs only its type:
///
///     ┌─────────┬───────────────────┬────┬───┐
///     │ 00 type │ name (up to 14 B) │ 00 │ … │   16 bytes, the first lowest in `low`
///     └─────────┴───────────────────┴────┴───┘
package struct BSONKey: Sendable, Hashable, ExpressibleByStringLiteral {
    let low: UInt64
    let high: UInt64
    /// The bytes of type, name and NUL of a short name; 0 of a long one.
    let headByteCount: Int
    /// The name and its NUL, if it is too long for the words; else empty.
    let long: [UInt8]

    private static let shortMax = 14
    var isShort: Bool { headByteCount > 0 }

    @inline(__always)
    private init(_ source: [UInt8], _ range: Range<Int>) {
        guard range.count <= Self.shortMax else {
            (low, high, headByteCount) = (0, 0, 0)
            long = source[range] + [0]
            return
        }
        var low: UInt64 = 0
        var high: UInt64 = 0
        var shift: UInt64 = 8
        for index in range {
            if shift < 64 {
                low |= UInt64(source[index]) << shift
            } else {
                high |= UInt64(source[index]) << (shift - 64)
            }
            shift += 8
        }
        (self.low, self.high, headByteCount) = (low, high, range.count + 2)
        long = []
    }

    private init(_ name: [UInt8]) {
        self.init(name, 0..<name.count)
    }

    /// A key made of a name that we chose.
    package init(stringLiteral name: StaticString) {
        precondition(name.hasPointerRepresentation, "the name of a field has several characters")
        self.init(name.withUTF8Buffer { Array($0) })
    }

    /// A key made of a name from outside, unchanged except for NUL, which cannot stand in a key.
    package init(_ name: String) {
        self.init(Self.escaped(name.utf8, dots: false))
    }

    /// A member of a JSON value: its UTF-8 bytes as they are.
    ///
    /// A NUL among them would end the field's name: the caller must not store such a document.
    @inline(__always)
    package init(jsonKey cell: CellRange, in bytes: [UInt8]) {
        self.init(bytes, cell.range)
    }

    /// A key made of a column's name: `.` becomes U+FF0E, a leading `$` U+FF04 and NUL U+2400.
    ///
    /// MongoDB reads the first two as a path and as an operator.
    package init(columnName: String) {
        self.init(Self.escaped(columnName.utf8, dots: true))
    }

    /// The same as ``init(columnName:)``, of the name's UTF-8.
    package init(columnName utf8: some Collection<UInt8>) {
        self.init(Self.escaped(utf8, dots: true))
    }

    /// The key of an array's element.
    package init(index: Int) {
        if index >= 0, index < Self.indexKeys.count {
            self = Self.indexKeys[index]
        } else {
            self.init(Array(String(index).utf8))
        }
    }

    private init(uncached index: Int) {
        self.init(Array(String(index).utf8))
    }

    private static let indexKeys: [BSONKey] = (0..<1024).map { BSONKey(uncached: $0) }

    private static func escaped(_ utf8: some Collection<UInt8>, dots: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count)
        for byte in utf8 {
            switch byte {
            case 0: bytes.append(contentsOf: [0xE2, 0x90, 0x80])
            case UInt8(ascii: ".") where dots: bytes.append(contentsOf: [0xEF, 0xBC, 0x8E])
            case UInt8(ascii: "$") where dots && bytes.isEmpty:
                bytes.append(contentsOf: [0xEF, 0xBC, 0x84])
            default: bytes.append(byte)
            }
        }
        return bytes
    }

    /// The name and its NUL.
    package var bytes: [UInt8] {
        guard isShort else { return long }
        return (1..<headByteCount).map { index in
            UInt8(truncatingIfNeeded: (index < 8 ? low : high) >> UInt64(8 * (index % 8)))
        }
    }

    /// The name without its NUL.
    package var name: String { String(decoding: bytes.dropLast(), as: UTF8.self) }
}
