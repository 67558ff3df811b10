package import BinlogProtocol

/// One element of a document: its type, key and value, whose extent was checked.
package struct BSONElement: Sendable {
    /// What the value is.
    package let type: BSONType
    let storage: [UInt8]
    /// Where the element begins: at its type byte.
    package let start: Int
    /// The key without its NUL.
    package let key: Range<Int>
    /// The value with its own length prefix and terminator.
    package let value: Range<Int>

    /// The key as text.
    package var name: String { String(decoding: storage[key], as: UTF8.self) }

    /// Whether the key is `name`, byte by byte.
    @inline(__always)
    package func hasKey(_ name: String) -> Bool {
        name.utf8.count == key.count && storage[key].elementsEqual(name.utf8)
    }

    /// The value's bytes.
    package var valueBytes: ArraySlice<UInt8> { storage[value] }

    /// The nested document or array; nil when it is something else.
    package var document: BSONDocument? {
        get throws(DecodingError) {
            guard type == .document || type == .array else { return nil }
            return try BSONDocument(storage, in: value)
        }
    }

    /// The text; nil when the element is not a string.
    package var string: String? {
        guard type == .string || type == .symbol || type == .javaScript else { return nil }
        return String(decoding: stringBytes, as: UTF8.self)
    }

    /// A string's bytes without prefix and NUL.
    var stringBytes: ArraySlice<UInt8> { storage[stringRange] }

    /// Where a string's bytes stand, without prefix and NUL.
    var stringRange: Range<Int> { (value.lowerBound + 4)..<(value.upperBound - 1) }

    /// The whole number; nil when the element is not a number or not whole.
    package var integer: Int64? {
        switch type {
        case .int32: Int64(storage.loadLittleEndian(Int32.self, at: value.lowerBound))
        case .int64: storage.loadLittleEndian(Int64.self, at: value.lowerBound)
        case .double: Int64(exactly: floatingPoint)
        default: nil
        }
    }

    /// Milliseconds since 1970; nil when the element is not an instant.
    package var utcDateTime: Int64? {
        guard type == .utcDateTime else { return nil }
        return storage.loadLittleEndian(Int64.self, at: value.lowerBound)
    }

    /// The truth value; a number counts as true when it is not zero.
    package var bool: Bool? {
        type == .bool ? storage[value.lowerBound] == 1 : integer.map { $0 != 0 }
    }

    /// What a binary's bytes are; nil when the element is not a binary.
    package var binarySubtype: UInt8? {
        type == .binary ? storage[value.lowerBound + 4] : nil
    }

    /// The bytes of a binary of any subtype.
    package var binary: ArraySlice<UInt8>? {
        type == .binary ? storage[(value.lowerBound + 5)..<value.upperBound] : nil
    }

    var floatingPoint: Double {
        Double(bitPattern: storage.loadLittleEndian(UInt64.self, at: value.lowerBound))
    }

    var decimal128: Decimal128 {
        Decimal128(
            low: storage.loadLittleEndian(UInt64.self, at: value.lowerBound),
            high: storage.loadLittleEndian(UInt64.self, at: value.lowerBound + 8))
    }
}

extension BSONDocument {
    /// The text at a path; nil when absent or not a string.
    package func string(_ path: String...) throws(DecodingError) -> String? {
        try element(path[...])?.string
    }

    /// The whole number at a path; nil when absent or not a whole number.
    package func integer(_ path: String...) throws(DecodingError) -> Int64? {
        try element(path[...])?.integer
    }

    /// The instant at a path; nil when absent or not an instant.
    package func utcDateTime(_ path: String...) throws(DecodingError) -> Int64? {
        try element(path[...])?.utcDateTime
    }

    /// The nested document or array at a path; nil when absent or something else.
    package func document(_ path: String...) throws(DecodingError) -> BSONDocument? {
        try element(path[...])?.document
    }

    /// The binary at a path; nil when absent or something else.
    package func binary(_ path: String...) throws(DecodingError) -> [UInt8]? {
        try element(path[...])?.binary.map(Array.init)
    }
}
