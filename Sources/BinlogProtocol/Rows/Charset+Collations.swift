extension Charset {
    /// The character set that a collation belongs to.
    ///
    /// The numbers are those of `information_schema.collations` on MySQL 9.7, and of
    /// `collation_character_set_applicability` on MariaDB 10.11 and 11.8; none means two things:
    ///
    ///     1 … 323        both, or MySQL's utf8mb4 of 9.0 of the Unicode standard
    ///     576 … 738      MariaDB's Croatian and Myanmar
    ///     1024 + n       MariaDB's NO PAD form of collation n
    ///     2048 … 3327    MariaDB's collations of Unicode 14, 256 numbers for each character set
    public init(collationID: Int) {
        switch collationID {
        case 1024..<2048: self = .withPadding(collationID)
        case 2048..<2304, 576...579: self = .utf8mb3
        case 2304..<2560, 608...611: self = .utf8mb4
        case 2560..<2816, 640...642: self = .ucs2
        case 2816..<3072, 672...674: self = .utf16
        case 3072..<3328, 736...738: self = .utf32
        default: self = .first(collationID)
        }
    }

    /// The character set of a NO PAD collation of MariaDB: that of the one it comes from.
    private static func withPadding(_ collationID: Int) -> Charset {
        if case .other = first(collationID - 1024) { return .other(collationID: collationID) }
        return first(collationID - 1024)
    }

    private static func first(_ collationID: Int) -> Charset {
        switch collationID {
        case 45, 46, 224...247, 255...323: .utf8mb4
        case 33, 76, 83, 192...215, 223: .utf8mb3
        case 5, 8, 15, 31, 47...49, 94: .latin1
        case 11, 65: .ascii
        case 63: .binary
        case 35, 90, 128...151, 159: .ucs2
        case 54, 55, 101...124: .utf16
        case 56, 62: .utf16le
        case 60, 61, 160...183: .utf32
        default: firstOfBytes(collationID)
        }
    }

    private static func firstOfBytes(_ collationID: Int) -> Charset {
        switch collationID {
        case 1, 84: .big5
        case 2, 9, 21, 27, 77: .latin2
        case 3, 69: .dec8
        case 4, 80: .cp850
        case 6, 72: .hp8
        case 7, 74: .koi8r
        case 10, 82: .swe7
        case 12, 91: .ujis
        case 13, 88: .sjis
        case 14, 23, 50...52: .cp1251
        case 16, 71: .hebrew
        case 18, 89: .tis620
        case 19, 85: .euckr
        case 20, 41, 42, 79: .latin7
        case 22, 75: .koi8u
        case 24, 86: .gb2312
        case 25, 70: .greek
        case 26, 34, 44, 66, 99: .cp1250
        case 28, 87: .gbk
        case 29, 58, 59: .cp1257
        case 30, 78: .latin5
        case 32, 64: .armscii8
        case 36, 68: .cp866
        case 37, 73: .keybcs2
        case 38, 43: .macce
        case 39, 53: .macroman
        case 40, 81: .cp852
        case 57, 67: .cp1256
        case 92, 93: .geostd8
        case 95, 96: .cp932
        case 97, 98: .eucjpms
        case 248...250: .gb18030
        default: .other(collationID: collationID)
        }
    }
}
