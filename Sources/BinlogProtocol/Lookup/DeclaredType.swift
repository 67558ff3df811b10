/// A column's type as `information_schema.COLUMNS.COLUMN_TYPE` spells it, taken apart.
///
///     decimal(10,2) unsigned zerofill        enum('a','b''c')
///     └─word──┘└args┘ └──attributes──┘       word └─labels─┘
struct DeclaredType {
    /// The type's name in lower case.
    let word: String
    /// The numbers in parentheses.
    private(set) var numbers: [Int] = []
    /// How many labels an ENUM or SET has.
    private(set) var labelCount = 0
    private(set) var isUnsigned = false
    /// MariaDB: whether values are stored, and logged, compressed.
    private(set) var isCompressed = false

    init(_ text: String) {
        let bytes = Array(text.utf8)
        let end = bytes.firstIndex { $0 == UInt8(ascii: "(") || $0 == UInt8(ascii: " ") }
        word = String(decoding: bytes[..<(end ?? bytes.count)], as: UTF8.self).lowercased()
        guard let end else { return }
        var at = end
        if bytes[at] == UInt8(ascii: "(") { at = readArguments(bytes, from: at + 1) }
        let attributes = String(decoding: bytes[at...], as: UTF8.self).lowercased()
        // ZEROFILL makes a column unsigned, also where it is not spelled out.
        isUnsigned = attributes.split(separator: " ").contains {
            $0 == "unsigned" || $0 == "zerofill"
        }
        isCompressed = attributes.contains("compressed")
    }

    /// Reads up to the closing parenthesis; the offset after it.
    private mutating func readArguments(_ bytes: [UInt8], from start: Int) -> Int {
        var at = start
        var number: Int?
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "'"):
                at = endOfLabel(bytes, from: at + 1)
                labelCount += 1
                continue
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digit = Int(bytes[at] - UInt8(ascii: "0"))
                number = min((number ?? 0) * 10 + digit, 1 << 40)
            case UInt8(ascii: ")"):
                if let number { numbers.append(number) }
                return at + 1
            default:
                if let number { numbers.append(number) }
                number = nil
            }
            at += 1
        }
        return at
    }

    /// The offset after the quote that ends a label: a quote within is doubled, a backslash escapes.
    private func endOfLabel(_ bytes: [UInt8], from start: Int) -> Int {
        var at = start
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "\\") {
                at += 2
            } else if bytes[at] != UInt8(ascii: "'") {
                at += 1
            } else if at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "'") {
                at += 2
            } else {
                return at + 1
            }
        }
        return bytes.count
    }

    /// Whether values are bytes and no text.
    var isBinary: Bool {
        switch word {
        case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "vector", "uuid",
            "inet4", "inet6":
            true
        default: false
        }
    }

    /// The OGC number of a spatial type; nil for any other.
    var geometryKind: Int? {
        switch word {
        case "geometry": 0
        case "point": 1
        case "linestring": 2
        case "polygon": 3
        case "multipoint": 4
        case "multilinestring": 5
        case "multipolygon": 6
        case "geometrycollection", "geomcollection": 7
        default: nil
        }
    }
}
