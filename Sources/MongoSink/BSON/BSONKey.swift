/// The name of a BSON element as the bytes that stand in a document: UTF-8 and a NUL.
///
/// Making one costs an allocation; a table's keys are made once and used for each of its rows.
package struct BSONKey: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The name and its NUL.
    package let bytes: [UInt8]

    /// A key made of a name that we chose.
    package init(stringLiteral name: StaticString) {
        precondition(name.hasPointerRepresentation, "the name of a field has several characters")
        self.bytes = name.withUTF8Buffer { Array($0) } + [0]
    }

    /// A key made of a name from outside, unchanged except for NUL, which cannot stand in a key.
    package init(_ name: String) {
        self.bytes = Self.escaped(name.utf8, dots: false)
    }

    /// A member of a JSON value: its UTF-8 bytes as they are.
    ///
    /// A NUL among them would end the field's name: the caller must not store such a document.
    package init(jsonKey utf8: some Collection<UInt8>) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count + 1)
        bytes.append(contentsOf: utf8)
        bytes.append(0)
        self.bytes = bytes
    }

    /// A key made of a column's name: `.` becomes U+FF0E, a leading `$` U+FF04 and NUL U+2400.
    ///
    /// MongoDB reads the first two as a path and as an operator.
    package init(columnName: String) {
        self.bytes = Self.escaped(columnName.utf8, dots: true)
    }

    /// The same as ``init(columnName:)``, of the name's UTF-8.
    package init(columnName utf8: some Collection<UInt8>) {
        self.bytes = Self.escaped(utf8, dots: true)
    }

    /// The key of an array's element.
    package init(index: Int) {
        if index >= 0, index < Self.indexKeys.count {
            self = Self.indexKeys[index]
        } else {
            self.bytes = Array(String(index).utf8) + [0]
        }
    }

    private init(uncached index: Int) {
        self.bytes = Array(String(index).utf8) + [0]
    }

    private static let indexKeys: [BSONKey] = (0..<1024).map { BSONKey(uncached: $0) }

    private static func escaped(_ utf8: some Collection<UInt8>, dots: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count + 1)
        for byte in utf8 {
            switch byte {
            case 0: bytes.append(contentsOf: [0xE2, 0x90, 0x80])
            case UInt8(ascii: ".") where dots: bytes.append(contentsOf: [0xEF, 0xBC, 0x8E])
            case UInt8(ascii: "$") where dots && bytes.isEmpty:
                bytes.append(contentsOf: [0xEF, 0xBC, 0x84])
            default: bytes.append(byte)
            }
        }
        bytes.append(0)
        return bytes
    }

    /// The name without its NUL.
    package var name: String { String(decoding: bytes.dropLast(), as: UTF8.self) }
}
