import BinlogProtocol
import TestSupport
import Testing

@Suite("Character sets")
struct CharsetTests {
    private func decode(_ bytes: [UInt8], _ charset: Charset) throws -> String? {
        var output: [UInt8] = [0x2d]
        let isText = try charset.appendUTF8(
            CellRange(start: 1, count: bytes.count), in: [0x41] + bytes + [0x41], to: &output)
        #expect(isText || output == [0x2d])
        return isText ? String(decoding: output.dropFirst(), as: UTF8.self) : nil
    }

    /// Every code that a character set could have, of GB 18030 those of the Basic Multilingual Plane.
    private func codes(_ charset: Charset) -> [UInt32] {
        var codes = Array(UInt32(0)...0xff)
        switch charset {
        case .big5, .cp932, .eucjpms, .euckr, .gb18030, .gb2312, .gbk, .sjis, .ujis:
            codes += 0x8000...0xffff
        default: break
        }
        if charset == .ujis || charset == .eucjpms { codes += 0x8f_8080...0x8f_ffff }
        if charset == .gb18030 {
            for first in UInt32(0x81)...0x84 {
                for second in UInt32(0x30)...0x39 {
                    for third in UInt32(0x81)...0xfe {
                        let head = first << 24 | second << 16 | third << 8
                        codes += (head | 0x30)...(head | 0x39)
                    }
                }
            }
        }
        return codes
    }

    // Of SELECT HEX(CONVERT(CAST(code AS CHAR CHARACTER SET …) USING utf8mb4)) for every code on MySQL 9.7,
    // MariaDB 10.11 and 11.8: how many codes are one character (not U+FFFD), and the sum of code × character.
    @Test(
        "PY12, DT10: every character of every table is the server's",
        arguments: [
            (.armscii8, 256, 31936230),
            (.big5, 13838, 21734796986446),
            (.cp1250, 251, 26723116),
            (.cp1251, 255, 43258467),
            (.cp1256, 248, 46685055),
            (.cp1257, 244, 26203363),
            (.cp850, 256, 61606923),
            (.cp852, 256, 61426576),
            (.cp866, 256, 115194258),
            (.cp932, 9795, 17352627602953),
            (.dec8, 242, 5086027),
            (.eucjpms, 15206, 2241075294630199),
            (.euckr, 17176, 32940890188173),
            (.gb18030, 63488, 2759537846756553076),
            (.gb2312, 7573, 11418841151303),
            (.gbk, 21919, 32958305009599),
            (.geostd8, 215, 57000494),
            (.greek, 250, 18082324),
            (.hebrew, 220, 19310493),
            (.hp8, 255, 11662838),
            (.keybcs2, 256, 123198089),
            (.koi8r, 256, 100790629),
            (.koi8u, 256, 88820119),
            (.latin2, 256, 7287251),
            (.latin5, 256, 5671737),
            (.latin7, 256, 12711369),
            (.macce, 256, 43502352),
            (.macroman, 256, 100458892),
            (.sjis, 7070, 8897147471306),
            (.swe7, 127, 795885),
            (.tis620, 247, 66248876),
            (.ujis, 15017, 2202861113060750),
        ] as [(Charset, Int, UInt64)])
    func tables(charset: Charset, count: Int, sum: UInt64) throws {
        var seen = 0
        var total: UInt64 = 0
        for code in codes(charset) {
            let byteCount = max(1, 4 - code.leadingZeroBitCount / 8)
            let bytes = (0..<byteCount).map {
                UInt8(truncatingIfNeeded: code >> UInt32(8 * (byteCount - 1 - $0)))
            }
            guard let text = try decode(bytes, charset) else { continue }
            let scalars = text.unicodeScalars
            // Two characters of one byte each are no character of two.
            guard scalars.count == 1, let scalar = scalars.first else { continue }
            seen += 1
            total &+= UInt64(code) * UInt64(scalar.value)
        }
        #expect(seen == count)
        #expect(total == sum)
    }

    // SELECT HEX(CONVERT('…' USING …))
    @Test(
        "GM8, MX8: text in several character sets",
        arguments: [
            (.gbk, "8151", "丵"), (.big5, "b9cfa7cebd58", "圖形碼"), (.ujis, "b2cf", "河"),
            (.sjis, "955c", "表"), (.cp932, "955cfa55", "表￤"), (.eucjpms, "8ff3f3", "ⅰ"),
            (.ucs2, "2206", "∆"), (.utf16, "d83cdf54", "🍔"), (.utf16le, "3cd854df", "🍔"),
            (.utf32, "0001f354", "🍔"), (.gb18030, "9439c032", "🎤"),
            (.gb18030, "90308130e3329a35", "\u{10000}\u{10ffff}"), (.koi8r, "d6", "ж"),
            (.swe7, "5b5c5d7b7c7d", "ÄÖÅäöå"), (.hebrew, "f9ece5ed", "שלום"),
            (.greek, "e1e2", "αβ"), (.tis620, "a1d2", "กา"), (.keybcs2, "80ad", "Č¡"),
            (.cp1251, "c6", "Ж"), (.macce, "8a", "ä"), (.armscii8, "b2", "Ա"),
            (.geostd8, "c0", "ა"),
            (.euckr, "b0a1", "가"), (.gb2312, "b0a1", "啊"), (.latin2, "b1", "ą"),
            (.dec8, "d7", "Œ"), (.hp8, "c8", "à"),
        ] as [(Charset, String, String)])
    func samples(charset: Charset, bytes: String, text: String) throws {
        #expect(try decode(hexBytes(bytes), charset) == text)
        guard charset.isASCIIFirst else { return }
        #expect(try decode(hexBytes("61" + bytes + "62"), charset) == "a" + text + "b")
    }

