/// The optional metadata at the end of a table map, still in the server's own terms.
///
///     ┌─────────┬────────────────┬───────────────┐
///     │ type u8 │ length (lenenc)│ value         │   repeated, in any order
///     └─────────┴────────────────┴───────────────┘
///
/// A type that is not known is stepped over by its length.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Table__map__event.html
struct TableMapMetadata: Equatable, Sendable {
    /// Per numeric column, in order: whether it is unsigned.
    var unsigned: [Bool]?
    /// Per character column, in order.
    var collations: [Int]?
    /// Per ENUM and SET column, in order.
    var enumAndSetCollations: [Int]?
    /// Per column.
    var names: [String]?
    /// Per SET column, then per label, in the column's character set.
    var setLabels: [[[UInt8]]]?
    /// Per ENUM column, then per label, in the column's character set.
    var enumLabels: [[[UInt8]]]?
    /// Per GEOMETRY column: the OGC number of its kind.
    var geometryKinds: [Int]?
    /// Per VECTOR column.
    var vectorDimensions: [Int]?
    /// Indexes of the columns of the primary key, in the key's order.
    var primaryKey: [Int]?
    /// Per column: whether `SELECT *` shows it.
    var visible: [Bool]?

    /// - Throws: also `.invalid` for a type that comes twice: servers send each once.
    init(
        from reader: inout ByteReader, fields: [Field], flavor: Flavor
    ) throws(DecodingError) {
        let counts = KindCounts(fields, flavor)
        var seen: Set<UInt8> = []
        while !reader.isAtEnd {
            let at = reader.offset
            let type: UInt8 = try reader.read()
            guard seen.insert(type).inserted else {
                throw DecodingError(.invalid("metadata of a table map: a type comes twice"), at: at)
            }
            var value = try reader.slice(try reader.readLength())
            switch type {
            case 1: unsigned = try value.readBits(counts.numeric)
            case 2: collations = try value.readDefaultedCollations(count: counts.character)
            case 3: collations = try value.readNumbers(counts.character)
            case 4: names = try value.readNames(count: fields.count)
            case 5:
                setLabels = try value.readLabels(columns: counts.set, max: Limits.setLabelsMax)
            case 6:
                enumLabels = try value.readLabels(
                    columns: counts.enumeration, max: Limits.enumLabelsMax)
            case 7: geometryKinds = try value.readNumbers(counts.geometry)
            case 8: primaryKey = try value.readKey(columns: fields.count, hasPrefixes: false)
            case 9: primaryKey = try value.readKey(columns: fields.count, hasPrefixes: true)
            case 10:
                enumAndSetCollations = try value.readDefaultedCollations(
                    count: counts.enumeration + counts.set)
            case 11:
                enumAndSetCollations = try value.readNumbers(counts.enumeration + counts.set)
            case 12: visible = try value.readBits(fields.count)
            case 13: vectorDimensions = try value.readNumbers(counts.vector)
            default: try value.skip(value.remaining)
            }
            try value.finish()
        }
    }
}

/// How many columns of each kind a table has, counted once.
private struct KindCounts {
    var numeric = 0
    var character = 0
    var enumeration = 0
    var set = 0
    var geometry = 0
    var vector = 0

    init(_ fields: [Field], _ flavor: Flavor) {
        for field in fields {
            if field.type.isNumeric { numeric += 1 }
            if field.type.isCharacter(flavor) { character += 1 }
            switch field.type {
            case .enum: enumeration += 1
            case .set: set += 1
            case .geometry: geometry += 1
            case .vector: vector += 1
            default: break
            }
        }
    }
}

extension ByteReader {
    /// Bits from the most significant of the first byte; the bits that fill the last byte are free.
    fileprivate mutating func readBits(_ count: Int) throws(DecodingError) -> [Bool] {
        let bytes = try readBytes((count + 7) / 8)
        return (0..<count).map { bytes[$0 / 8] & (0x80 >> ($0 % 8)) != 0 }
    }

    /// A small number: a collation, a column index, a dimension.
    private mutating func readNumber() throws(DecodingError) -> Int {
        let at = offset
        let number = try readLengthEncodedInteger()
        guard number <= UInt64(UInt32.max) else {
            throw DecodingError(.invalid("number in a table map's metadata"), at: at)
        }
        return Int(truncatingIfNeeded: number)
    }

    fileprivate mutating func readNumbers(_ count: Int) throws(DecodingError) -> [Int] {
        var numbers: [Int] = []
        numbers.reserveCapacity(min(count, remaining))
        for _ in 0..<count { numbers.append(try readNumber()) }
        return numbers
    }

    /// A collation for all, then pairs of index (among the columns that count) and collation.
    fileprivate mutating func readDefaultedCollations(
        count: Int
    ) throws(DecodingError) -> [Int] {
        var collations = Array(repeating: try readNumber(), count: count)
        while !isAtEnd {
            let at = offset
            let index = try readNumber()
            guard index < count else {
                throw DecodingError(.invalid("column index of a collation"), at: at)
            }
            collations[index] = try readNumber()
        }
        return collations
    }

    fileprivate mutating func readNames(count: Int) throws(DecodingError) -> [String] {
        var names: [String] = []
        names.reserveCapacity(min(count, remaining))
        for _ in 0..<count {
            names.append(String(decoding: try readLengthEncodedBytes(), as: UTF8.self))
        }
        return names
    }

    fileprivate mutating func readLabels(
        columns: Int, max: Int
    ) throws(DecodingError) -> [[[UInt8]]] {
        var labels: [[[UInt8]]] = []
        labels.reserveCapacity(min(columns, remaining))
        var total = 0
        for _ in 0..<columns {
            let at = offset
            // A label takes at least the byte of its length, so that the count is at most what is left.
            let count = try readLength()
            total += count
            guard count <= max, total <= Limits.labelsMax else {
                throw DecodingError(.invalid("number of labels of a column"), at: at)
            }
            var ofColumn: [[UInt8]] = []
            ofColumn.reserveCapacity(count)
            for _ in 0..<count { ofColumn.append(try readLengthEncodedBytes()) }
            labels.append(ofColumn)
        }
        return labels
    }

    /// Column indexes; with prefixes, each is followed by a length in characters (0: all of it).
    fileprivate mutating func readKey(
        columns: Int, hasPrefixes: Bool
    ) throws(DecodingError) -> [Int] {
        var key: [Int] = []
        var isInKey = Array(repeating: false, count: columns)
        while !isAtEnd {
            let at = offset
            let index = try readNumber()
            guard index < columns, !isInKey[index] else {
                throw DecodingError(.invalid("column index of a primary key"), at: at)
            }
            isInKey[index] = true
            key.append(index)
            if hasPrefixes { _ = try readNumber() }
        }
        return key
    }
}
