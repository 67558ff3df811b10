/// One value of a row, owned and without loss.
public enum ColumnValue: Hashable, Sendable {
    /// SQL NULL.
    case null
    /// An integer of a column with sign.
    case integer(Int64)
    /// An integer of an UNSIGNED column.
    case unsignedInteger(UInt64)
    /// A FLOAT.
    case float(Float)
    /// A DOUBLE.
    case double(Double)
    /// A DECIMAL as `SELECT` prints it, with every digit of its scale.
    case decimal(String)
    /// The bits of a BIT column as a number.
    case bits(UInt64)
    /// A YEAR: 0, or 1901 to 2155.
    case year(Int)
    /// A DATE as `SELECT` prints it, zero and partial dates too.
    case date(String)
    /// A TIME as `SELECT` prints it.
    case time(String)
    /// A DATETIME as `SELECT` prints it; it has no time zone.
    case datetime(String)
    /// A TIMESTAMP; nil is the zero timestamp `0000-00-00 00:00:00`.
    case timestamp(Timestamp?)
    /// CHAR, VARCHAR or TEXT; UUID, INET4 or INET6 as `SELECT` prints it.
    case string(String)
    /// The bytes of BINARY, VARBINARY, BLOB, or of a text that is not valid in its character set.
    case bytes([UInt8])
    /// An ENUM: its index, 0 being the error value `''`, and its label if the server sent labels.
    case enumeration(index: Int, label: String?)
    /// A SET: its bits, lowest label first, and its labels if the server sent them.
    case set(bits: UInt64, labels: [String]?)
    /// A JSON document in the form of `CAST(… AS CHAR)`.
    case json(String)
    /// What changed in a JSON document whose old value the log does not hold (`binlog_row_value_options=PARTIAL_JSON`).
    case jsonDifferences([JSONDiff])
    /// A GEOMETRY: its spatial reference and its well-known binary.
    case geometry(srid: UInt32, wellKnownBinary: [UInt8])
    /// A VECTOR.
    case vector([Float])
}

extension ColumnValue {
    /// Decodes one cell of a row image; nil for a column that the image does not carry.
    ///
    /// Throws `.unsupported` for a type or character set that is not decoded, and `.invalid`,
    /// `.truncated` or `.trailingBytes` for bytes that are no value of the column's type.
    package init?(_ cell: CellRange, of column: Column, in bytes: [UInt8]) throws(DecodingError) {
        guard !cell.isAbsent else { return nil }
        self = cell.isNull ? .null : try ColumnValue.decode(cell, column.type, bytes)
    }

    /// The differences of a JSON column; see ``RowCursor/isDifference``.
    init(differences cell: CellRange, in bytes: [UInt8]) throws(DecodingError) {
        var owned: [JSONDiff] = []
        for difference in try JSONDiffCell.all(in: cell, of: bytes) {
            owned.append(try difference.owned(bytes))
        }
        self = .jsonDifferences(owned)
    }

    private static func decode(
        _ cell: CellRange, _ type: ColumnType, _ bytes: [UInt8]
    ) throws(DecodingError) -> ColumnValue {
        switch type {
        case .integer(let byteCount, isUnsigned: false):
            return .integer(try cell.signedInteger(byteCount: byteCount, in: bytes))
        case .integer(let byteCount, isUnsigned: true):
            return .unsignedInteger(try cell.unsignedInteger(byteCount: byteCount, in: bytes))
        case .float: return .float(try cell.float(in: bytes))
        case .double: return .double(try cell.double(in: bytes))
        case .bit(let count): return .bits(try cell.bits(count, in: bytes))
        case .year: return .year(try cell.year(in: bytes))
        case .timestamp(let digits):
            return .timestamp(try cell.timestamp(fractionDigits: digits, in: bytes))
        case .oldTimestamp(let digits?):
            return .timestamp(try cell.oldTimestamp(fractionDigits: digits, in: bytes))
        case .decimal, .date, .time, .datetime, .oldTime(.some), .oldDatetime(.some):
            return try decodeText(cell, type, bytes)
        case .uuid, .inet4, .inet6: return try decodeAddress(cell, type, bytes)
        case .char(_, let charset), .varchar(_, let charset), .text(_, let charset):
            if try charset.isUTF8(cell, in: bytes) {
                return .string(String(decoding: bytes[cell.range], as: UTF8.self))
            }
            var text: [UInt8] = []
            guard try charset.appendUTF8(cell, in: bytes, to: &text) else {
                return .bytes(Array(bytes[cell.range]))
            }
            return .string(String(decoding: text, as: UTF8.self))
        case .binary(let byteCount):
            var value: [UInt8] = []
            try cell.appendBinary(byteCount: byteCount, in: bytes, to: &value)
            return .bytes(value)
        case .varbinary, .blob:
            try cell.require(in: bytes)
            return .bytes(Array(bytes[cell.range]))
        case .enumeration, .set: return try decodeLabels(cell, type, bytes)
        case .json, .geometry, .vector: return try decodeStructured(cell, type, bytes)
        case .compressed(let inner):
            let value = try cell.decompressed(in: bytes)
            return try decode(CellRange(start: 0, count: value.count), inner, value)
        case .oldTime(nil), .oldDatetime(nil), .oldTimestamp(nil):
            throw DecodingError(.unsupported("old form of a date or time"), at: cell.start)
        case .unsupported(let what): throw DecodingError(.unsupported(what), at: cell.start)
        }
    }

