/// The character set of a text column, known from the number of its collation.
public enum Charset: Hashable, Sendable {
    /// UTF-8 of up to four bytes.
    case utf8mb4
    /// UTF-8 of up to three bytes, also called `utf8`.
    case utf8mb3
    /// MySQL's `latin1`: Windows code page 1252 with its five holes kept as control characters.
    case latin1
    /// Seven bits.
    case ascii
    /// Bytes, no text: what makes a CHAR column BINARY.
    case binary

    // Unicode in units of two or four bytes, the highest byte first unless the name says otherwise.
    case ucs2, utf16, utf16le, utf32

    // One byte a character.
    case armscii8, cp1250, cp1251, cp1256, cp1257, cp850, cp852, cp866, dec8, geostd8, greek, hebrew
    case hp8, keybcs2, koi8r, koi8u, latin2, latin5, latin7, macce, macroman, swe7, tis620

    // One to four bytes a character.
    case big5, cp932, eucjpms, euckr, gb18030, gb2312, gbk, sjis, ujis

    /// A character set that this library does not know, by the number of its collation.
    case other(collationID: Int)
    /// The server did not say.
    case unknown

    /// Every character set of MySQL 5.7 to 9 and MariaDB 10.4 to 12.
    public static let all: [Charset] = [
        .utf8mb4, .utf8mb3, .latin1, .ascii, .binary, .ucs2, .utf16, .utf16le, .utf32, .armscii8,
        .cp1250, .cp1251, .cp1256, .cp1257, .cp850, .cp852, .cp866, .dec8, .geostd8, .greek,
        .hebrew, .hp8, .keybcs2, .koi8r, .koi8u, .latin2, .latin5, .latin7, .macce, .macroman,
        .swe7, .tis620, .big5, .cp932, .eucjpms, .euckr, .gb18030, .gb2312, .gbk, .sjis, .ujis,
    ]

    private static let byName: [String: Charset] = {
        var byName = Dictionary(uniqueKeysWithValues: all.map { ("\($0)", $0) })
        byName["utf8"] = .utf8mb3
        return byName
    }()

    /// The character set that `information_schema` calls by `name`; nil for none of ``all``.
    public init?(name: String) {
        guard let charset = Charset.byName[name] else { return nil }
        self = charset
    }
}

extension Charset: CustomStringConvertible {
    /// The name as MySQL writes it, or the number of the collation.
    public var description: String {
        switch self {
        case .other(let collationID): "collation \(collationID)"
        case .unknown: "a character set that the server did not name"
        case .utf8mb4: "utf8mb4"
        case .utf8mb3: "utf8mb3"
        case .latin1: "latin1"
        case .ascii: "ascii"
        case .binary: "binary"
        case .ucs2: "ucs2"
        case .utf16: "utf16"
        case .utf16le: "utf16le"
        case .utf32: "utf32"
        case .armscii8: "armscii8"
        case .cp1250: "cp1250"
        case .cp1251: "cp1251"
        case .cp1256: "cp1256"
        case .cp1257: "cp1257"
        case .cp850: "cp850"
        case .cp852: "cp852"
        case .cp866: "cp866"
        case .dec8: "dec8"
        case .geostd8: "geostd8"
        case .greek: "greek"
        case .hebrew: "hebrew"
        case .hp8: "hp8"
        case .keybcs2: "keybcs2"
        case .koi8r: "koi8r"
        case .koi8u: "koi8u"
        case .latin2: "latin2"
        case .latin5: "latin5"
        case .latin7: "latin7"
        case .macce: "macce"
        case .macroman: "macroman"
        case .swe7: "swe7"
        case .tis620: "tis620"
        case .big5: "big5"
        case .cp932: "cp932"
        case .eucjpms: "eucjpms"
        case .euckr: "euckr"
        case .gb18030: "gb18030"
        case .gb2312: "gb2312"
        case .gbk: "gbk"
        case .sjis: "sjis"
        case .ujis: "ujis"
        }
    }
}
