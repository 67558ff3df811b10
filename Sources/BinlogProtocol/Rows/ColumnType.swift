/// What a column holds, with everything resolved that its values need to be read.
public enum ColumnType: Hashable, Sendable {
    /// TINYINT, SMALLINT, MEDIUMINT, INT or BIGINT: 1, 2, 3, 4 or 8 bytes.
    case integer(byteCount: Int, isUnsigned: Bool)
    /// FLOAT, 4 bytes.
    case float
    /// DOUBLE, 8 bytes.
    case double
    /// DECIMAL: up to 65 digits in all, up to 30 of them after the point.
    case decimal(precision: Int, scale: Int)
    /// BIT of 1 to 64 bits.
    case bit(count: Int)
    /// YEAR.
    case year
    /// DATE.
    case date
    /// TIME with 0 to 6 digits of fraction.
    case time(fractionDigits: Int)
    /// DATETIME with 0 to 6 digits of fraction; it has no time zone.
    case datetime(fractionDigits: Int)
    /// TIMESTAMP with 0 to 6 digits of fraction, in UTC.
    case timestamp(fractionDigits: Int)
    /// CHAR; the length is that of the longest value in bytes.
    case char(byteCountMax: Int, charset: Charset)
    /// VARCHAR; the length is that of the longest value in bytes.
    case varchar(byteCountMax: Int, charset: Charset)
    /// TINYTEXT, TEXT, MEDIUMTEXT or LONGTEXT: 1 to 4 bytes of length.
    case text(lengthByteCount: Int, charset: Charset)
    /// TIME in the form that tables from before MySQL 5.6, and MariaDB with `mysql56_temporal_format=OFF`, have.
    ///
    /// The log does not tell the digits of MariaDB's; nil: values cannot be found.
    case oldTime(fractionDigits: Int?)
    /// DATETIME in the old form; see ``oldTime(fractionDigits:)``.
    case oldDatetime(fractionDigits: Int?)
    /// TIMESTAMP in the old form, in UTC; see ``oldTime(fractionDigits:)``.
    case oldTimestamp(fractionDigits: Int?)
    /// BINARY, always of this many bytes.
    case binary(byteCount: Int)
    /// VARBINARY of at most this many bytes.
    case varbinary(byteCountMax: Int)
    /// TINYBLOB, BLOB, MEDIUMBLOB or LONGBLOB: 1 to 4 bytes of length.
    case blob(lengthByteCount: Int)
    /// ENUM of 1 or 2 bytes; the labels in order, index 1 first, or nil when the server sent none.
    case enumeration(byteCount: Int, labels: [String]?)
    /// SET of 1, 2, 3, 4 or 8 bytes; the labels in order, lowest bit first, or nil without them.
    case set(byteCount: Int, labels: [String]?)
    /// JSON in MySQL's binary form.
    case json
    /// GEOMETRY: a spatial reference and well-known binary; the kind by its OGC number, if known.
    case geometry(kind: Int?)
    /// VECTOR of 32-bit floats; the dimension if the server sent it.
    case vector(dimension: Int?)
    /// MariaDB's UUID; in the log it looks like BINARY(16).
    case uuid
    /// MariaDB's INET4; in the log it looks like BINARY(4).
    case inet4
    /// MariaDB's INET6; in the log it looks like BINARY(16).
    case inet6
    /// VARCHAR, VARBINARY, TEXT or BLOB that MariaDB stores compressed, each value for itself.
    indirect case compressed(ColumnType)
    /// A type whose values this library does not decode; the text names it and says why.
    case unsupported(String)
}
