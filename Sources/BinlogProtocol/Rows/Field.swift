/// A column's type and its own metadata bytes, as the table map carries them.
///
///     FLOAT DOUBLE            pack length (4, 8)
///     BLOB JSON GEOMETRY VECTOR   bytes of the length prefix (1…4)
///     TIME2 DATETIME2 TIMESTAMP2  fraction digits (0…6)
///     VARCHAR                 u16 LE: longest value in bytes
///     BIT                     bits modulo 8, whole bytes
///     NEWDECIMAL              precision, scale
///     STRING ENUM SET         real type mixed with the high length bits, low length byte
///     TYPED_ARRAY             type of the elements, and their metadata (VARCHAR: three bytes)
///     all others              nothing
///
/// The types 0 (DECIMAL before MySQL 5.0) and 6 (NULL) are those of no column that a server can still
/// write; 253 (VARCHAR before 5.0) is read as VARCHAR. The old forms of TIME, DATETIME and TIMESTAMP say
/// nothing of their fraction: MySQL's have none, of MariaDB's the length is not known.
struct Field: Equatable, Sendable {
    /// The real type: ENUM and SET columns arrive disguised as STRING.
    let type: FieldType
    /// Longest value in bytes, bytes of the length prefix, pack length, precision, bits or fraction
    /// digits, whichever the type has.
    let size: Int
    /// Digits after the point of a NEWDECIMAL.
    let scale: Int
    let storage: ColumnStorage

    private init(_ type: FieldType, size: Int = 0, scale: Int = 0, storage: ColumnStorage) {
        self.type = type
        self.size = size
        self.scale = scale
        self.storage = storage
    }

    init(code: UInt8, flavor: Flavor, metadata: inout ByteReader) throws(DecodingError) {
        guard let type = FieldType(rawValue: code) else {
            throw DecodingError(.unsupported("column type \(code)"), at: metadata.offset)
        }
        switch type {
        case .tiny, .bool: self.init(type, size: 1, storage: .fixed(1))
        case .short: self.init(type, size: 2, storage: .fixed(2))
        case .int24: self.init(type, size: 3, storage: .fixed(3))
        case .long: self.init(type, size: 4, storage: .fixed(4))
        case .longLong: self.init(type, size: 8, storage: .fixed(8))
        case .year: self.init(type, storage: .fixed(1))
        case .date, .newDate: self.init(type, storage: .fixed(3))
        case .oldTime, .oldDateTime, .oldTimestamp:
            self.init(
                type,
                storage: flavor == .mariadb
                    ? .undecodable : .oldTemporal(type, fractionDigits: 0))
        case .null: self.init(type, storage: .fixed(0))
        case .oldDecimal: self.init(type, storage: .undecodable)
        case .float, .double: self = try Field.floatingPoint(type, &metadata)
        case .newDecimal: self = try Field.decimal(&metadata)
        case .bit: self = try Field.bit(&metadata)
        case .time2, .datetime2, .timestamp2: self = try Field.temporal(type, &metadata)
        case .varchar, .varString, .varcharCompressed:
            let size = Int(try metadata.read(UInt16.self))
            self.init(type, size: size, storage: .prefixed(size < 256 ? 1 : 2))
        case .string, .enum, .set: self = try Field.string(code, &metadata)
        case .blob, .tinyBlob, .mediumBlob, .longBlob, .blobCompressed, .json, .geometry, .vector:
            let at = metadata.offset
            let size: UInt8 = try metadata.read()
            guard (1...4).contains(size) else {
                throw DecodingError(.invalid("length of a BLOB's length"), at: at)
            }
            self.init(type, size: Int(size), storage: .prefixed(size))
        case .typedArray: self = try Field.typedArray(flavor, &metadata)
        }
    }

    private static func floatingPoint(
        _ type: FieldType, _ metadata: inout ByteReader
    ) throws(DecodingError) -> Field {
        let at = metadata.offset
        let size: UInt8 = try metadata.read()
        guard size == (type == .float ? 4 : 8) else {
            throw DecodingError(.invalid("length of a floating-point column"), at: at)
        }
        return Field(type, size: Int(size), storage: .fixed(size))
    }

    private static func decimal(_ metadata: inout ByteReader) throws(DecodingError) -> Field {
        let at = metadata.offset
        let precision = Int(try metadata.read(UInt8.self))
        let scale = Int(try metadata.read(UInt8.self))
        guard let format = DecimalFormat(precision: precision, scale: scale) else {
            throw DecodingError(.invalid("precision and scale of a DECIMAL"), at: at)
        }
        return Field(
            .newDecimal, size: precision, scale: scale,
            storage: .fixed(UInt8(truncatingIfNeeded: format.byteCount)))
    }

    private static func bit(_ metadata: inout ByteReader) throws(DecodingError) -> Field {
        let at = metadata.offset
        let oddBits = Int(try metadata.read(UInt8.self))
        let wholeBytes = Int(try metadata.read(UInt8.self))
        let bits = wholeBytes * 8 + oddBits
        guard oddBits < 8, (1...64).contains(bits) else {
            throw DecodingError(.invalid("width of a BIT"), at: at)
        }
        return Field(
            .bit, size: bits, storage: .fixed(UInt8(truncatingIfNeeded: (bits + 7) / 8)))
    }

    private static func temporal(
        _ type: FieldType, _ metadata: inout ByteReader
    ) throws(DecodingError) -> Field {
        let at = metadata.offset
        let digits: UInt8 = try metadata.read()
        guard digits <= 6 else {
            throw DecodingError(.invalid("fraction digits of a temporal column"), at: at)
        }
        let whole: UInt8 =
            switch type {
            case .time2: 3
            case .datetime2: 5
            default: 4
            }
        return Field(type, size: Int(digits), storage: .fixed(whole + (digits + 1) / 2))
    }

    /// Two bytes hold the real type and ten bits of length: the two high bits of the length are
    /// kept inverted in bits 4 and 5 of the type, which are set in every type that can appear.
    private static func string(
        _ code: UInt8, _ metadata: inout ByteReader
    ) throws(DecodingError) -> Field {
        let at = metadata.offset
        let first: UInt8 = try metadata.read()
        let second: UInt8 = try metadata.read()
        let size = Int(second) | Int((first & 0x30) ^ 0x30) << 4
        switch FieldType(rawValue: first | 0x30) {
        case .string, .varString:
            return Field(.string, size: size, storage: .prefixed(size < 256 ? 1 : 2))
        case .enum where size == 1 || size == 2:
            return Field(.enum, size: size, storage: .fixed(second))
        case .set where (1...4).contains(size) || size == 8:
            return Field(.set, size: size, storage: .fixed(second))
        default:
            throw DecodingError(.invalid("metadata of column type \(code)"), at: at)
        }
    }

    private static func typedArray(
        _ flavor: Flavor, _ metadata: inout ByteReader
    ) throws(DecodingError) -> Field {
        let at = metadata.offset
        let element: UInt8 = try metadata.read()
        switch FieldType(rawValue: element) {
        case .varchar: try metadata.skip(3)
        case .newDecimal, .longLong, .newDate, .time2, .datetime2, .year:
            _ = try Field(code: element, flavor: flavor, metadata: &metadata)
        default: throw DecodingError(.invalid("element type of a typed array"), at: at)
        }
        return Field(.typedArray, storage: .undecodable)
    }
}
