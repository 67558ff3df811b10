/// The column types that workloads use.
enum ColumnKind: Hashable, Sendable {
    /// TINYINT … BIGINT of 1, 2, 3, 4 or 8 bytes.
    case integer(byteCount: Int, isUnsigned: Bool)
    case float
    case double
    case decimal(precision: Int, scale: Int)
    case bit(Int)
    case char(Int, TextCharset)
    case varchar(Int, TextCharset)
    case text(String, TextCharset)
    case binary(Int)
    case varbinary(Int)
    case blob(String)
    case enumeration([String], TextCharset)
    case set([String])
    case date
    case time(Int)
    case datetime(Int)
    case timestamp(Int)
    case year
    case json
    /// A geometry; the second is the spatial reference system of its values.
    case geometry(String, Int)
    case vector(Int)
    /// MariaDB's `UUID`, `INET4` and `INET6`.
    case mariaDB(String)
    /// MariaDB's `VARCHAR(n) COMPRESSED` and its like.
    case compressed(String, TextCharset)

    enum TextCharset: String, Sendable {
        case utf8mb4, utf8mb3, latin1, ascii
        /// The C library or tables of our own convert these.
        case sjis, cp932, ujis, eucjpms, gbk, gb2312, big5, euckr, tis620, ucs2, utf16, utf16le
        case utf32, cp1250, cp1251, cp1256, cp1257, cp850, cp852, cp866, koi8r, koi8u, latin2,
            latin5
        case latin7, greek, hebrew, macce, macroman, armscii8, geostd8, hp8, dec8, keybcs2, swe7

        /// Those that every server knows, without the ones of which all values are drawn as bytes.
        static let converted: [TextCharset] = [
            .sjis, .cp932, .ujis, .eucjpms, .gbk, .gb2312, .big5, .euckr, .tis620, .ucs2, .utf16,
            .utf16le, .utf32, .cp1250, .cp1251, .cp1256, .cp1257, .cp850, .cp852, .cp866, .koi8r,
            .koi8u, .latin2, .latin5, .latin7, .greek, .hebrew, .macce, .macroman, .armscii8,
            .geostd8, .hp8, .dec8, .keybcs2, .swe7,
        ]
        /// Makes MySQL turn the text type into its binary twin.
        case binary
    }

    /// The type in a definition.
    var sql: String {
        switch self {
        case .integer(let byteCount, let isUnsigned):
            let name = [1: "TINYINT", 2: "SMALLINT", 3: "MEDIUMINT", 4: "INT"][byteCount]
            return (name ?? "BIGINT") + (isUnsigned ? " UNSIGNED" : "")
        case .float: return "FLOAT"
        case .double: return "DOUBLE"
        case .decimal(let precision, let scale): return "DECIMAL(\(precision),\(scale))"
        case .bit(let count): return "BIT(\(count))"
        case .char(let count, let charset): return "CHAR(\(count)) CHARACTER SET \(charset)"
        case .varchar(let count, let charset): return "VARCHAR(\(count)) CHARACTER SET \(charset)"
        case .text(let size, let charset): return "\(size)TEXT CHARACTER SET \(charset)"
        case .binary(let count): return "BINARY(\(count))"
        case .varbinary(let count): return "VARBINARY(\(count))"
        case .blob(let size): return "\(size)BLOB"
        case .enumeration(let labels, let charset):
            return "ENUM(\(Self.list(labels))) CHARACTER SET \(charset)"
        case .set(let labels): return "SET(\(Self.list(labels))) CHARACTER SET utf8mb4"
        case .date: return "DATE"
        case .time(let digits): return "TIME(\(digits))"
        case .datetime(let digits): return "DATETIME(\(digits))"
        case .timestamp(let digits): return "TIMESTAMP(\(digits))"
        case .year: return "YEAR"
        case .json: return "JSON"
        case .geometry(let type, _): return type
        case .vector(let count): return "VECTOR(\(count))"
        case .mariaDB(let type): return type
        case .compressed(let type, let charset):
            return "\(type) COMPRESSED" + (charset == .binary ? "" : " CHARACTER SET \(charset)")
        }
    }

