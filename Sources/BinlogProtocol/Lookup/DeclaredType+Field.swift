extension DeclaredType {
    /// Whether a column of this type looks in a table map as `field` does.
    ///
    /// - Parameter byteCountMax: of the longest text in bytes, if it is known.
    func agrees(with field: Field, byteCountMax: Int?) -> Bool {
        switch word {
        case "tinyint", "bool", "boolean": field.type == .tiny || field.type == .bool
        case "smallint": field.type == .short
        case "mediumint": field.type == .int24
        case "int", "integer": field.type == .long
        case "bigint": field.type == .longLong
        case "float": field.type == .float
        case "double", "real": field.type == .double
        case "decimal", "numeric":
            field.type == .newDecimal && field.size == numbers.first ?? 10
                && field.scale == (numbers.count > 1 ? numbers[1] : 0)
        case "bit": field.type == .bit && field.size == numbers.first ?? 1
        case "year": field.type == .year
        case "date": field.type == .date || field.type == .newDate
        case "time": isTemporal(field, .time2, .oldTime)
        case "datetime": isTemporal(field, .datetime2, .oldDateTime)
        case "timestamp": isTemporal(field, .timestamp2, .oldTimestamp)
        default: agreesWithText(field, byteCountMax)
        }
    }

    private func isTemporal(_ field: Field, _ type: FieldType, _ old: FieldType) -> Bool {
        field.type == type ? field.size == numbers.first ?? 0 : field.type == old
    }

    private func agreesWithText(_ field: Field, _ byteCountMax: Int?) -> Bool {
        switch word {
        case "char": field.type == .string && field.size == byteCountMax ?? field.size
        case "binary": field.type == .string && field.size == numbers.first ?? 1
        case "varchar": agreesWithVarying(field, byteCountMax)
        case "varbinary": agreesWithVarying(field, numbers.first)
        case "tinytext", "tinyblob": agreesWithBlob(field, 1)
        case "text", "blob": agreesWithBlob(field, 2)
        case "mediumtext", "mediumblob": agreesWithBlob(field, 3)
        case "longtext", "longblob": agreesWithBlob(field, 4)
        case "json": field.type == .json || field.isBlob && field.size == 4
        case "enum": field.type == .enum && field.size == (labelCount < 256 ? 1 : 2)
        case "set": field.type == .set && field.size == setByteCount
        // MariaDB logs a vector as the bytes that it is stored in.
        case "vector":
            field.type == .vector || field.isVarying && field.size == (numbers.first ?? 0) * 4
        case "uuid", "inet6": field.type == .string && field.size == 16
        case "inet4": field.type == .string && field.size == 4
        default: geometryKind != nil && field.type == .geometry
        }
    }

    private func agreesWithBlob(_ field: Field, _ lengthByteCount: Int) -> Bool {
        (isCompressed ? field.type == .blobCompressed : field.isBlob)
            && field.size == lengthByteCount
    }

    /// One byte of a COMPRESSED column's length is for the byte in front of each value.
    private func agreesWithVarying(_ field: Field, _ byteCount: Int?) -> Bool {
        if field.type == .varcharCompressed { return isCompressed }
        return field.isVarying && !isCompressed && field.size == byteCount ?? field.size
    }

    /// A SET takes 1, 2, 3, 4 or 8 bytes.
    private var setByteCount: Int { labelCount > 32 ? 8 : (labelCount + 7) / 8 }
}

extension Field {
    fileprivate var isVarying: Bool { type == .varchar || type == .varString }

    fileprivate var isBlob: Bool {
        switch type {
        case .blob, .tinyBlob, .mediumBlob, .longBlob: true
        default: false
        }
    }
}
