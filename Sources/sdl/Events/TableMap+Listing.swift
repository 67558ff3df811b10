internal import BinlogProtocol

extension TableMap {
    func list(_ flags: UInt64, to text: ListingText) {
        text.line("table \(database).\(table), id \(tableID)")
        let names: KeyValuePairs<UInt64, String> = [
            0x1: "BIT_LEN_EXACT", 0x2: "REFERRED_FK_DB", 0x4: "GENERATED_INVISIBLE_PK",
            0x4000: "HAS_TRIGGERS",
        ]
        text.line("flags \(ListingText.flags(flags, names))")
        let note = hasColumnNames ? "" : ", names are not in the log"
        text.line("columns \(columns.count)\(note)")
        text.indented { for column in columns { text.line(column.listing) } }
        if !primaryKey.isEmpty {
            text.line("primary key \(primaryKey.map { columns[$0].name }.joined(separator: ", "))")
        }
    }
}

extension Column {
    /// Name, type and what else is known: `name VARCHAR(80 bytes) utf8mb4 (255) NOT NULL`.
    fileprivate var listing: String {
        var parts = [name, type.listing]
        if let collationID { parts.append("collation \(collationID)") }
        if !isSignednessKnown { parts.append("(signed or unsigned: not in the log)") }
        parts.append(isNullable ? "NULL" : "NOT NULL")
        if isVisible == false { parts.append("INVISIBLE") }
        return parts.joined(separator: " ")
    }
}

extension ColumnType {
    /// The type as in a definition, as far as the log tells it.
    fileprivate var listing: String {
        switch self {
        case .integer(let byteCount, let isUnsigned):
            return Self.integerName(byteCount) + (isUnsigned ? " UNSIGNED" : "")
        case .float: return "FLOAT"
        case .double: return "DOUBLE"
        case .decimal(let precision, let scale): return "DECIMAL(\(precision),\(scale))"
        case .bit(let count): return "BIT(\(count))"
        case .year: return "YEAR"
        case .date: return "DATE"
        case .time(let digits): return "TIME(\(digits))"
        case .datetime(let digits): return "DATETIME(\(digits))"
        case .timestamp(let digits): return "TIMESTAMP(\(digits))"
        case .oldTime(let digits): return "TIME\(Self.digits(digits)) in the old form"
        case .oldDatetime(let digits): return "DATETIME\(Self.digits(digits)) in the old form"
        case .oldTimestamp(let digits): return "TIMESTAMP\(Self.digits(digits)) in the old form"
        case .char(let count, let charset): return "CHAR of \(count) bytes \(charset.listing)"
        case .varchar(let count, let charset): return "VARCHAR of \(count) bytes \(charset.listing)"
        case .text(let length, let charset): return "\(Self.size(length))TEXT \(charset.listing)"
        case .binary(let count): return "BINARY(\(count))"
        case .varbinary(let count): return "VARBINARY(\(count))"
        case .blob(let length): return "\(Self.size(length))BLOB"
        case .enumeration(_, let labels): return "ENUM\(Self.list(labels))"
        case .set(_, let labels): return "SET\(Self.list(labels))"
        case .json: return "JSON"
        case .geometry(let kind): return kind.flatMap { Self.geometries[$0] } ?? "GEOMETRY"
        case .vector(let dimension): return "VECTOR" + (dimension.map { "(\($0))" } ?? "")
        case .uuid: return "UUID"
        case .inet4: return "INET4"
        case .inet6: return "INET6"
        case .compressed(let type): return "\(type.listing) COMPRESSED"
        case .unsupported(let what): return "(\(what), not decoded)"
        }
    }

    private static let geometries = [
        1: "POINT", 2: "LINESTRING", 3: "POLYGON", 4: "MULTIPOINT", 5: "MULTILINESTRING",
        6: "MULTIPOLYGON", 7: "GEOMETRYCOLLECTION",
    ]

    private static func integerName(_ byteCount: Int) -> String {
        switch byteCount {
        case 1: "TINYINT"
        case 2: "SMALLINT"
        case 3: "MEDIUMINT"
        case 4: "INT"
        default: "BIGINT"
        }
    }

    private static func size(_ lengthByteCount: Int) -> String {
        switch lengthByteCount {
        case 1: "TINY"
        case 2: ""
        case 3: "MEDIUM"
        default: "LONG"
        }
    }

    private static func digits(_ digits: Int?) -> String { digits.map { "(\($0))" } ?? "" }

    private static func list(_ labels: [String]?) -> String {
        guard let labels else { return " (labels are not in the log)" }
        return "(" + labels.map { Escaping.jsonString($0) }.joined(separator: ",") + ")"
    }
}

extension Charset {
    fileprivate var listing: String {
        self == .unknown ? "(character set is not in the log)" : "\(self)"
    }
}
