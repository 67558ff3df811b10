/// The tables of the character sets that are not Unicode; each is made when it is first used.
///
/// The names are those of the GNU C library's converters. The differences are those between them and
/// `CONVERT(… USING utf8mb4)` on MySQL 9.7, MariaDB 10.11 and 11.8, which agree in every character. What these
/// servers convert to U+FFFD or to a question mark is no character here.
extension CharsetTable {
    static let armscii8 = CharsetTable(
        "ARMSCII-8", .single,
        [
            .init(0xa1, 0x2741), .init(0xa2, 0xa7), .init(0xad, 0x55f), .init(0xfe, 0x2019),
            .init(0xff, 0x27),
        ])
    static let cp1250 = CharsetTable("CP1250")
    static let cp1251 = CharsetTable("CP1251")
    static let cp1256 = CharsetTable(
        "CP1256", .single,
        [0x8a, 0x8f, 0x98, 0x9a, 0x9f, 0xaa, 0xc0, 0xff].map { .none($0...$0) })
    static let cp1257 = CharsetTable("CP1257")
    static let cp850 = CharsetTable("CP850")
    static let cp852 = CharsetTable("CP852")
    static let cp866 = CharsetTable("CP866", .single, [.init(0xfc, 0x207f), .init(0xfd, 0xb2)])
    static let dec8 = CharsetTable("DEC-MCS", .single, [.init(0xa0, 0xa0)])
    static let geostd8 = CharsetTable(
        "GEORGIAN-PS", .single,
        [
            .init(0x80, 0x20ac), .init(0xfd, 0x2116), .none(0x81...0x81), .none(0x83...0x83),
            .none(0x88...0x88), .none(0x8a...0x8a), .none(0x8c...0x90), .none(0x98...0x9a),
            .none(0x9c...0x9f), .none(0xe6...0xfc), .none(0xfe...0xff),
        ])
    static let greek = CharsetTable(
        "ISO-8859-7", .single,
        [.init(0xa1, 0x2bd), .init(0xa2, 0x2bc), .none(0xa4...0xa5), .none(0xaa...0xaa)])
    static let hebrew = CharsetTable("ISO-8859-8", .single, [.init(0xaf, 0x203e)])
    static let hp8 = CharsetTable("HP-ROMAN8")
    /// The encoding of the brothers Kamenický, which the C library does not have.
    static let keybcs2 = CharsetTable(
        upperHalf: "ČüéďäĎŤčěĚĹÍľĺÄÁÉžŽôöÓůÚýÖÜŠĽÝŘťáíóúňŇŮÔšřŕŔ¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
            + "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}")
    static let koi8r = CharsetTable("KOI8-R")
    static let koi8u = CharsetTable("KOI8-U", .single, [.init(0x95, 0x2022)])
    static let latin2 = CharsetTable("ISO-8859-2")
    static let latin5 = CharsetTable("ISO-8859-9")
    static let latin7 = CharsetTable("ISO-8859-13")
    static let macce = CharsetTable("MAC-CENTRALEUROPE")
    static let macroman = CharsetTable(
        "MACINTOSH", .single, [.init(0xc6, 0x2206), .init(0xf0, 0xf8ff)])
    static let swe7 = CharsetTable(
        CharsetTable.swedish, .single, [.init(0x24, 0x24), .none(0x7f...0x7f)])
    static let tis620 = CharsetTable("TIS-620", .single, [.init(0x80, 0x80, 32)])