    private static func decodeAddress(
        _ cell: CellRange, _ type: ColumnType, _ bytes: [UInt8]
    ) throws(DecodingError) -> ColumnValue {
        var text: [UInt8] = []
        switch type {
        case .uuid: try cell.appendUUID(in: bytes, to: &text)
        case .inet4: try cell.appendINET4(in: bytes, to: &text)
        default: try cell.appendINET6(in: bytes, to: &text)
        }
        return .string(String(decoding: text, as: UTF8.self))
    }

    /// What a date, a time and most decimals take.
    private static let textBytes = 32

    private static func decodeText(
        _ cell: CellRange, _ type: ColumnType, _ bytes: [UInt8]
    ) throws(DecodingError) -> ColumnValue {
        var text: [UInt8] = []
        text.reserveCapacity(textBytes)
        switch type {
        case .decimal(let precision, let scale):
            try cell.appendDecimal(precision: precision, scale: scale, in: bytes, to: &text)
            return .decimal(String(decoding: text, as: UTF8.self))
        case .time(let digits):
            try cell.appendTime(fractionDigits: digits, in: bytes, to: &text)
            return .time(String(decoding: text, as: UTF8.self))
        case .oldTime(let digits?):
            try cell.appendOldTime(fractionDigits: digits, in: bytes, to: &text)
            return .time(String(decoding: text, as: UTF8.self))
        case .oldDatetime(let digits?):
            try cell.appendOldDateTime(fractionDigits: digits, in: bytes, to: &text)
            return .datetime(String(decoding: text, as: UTF8.self))
        case .datetime(let digits):
            try cell.appendDateTime(fractionDigits: digits, in: bytes, to: &text)
            return .datetime(String(decoding: text, as: UTF8.self))
        default:
            try cell.appendDate(in: bytes, to: &text)
            return .date(String(decoding: text, as: UTF8.self))
        }
    }

    private static func decodeLabels(
        _ cell: CellRange, _ type: ColumnType, _ bytes: [UInt8]
    ) throws(DecodingError) -> ColumnValue {
        switch type {
        case .enumeration(let byteCount, let labels):
            let index = try cell.enumIndex(
                byteCount: byteCount, labelCount: labels?.count, in: bytes)
            return .enumeration(index: index, label: labels.map { index == 0 ? "" : $0[index - 1] })
        case .set(let byteCount, let labels):
            let bits = try cell.setBits(
                byteCount: byteCount, labelCount: labels?.count, in: bytes)
            let chosen = labels?.enumerated().filter { bits >> UInt64($0.offset) & 1 != 0 }
            return .set(bits: bits, labels: chosen?.map(\.element))
        default: throw DecodingError(.unsupported("column type"), at: cell.start)
        }
    }

    private static func decodeStructured(
        _ cell: CellRange, _ type: ColumnType, _ bytes: [UInt8]
    ) throws(DecodingError) -> ColumnValue {
        switch type {
        case .geometry:
            let (srid, wellKnownBinary) = try cell.geometry(in: bytes)
            return .geometry(srid: srid, wellKnownBinary: Array(bytes[wellKnownBinary.range]))
        case .vector:
            let dimension = try cell.vectorDimension(in: bytes)
            var values: [Float] = []
            values.reserveCapacity(dimension)
            for index in 0..<dimension {
                let element = CellRange(start: cell.start + 4 * index, count: 4)
                values.append(try element.float(in: bytes))
            }
            return .vector(values)
        default:
            var text: [UInt8] = []
            try JSONText.append(cell, in: bytes, to: &text)
            return .json(String(decoding: text, as: UTF8.self))
        }
    }
}
