/// A column type's number on the wire: `enum_field_types` of the MySQL manual.
enum FieldType: UInt8, Sendable {
    case oldDecimal = 0
    case tiny = 1
    case short = 2
    case long = 3
    case float = 4
    case double = 5
    case null = 6
    case oldTimestamp = 7
    case longLong = 8
    case int24 = 9
    case date = 10
    case oldTime = 11
    case oldDateTime = 12
    case year = 13
    case newDate = 14
    case varchar = 15
    case bit = 16
    case timestamp2 = 17
    case datetime2 = 18
    case time2 = 19
    case typedArray = 20
    /// MariaDB: BLOB or TEXT declared COMPRESSED.
    case blobCompressed = 140
    /// MariaDB: VARCHAR or VARBINARY declared COMPRESSED.
    case varcharCompressed = 141
    case vector = 242
    case bool = 244
    case json = 245
    case newDecimal = 246
    case `enum` = 247
    case set = 248
    case tinyBlob = 249
    case mediumBlob = 250
    case longBlob = 251
    case blob = 252
    case varString = 253
    case string = 254
    case geometry = 255

    /// Whether the column has a bit in the signedness bitmap; YEAR has one, on both servers.
    var isNumeric: Bool {
        switch self {
        case .tiny, .short, .int24, .long, .longLong, .float, .double, .newDecimal, .oldDecimal,
            .year:
            true
        default: false
        }
    }

    /// Whether the column counts in the character sets of types 2 and 3; seen on 9.7: VECTOR does.
    ///
    /// GEOMETRY counts on MariaDB alone.
    func isCharacter(_ flavor: Flavor) -> Bool {
        switch self {
        case .string, .varString, .varchar, .blob, .tinyBlob, .mediumBlob, .longBlob, .vector,
            .blobCompressed, .varcharCompressed:
            true
        case .geometry: flavor == .mariadb
        default: false
        }
    }

    /// Whether the column counts in the character sets of types 10 and 11.
    var isEnumOrSet: Bool { self == .enum || self == .set }
}