    static let big5 = CharsetTable(
        "BIG5", .double,
        [
            .init(0xa145, 0x2022), .init(0xa14e, 0xff64), .init(0xa1c2, 0x203e),
            .init(0xa1e3, 0x223c), .init(0xa1f2, 0x2641), .init(0xa1f3, 0x2609),
            .init(0xa241, 0xff0f), .init(0xa242, 0xff3c), .init(0xa244, 0xa5),
            .init(0xa246, 0xa2, 2), .init(0xc6a1, 0x30fe), .init(0xc6a2, 0x309d, 2),
            .init(0xc6a4, 0x3005), .init(0xc6a5, 0x3041, 83), .init(0xc6f8, 0x30a1, 7),
            .init(0xc740, 0x30a8, 63), .init(0xc7a1, 0x30e7, 16), .init(0xc7b1, 0x414, 2),
            .init(0xc7b3, 0x401), .init(0xc7b4, 0x416, 7), .init(0xc7bb, 0x423, 19),
            .init(0xc7ce, 0x451), .init(0xc7cf, 0x436, 26), .init(0xc7e9, 0x2460, 10),
            .init(0xc7f3, 0x2474, 10), .none(0x80...0x80), .none(0xa15a...0xa15a),
            .none(0xa1c3...0xa1c3), .none(0xa1c5...0xa1c5), .none(0xa1fe...0xa1fe),
            .none(0xa240...0xa240), .none(0xa2cc...0xa2cc), .none(0xa2ce...0xa2ce),
            .none(0xa3e1...0xa3e1), .none(0xc7fd...0xc7fe), .none(0xc840...0xc87e),
            .none(0xc8a1...0xc8fe), .none(0xf9dd...0xf9fe),
        ])
    static let cp932 = CharsetTable("CP932", .double)
    static let eucjpms = CharsetTable(
        "EUC-JP-MS", .triple, [.none(0x80...0x8d), .none(0x90...0x9f)])
    static let euckr = CharsetTable("UHC", .double)
    static let gb18030 = CharsetTable(
        "GB18030", .quadruple,
        [
            .init(0xa6d9, 0xe78d, 7), .init(0xa6ec, 0xe794, 2), .init(0xa6f3, 0xe796),
            .init(0xfe51, 0xe816, 3), .init(0xfe59, 0xe81e), .init(0xfe61, 0xe826),
            .init(0xfe66, 0xe82b, 2), .init(0xfe6c, 0xe831, 2), .init(0xfe76, 0xe83b),
            .init(0xfe7e, 0xe843), .init(0xfe90, 0xe854, 2), .init(0xfea0, 0xe864),
            .init(0x8431_8236, 0xfe10, 4), .init(0x8431_8330, 0xfe14, 6),
            .init(0x8235_9037, 0x9fb4, 3), .init(0x8235_9130, 0x9fb7, 5),
        ])
    static let gb2312 = CharsetTable("EUC-CN", .double)
    static let gbk = CharsetTable("GBK", .double, [.none(0x80...0x80)])
    static let sjis = CharsetTable(
        "SJIS", .double, [.init(0x5c, 0x5c), .init(0x7e, 0x7e), .init(0x815f, 0x5c)])
    static let ujis = CharsetTable(
        "EUC-JP-MS", .triple,
        [
            .init(0xa1c0, 0x5c), .init(0xa1c1, 0x301c), .init(0xa1c2, 0x2016),
            .init(0xa1dd, 0x2212), .init(0xa1f1, 0xa2, 2), .init(0xa2cc, 0xac),
            .init(0x8f_a2b7, 0x7e), .init(0x8f_a2c3, 0xa6), .none(0x80...0x8d),
            .none(0x90...0x9f), .none(0xada1...0xadbe), .none(0xadc0...0xadd6),
            .none(0xaddf...0xadfc), .none(0x8f_f3f3...0x8f_f3fe), .none(0x8f_f4a1...0x8f_f4fe),
        ])
}

extension Charset {
    /// The table of a character set that needs one; nil for Unicode, latin1, ascii, binary and the unknown.
    var table: CharsetTable? {
        switch self {
        case .utf8mb4, .utf8mb3, .latin1, .ascii, .binary, .ucs2, .utf16, .utf16le, .utf32, .other,
            .unknown:
            nil
        case .armscii8: .armscii8
        case .cp1250: .cp1250
        case .cp1251: .cp1251
        case .cp1256: .cp1256
        case .cp1257: .cp1257
        case .cp850: .cp850
        case .cp852: .cp852
        case .cp866: .cp866
        case .dec8: .dec8
        case .geostd8: .geostd8
        case .greek: .greek
        case .hebrew: .hebrew
        case .hp8: .hp8
        case .keybcs2: .keybcs2
        case .koi8r: .koi8r
        case .koi8u: .koi8u
        case .latin2: .latin2
        case .latin5: .latin5
        case .latin7: .latin7
        case .macce: .macce
        case .macroman: .macroman
        case .swe7: .swe7
        case .tis620: .tis620
        case .big5: .big5
        case .cp932: .cp932
        case .eucjpms: .eucjpms
        case .euckr: .euckr
        case .gb18030: .gb18030
        case .gb2312: .gb2312
        case .gbk: .gbk
        case .sjis: .sjis
        case .ujis: .ujis
        }
    }
}