    @Test(
        "Bytes that are no text of their character set",
        arguments: [
            (.gbk, "81"), (.gbk, "8120"), (.gbk, "80"), (.sjis, "8100"), (.sjis, "81"),
            (.ujis, "8f"), (.ujis, "8fa1"), (.ujis, "8fa141"), (.ucs2, "22"), (.ucs2, "d83c"),
            (.utf16, "d83c"), (.utf16, "df54d83c"), (.utf16, "d83c0041"), (.utf16le, "3cd8"),
            (.utf32, "0001f3"), (.utf32, "00110000"), (.utf32, "0000d800"), (.gb18030, "8130"),
            (.gb18030, "813081"), (.gb18030, "81308141"), (.gb18030, "fe39fe39"),
            (.gb18030, "e3329a36"), (.gb18030, "8f39fe39"), (.big5, "a15a"),
            (.tis620, "db"), (.hebrew, "a1"), (.greek, "aa"), (.swe7, "7f"), (.swe7, "80"),
            (.cp1250, "81"), (.geostd8, "ff"), (.gb2312, "8140"),
        ] as [(Charset, String)])
    func invalid(charset: Charset, bytes: String) throws {
        #expect(try decode(hexBytes(bytes), charset) == nil)
        #expect(try decode([0x61, 0x62, 0x63, 0x64] + hexBytes(bytes), charset) == nil)
    }

    @Test("Names, and that every character set can be read here")
    func names() throws {
        #expect(Charset.all.count == 41)
        for charset in Charset.all {
            #expect(Charset(name: charset.description) == charset)
            #expect(try decode([], charset) == "")
        }
        #expect(Charset(name: "utf8") == .utf8mb3)
        #expect(Charset(name: "utf7") == nil)
    }

    @Test(
        "PY12: collations, those of MariaDB in its own ranges",
        arguments: [
            (.ascii, [11, 65, 1035, 1089]), (.binary, [63]),
            (.latin1, [5, 8, 15, 31, 47, 48, 49, 94, 1032, 1071]),
            (.utf8mb3, [33, 76, 83, 192, 215, 223, 576, 579, 1057, 1107, 1216, 1238, 2048, 2247]),
            (.utf8mb4, [45, 46, 224, 247, 255, 309, 323, 608, 1069, 1248, 1270, 2304, 2503]),
            (.ucs2, [35, 90, 128, 151, 159, 640, 1059, 1152, 2560, 2759]),
            (.utf16, [54, 55, 101, 124, 672, 1078, 1125, 2816, 3015]), (.utf16le, [56, 62, 1080]),
            (.utf32, [60, 61, 160, 183, 736, 1084, 1184, 3072, 3271]), (.gb18030, [248, 249, 250]),
            (.gbk, [28, 87, 1052, 1111]), (.swe7, [10, 82, 1034, 1106]),
            (.keybcs2, [37, 73, 1097]),
        ] as [(Charset, [Int])])
    func collations(charset: Charset, ids: [Int]) {
        for id in ids { #expect(Charset(collationID: id) == charset) }
    }

    @Test(
        "Numbers that are no collation",
        arguments: [0, 17, 100, 191, 216, 251, 254, 324, 1024, 1041, 5000])
    func noCollation(id: Int) {
        #expect(Charset(collationID: id) == .other(collationID: id))
    }

    // SET character_set_client = …; a statement of that connection
    @Test(
        "DZ17: statements in the character set of their connection",
        arguments: [
            (.gbk, "73656c65637420 27 8151 27", "select '丵'"),
            (.sjis, "27955c27", "'表'"), (.big5, "27b9cf27", "'圖'"), (.koi8r, "27d627", "'ж'"),
            (.cp1251, "27c627", "'Ж'"), (.gb18030, "279439c03227", "'🎤'"),
            (.latin1, "27e927", "'é'"),
            (.utf8mb4, "27c3a927", "'é'"), (.gbk, "424547494e", "BEGIN"),
            (.swe7, "424547494e", "BEGIN"),
            (.gbk, "2781", nil), (.utf8mb4, "27ff27", nil),
            // Valid in both: the server's own statements are in UTF-8.
            (.gbk, "27c3a927", nil), (.latin1, "27c3a927", nil), (.cp1251, "27c3a927", nil),
            (.swe7, "275b27", nil), (.other(collationID: 5000), "27ff27", nil),
        ] as [(Charset, String, String?)])
    func statements(charset: Charset, bytes: String, text: String?) {
        let read = charset.statementInUTF8(hexBytes(bytes)).map {
            String(decoding: $0, as: UTF8.self)
        }
        #expect(read == text)
    }

    @Test("Labels in a character set of several bytes; labels that are no text are none")
    func labels() throws {
        let bytes = TableMapBytes(
            columns: [(254, [0xf7, 1]), (254, [0xf8, 1])],
            optional: [
                (6, [2, 2, 0x95, 0x5c, 1, 0x62]), (5, [1, 2, 0x81, 0x00]), (11, [13, 13]),
            ])
        #expect(
            try bytes.table().columns.map(\.type) == [
                .enumeration(byteCount: 1, labels: ["表", "b"]), .set(byteCount: 1, labels: nil),
            ])
    }

    @Test("Many threads read one character set at once")
    func threads() async throws {
        try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<64 {
                group.addTask { try self.decode([0x95, 0x5c], .cp932) }
            }
            for try await text in group { #expect(text == "表") }
        }
    }
}

extension Charset {
    /// Whether a letter of one byte can stand beside other text.
    fileprivate var isASCIIFirst: Bool { ![.ucs2, .utf16, .utf16le, .utf32].contains(self) }
}