    private static func list(_ labels: [String]) -> String {
        labels.map { "'\($0.replacing("'", with: "''"))'" }.joined(separator: ",")
    }

    /// Whether the whole column can be a key, or part of one.
    var canBeKey: Bool {
        switch self {
        case .float, .double, .text, .blob, .json, .set, .geometry, .vector, .compressed: false
        default: true
        }
    }

    /// Whether values are bytes without a character set.
    var isBinaryString: Bool {
        switch self {
        case .char(_, .binary), .varchar(_, .binary), .text(_, .binary), .binary, .varbinary, .blob,
            .compressed(_, .binary):
            true
        default: false
        }
    }

    /// Every type that a server knows, in many widths; a schema draws from it.
    static func all(isMariaDB: Bool, _ dice: inout Dice) -> [ColumnKind] {
        var kinds: [ColumnKind] = [
            .float, .double, .date, .year, .json, .json,
            .decimal(precision: 65, scale: 30), .decimal(precision: 34, scale: 10),
            .decimal(precision: 10, scale: 2), .decimal(precision: 35, scale: 0),
            .decimal(precision: dice.roll(1...65), scale: 0),
            .bit(1), .bit(64), .bit(dice.roll(2...63)), .bit(dice.roll(2...63)),
            .binary(dice.roll(1...20)), .varbinary(dice.roll(1...300)),
            .varchar(300, .utf8mb4), .char(200, .utf8mb4),
            .enumeration(["é", "日本", "a b", "it's", "😀", ""], .utf8mb4),
            .enumeration(["new", "über", "ÿ"], .latin1),
            .enumeration((1...300).map { "label \($0)" }, .utf8mb4),
            .set(["a", "b", "ü", "日", "😀"]), .set((1...64).map { "member \($0)" }),
            .set((1...9).map { "m\($0)" }),
        ]
        for byteCount in [1, 2, 3, 4, 8] {
            kinds.append(.integer(byteCount: byteCount, isUnsigned: false))
            kinds.append(.integer(byteCount: byteCount, isUnsigned: true))
        }
        for charset: TextCharset in [.utf8mb4, .latin1, .ascii, .binary, .utf8mb3] {
            kinds.append(.char(dice.roll(1...30), charset))
            kinds.append(.varchar(dice.roll(1...40), charset))
            kinds.append(.text(dice.pick(["TINY", "", "MEDIUM", "LONG"]), charset))
        }
        kinds.append(contentsOf: ["TINY", "", "MEDIUM", "LONG"].map { .blob($0) })
        for digits in 0...6 {
            kinds.append(.time(digits))
            kinds.append(.datetime(digits))
            kinds.append(.timestamp(digits))
        }
        for type in ["GEOMETRY", "POINT"] { kinds.append(.geometry(type, 0)) }
        for charset in dice.shuffled(TextCharset.converted).prefix(8) {
            kinds.append(
                dice.chance(50)
                    ? .varchar(dice.roll(10...90), charset) : .char(dice.roll(1...30), charset))
        }
        if isMariaDB {
            kinds += ["UUID", "INET4", "INET6"].map { .mariaDB($0) }
            kinds += [
                .compressed("VARCHAR(300)", .utf8mb4), .compressed("TEXT", .latin1),
                .compressed("VARBINARY(90)", .binary), .compressed("BLOB", .binary),
            ]
        } else {
            kinds.append(.geometry("GEOMETRY NOT NULL SRID 4326", 4326))
            kinds.append(.vector(dice.roll(1...5)))
        }
        let scale = dice.roll(1...30)
        kinds.append(.decimal(precision: dice.roll(scale...65), scale: scale))
        return dice.shuffled(kinds)
    }
}
