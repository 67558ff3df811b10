extension Column {
    /// Joins each field with its share of the optional metadata, which is counted per kind of column.
    static func resolve(
        _ fields: [Field], _ metadata: TableMapMetadata, _ flavor: Flavor, nullable: [UInt8]
    ) -> [Column] {
        var shares = MetadataShares(metadata)
        return fields.enumerated().map { index, field in
            let name = metadata.names?[index] ?? "@\(index + 1)"
            let unsigned = field.type.isNumeric ? shares.unsigned.next() : false
            let collation = shares.nextCollation(of: field.type, flavor)
            return Column(
                name: name,
                type: shares.type(
                    of: field, named: name, isUnsigned: unsigned ?? false, collation: collation),
                isNullable: nullable[index / 8] & (1 << (index % 8)) != 0,
                isSignednessKnown: unsigned != nil,
                collationID: collation,
                isVisible: metadata.visible?[index],
                storage: field.storage)
        }
    }
}

/// The optional metadata's lists, each consumed by the columns of its kind.
private struct MetadataShares {
    var unsigned: Share<Bool>
    var collations: Share<Int>
    var enumAndSetCollations: Share<Int>
    var setLabels: Share<[[UInt8]]>
    var enumLabels: Share<[[UInt8]]>
    var geometryKinds: Share<Int>
    var vectorDimensions: Share<Int>

    init(_ metadata: TableMapMetadata) {
        unsigned = Share(metadata.unsigned)
        collations = Share(metadata.collations)
        enumAndSetCollations = Share(metadata.enumAndSetCollations)
        setLabels = Share(metadata.setLabels)
        enumLabels = Share(metadata.enumLabels)
        geometryKinds = Share(metadata.geometryKinds)
        vectorDimensions = Share(metadata.vectorDimensions)
    }

    mutating func nextCollation(of type: FieldType, _ flavor: Flavor) -> Int? {
        let collation =
            if type.isCharacter(flavor) {
                collations.next()
            } else if type.isEnumOrSet {
                enumAndSetCollations.next()
            } else { nil as Int? }
        return collation == CollationID.unknown ? nil : collation
    }

    mutating func type(
        of field: Field, named name: String, isUnsigned: Bool, collation: Int?
    ) -> ColumnType {
        let charset = collation.map { Charset(collationID: $0) } ?? .unknown
        switch field.type {
        case .tiny, .short, .int24, .long, .longLong:
            return .integer(byteCount: field.size, isUnsigned: isUnsigned)
        case .bool: return .integer(byteCount: field.size, isUnsigned: false)
        case .float: return .float
        case .double: return .double
        case .newDecimal: return .decimal(precision: field.size, scale: field.scale)
        case .bit: return .bit(count: field.size)
        case .year: return .year
        case .date, .newDate: return .date
        case .time2: return .time(fractionDigits: field.size)
        case .datetime2: return .datetime(fractionDigits: field.size)
        case .timestamp2: return .timestamp(fractionDigits: field.size)
        case .string:
            return charset == .binary
                ? .binary(byteCount: field.size)
                : .char(byteCountMax: field.size, charset: charset)
        case .varchar, .varString: return varchar(byteCountMax: field.size, charset)
        case .varcharCompressed:
            // One byte of the column's length is for the byte in front of each value.
            return .compressed(varchar(byteCountMax: max(0, field.size - 1), charset))
        case .blob, .tinyBlob, .mediumBlob, .longBlob: return blob(field.size, charset)
        case .blobCompressed: return .compressed(blob(field.size, charset))
        case .enum:
            return labelled(enumLabels.next(), charset, "ENUM", name) {
                .enumeration(byteCount: field.size, labels: $0)
            }
        case .set:
            return labelled(setLabels.next(), charset, "SET", name) {
                .set(byteCount: field.size, labels: $0)
            }
        case .json: return .json
        case .geometry: return .geometry(kind: geometryKinds.next())
        case .vector: return .vector(dimension: vectorDimensions.next())
        case .oldTime: return .oldTime(fractionDigits: field.oldFractionDigits)
        case .oldDateTime: return .oldDatetime(fractionDigits: field.oldFractionDigits)
        case .oldTimestamp: return .oldTimestamp(fractionDigits: field.oldFractionDigits)
        case .oldDecimal, .null, .typedArray:
            return .unsupported("type \(field.type.rawValue) of column \(name)")
        }
    }

    private func varchar(byteCountMax: Int, _ charset: Charset) -> ColumnType {
        charset == .binary
            ? .varbinary(byteCountMax: byteCountMax)
            : .varchar(byteCountMax: byteCountMax, charset: charset)
    }

    private func blob(_ lengthByteCount: Int, _ charset: Charset) -> ColumnType {
        charset == .binary
            ? .blob(lengthByteCount: lengthByteCount)
            : .text(lengthByteCount: lengthByteCount, charset: charset)
    }

    private func labelled(
        _ labels: [[UInt8]]?, _ charset: Charset, _ type: String, _ name: String,
        _ make: ([String]?) -> ColumnType
    ) -> ColumnType {
        guard let labels else { return make(nil) }
        if let refusal = charset.refusal {
            return .unsupported("\(refusal) in the labels of \(type) column \(name)")
        }
        // Labels that are no text are none: values are their index or bits then.
        let texts = labels.compactMap { charset.decode($0) }
        return make(texts.count == labels.count ? texts : nil)
    }
}

extension Field {
    /// The fraction of an old temporal column: none, or nil when the log does not tell.
    fileprivate var oldFractionDigits: Int? { storage == .undecodable ? nil : 0 }
}

/// A list from which each column of one kind takes the next item; empty when the server sent none.
private struct Share<Item> {
    private let items: [Item]?
    private var index = 0

    init(_ items: [Item]?) {
        self.items = items
    }

    mutating func next() -> Item? {
        guard let items, index < items.count else { return nil }
        defer { index += 1 }
        return items[index]
    }
}
