internal import BinlogProtocol

/// One column: its name as a field name, and how its values are written.
///
/// A class, so that a loop over columns counts one reference and copies no parts.
final class ColumnLayout: Sendable {
    /// The BSON form of a column's values; it follows from the column's type alone, never from a value.
    enum Form: Sendable {
        case int32(byteCount: Int)
        case unsignedInt32(byteCount: Int)
        case int64
        case unsignedInt32AsInt64
        case unsignedInt64
        case float
        case double
        case decimal128(precision: Int, scale: Int)
        case decimalText(precision: Int, scale: Int)
        case bit(count: Int)
        case year
        case date
        case time(fractionDigits: Int)
        case datetime(fractionDigits: Int)
        case timestampDate(fractionDigits: Int)
        case timestampText(fractionDigits: Int)
        case oldTime(fractionDigits: Int)
        case oldDatetime(fractionDigits: Int)
        case oldTimestampDate(fractionDigits: Int)
        case oldTimestampText(fractionDigits: Int)
        case text(Charset)
        case compressedText(Charset)
        case compressedBinary
        case uuid
        case inet4
        case inet6
        case fixedBinary(byteCount: Int)
        case binary
        case enumeration(byteCount: Int)
        case set(byteCount: Int)
        case json
        case geometry
        case vector
        /// The reason is ``ColumnLayout/refusal``.
        case refused
    }

    let key: BSONKey
    let form: Form
    /// Labels of ENUM and SET in UTF-8; nil when the server sent none.
    let labels: [[UInt8]]?
    /// Why values of the column cannot be written; nil for all others.
    let refusal: String?
    /// The character set of the column, if it has one.
    let charset: Charset?

    init(_ column: Column, key: BSONKey) {
        self.key = key
        var labels: [String]?
        var refusal: String?
        switch column.type {
        case .integer(let byteCount, let isUnsigned):
            form = Self.integerForm(byteCount: byteCount, isUnsigned: isUnsigned)
        case .float: form = .float
        case .double: form = .double
        case .decimal(let precision, let scale):
            form =
                precision <= Decimal128.digitsMax
                ? .decimal128(precision: precision, scale: scale)
                : .decimalText(precision: precision, scale: scale)
        case .bit(let count): form = .bit(count: count)
        case .year: form = .year
        case .date: form = .date
        case .time(let digits): form = .time(fractionDigits: digits)
        case .datetime(let digits): form = .datetime(fractionDigits: digits)
        case .timestamp(let digits):
            form =
                digits <= 3
                ? .timestampDate(fractionDigits: digits) : .timestampText(fractionDigits: digits)
        case .oldTime(let digits?): form = .oldTime(fractionDigits: digits)
        case .oldDatetime(let digits?): form = .oldDatetime(fractionDigits: digits)
        case .oldTimestamp(let digits?):
            form =
                digits <= 3
                ? .oldTimestampDate(fractionDigits: digits)
                : .oldTimestampText(fractionDigits: digits)
        case .char(_, let charset), .varchar(_, let charset), .text(_, let charset):
            form = .text(charset)
        case .binary(let byteCount): form = .fixedBinary(byteCount: byteCount)
        case .varbinary, .blob: form = .binary
        case .enumeration(let byteCount, let names):
            form = .enumeration(byteCount: byteCount)
            labels = names
        case .set(let byteCount, let names):
            form = .set(byteCount: byteCount)
            labels = names
        case .json: form = .json
        case .geometry: form = .geometry
        case .vector: form = .vector
        case .uuid: form = .uuid
        case .inet4: form = .inet4
        case .inet6: form = .inet6
        case .compressed(.varchar(_, let charset)), .compressed(.text(_, let charset)):
            form = .compressedText(charset)
        case .compressed(.varbinary), .compressed(.blob): form = .compressedBinary
        case .oldTime(nil), .oldDatetime(nil), .oldTimestamp(nil), .compressed, .unsupported:
            refusal = column.refusal ?? "a type that MariaDB does not compress"
            form = .refused
        }
        charset = column.collationID.map { Charset(collationID: $0) }
        self.labels = labels?.map { Array($0.utf8) }
        self.refusal = refusal.map { "column \(column.name): \($0)" }
    }

    /// The number of bytes that a value takes once it is written.
    func byteCount(_ cell: CellRange, of bytes: [UInt8]) throws(DecodingError) -> Int {
        guard cell.hasValue else { return 0 }
        switch form {
        case .compressedText, .compressedBinary: return try cell.decompressedCount(in: bytes)
        default: return cell.count
        }
    }

    private static func integerForm(byteCount: Int, isUnsigned: Bool) -> Form {
        switch (byteCount, isUnsigned) {
        case (8, true): .unsignedInt64
        case (8, false): .int64
        case (4, true): .unsignedInt32AsInt64
        case (_, true): .unsignedInt32(byteCount: byteCount)
        default: .int32(byteCount: byteCount)
        }
    }
}
