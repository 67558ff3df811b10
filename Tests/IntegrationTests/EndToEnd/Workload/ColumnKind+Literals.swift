extension ColumnKind {
    /// A value as an SQL expression, one time in three from the edges of the type.
    func literal(_ dice: inout Dice) -> String {
        switch self {
        case .integer(let byteCount, let isUnsigned):
            return Self.integer(byteCount, isUnsigned, &dice)
        case .float:
            return dice.chance(40)
                ? dice.pick([
                    "0", "-0e0", "0.1", "-3.4028234e38", "1.17549435e-38", "1e-45", "16777217",
                    "1.1", "-2.5e-7",
                ]) : "\(Float.random(in: -1e6...1e6, using: &dice.generator))"
        case .double:
            return dice.chance(40)
                ? dice.pick([
                    "0", "-0e0", "0.1", "-1.7976931348623157e308", "2.2250738585072014e-308",
                    "9007199254740993", "1e15", "1e16", "1e-5", "-123456789.123456789",
                ]) : "\(Double.random(in: -1e9...1e9, using: &dice.generator))e0"
        case .decimal(let precision, let scale):
            let sign = dice.chance(50) ? "-" : ""
            let whole = precision - scale > 0 ? dice.digits(precision - scale) : "0"
            return sign + whole + (scale > 0 ? "." + dice.digits(scale) : "")
        case .bit(let count):
            let value = dice.chance(30) ? dice.pick([0, UInt64.max]) : dice.bits()
            return "\(value >> UInt64(64 - count))"
        case .char(let count, let charset), .varchar(let count, let charset):
            return Self.text(charset, lengthMax: min(count, 60), &dice)
        case .text(_, let charset): return Self.text(charset, lengthMax: 50, &dice)
        case .binary(let count): return Self.hex(dice.bytes(dice.roll(0...count)))
        case .varbinary(let count): return Self.hex(dice.bytes(dice.roll(0...min(count, 60))))
        case .blob:
            return dice.chance(5)
                ? "REPEAT(\(Self.hex(dice.bytes(5))), 51)" : Self.hex(dice.bytes(dice.roll(0...60)))
        case .enumeration(let labels, _): return "\(dice.roll(1...labels.count))"
        case .set(let labels):
            let value = dice.chance(20) ? dice.pick([0, UInt64.max]) : dice.bits()
            return "\(value >> UInt64(64 - labels.count))"
        case .date, .time, .datetime, .timestamp, .year: return temporal(&dice)
        case .json: return JSONLiteral.random(&dice)
        case .geometry(let type, let srid): return Self.geometry(type, srid, &dice)
        case .vector(let count):
            let numbers = (0..<count).map { _ in dice.pick(["0", "-1.5", "3e38", "0.1", "1e-30"]) }
            return "STRING_TO_VECTOR('[\(numbers.joined(separator: ","))]')"
        case .mariaDB("UUID"): return "UUID()"
        case .mariaDB("INET4"):
            return dice.pick([
                "'0.0.0.0'", "'255.255.255.255'", "'192.168.0.\(dice.roll(0...255))'",
            ])
        case .mariaDB:
            return dice.pick([
                "'::'", "'::1'", "'2001:db8::\(dice.roll(1...9999))'", "'::ffff:1.2.3.4'", "'1::8'",
                "'fe80:0:0:1::'",
            ])
        case .compressed(_, let charset):
            let text = Self.text(charset, lengthMax: 60, &dice)
            return dice.chance(40) ? "REPEAT('abc', \(dice.roll(30...90)))" : text
        }
    }

    private static func geometry(_ type: String, _ srid: Int, _ dice: inout Dice) -> String {
        let (x, y) = (dice.roll(-89...89), dice.roll(-89...89))
        var shapes = ["POINT(\(x) \(y))"]
        if type != "POINT" {
            shapes += [
                "LINESTRING(\(x) \(y), 1.5 2.5)", "POLYGON((0 0, 0 \(dice.roll(1...9)), 9 9, 0 0))",
                "GEOMETRYCOLLECTION(POINT(\(x) \(y)), LINESTRING(0 0, 1 1))",
                "MULTIPOINT(1 2, \(x) \(y))",
            ]
        }
        return "ST_GeomFromText('\(dice.pick(shapes))'\(srid == 0 ? "" : ", \(srid)"))"
    }

    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return "x'" + String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }) + "'"
    }

    private static func integer(
        _ byteCount: Int, _ isUnsigned: Bool, _ dice: inout Dice
    ) -> String {
        let shift = UInt64(64 - 8 * byteCount)
        let raw = dice.chance(30) ? dice.pick([0, 1, UInt64.max, 1 << 63]) : dice.bits()
        if isUnsigned { return "\(raw >> shift)" }
        return "\(Int64(bitPattern: raw) >> Int64(shift))"
    }

    /// Text in a character set, written as the bytes of that set.
    private static func text(
        _ charset: TextCharset, lengthMax: Int, _ dice: inout Dice
    ) -> String {
        let length = dice.roll(0...lengthMax)
        if TextCharset.converted.contains(charset) {
            // What the character set does not have, the server turns into a question mark.
            let text = (0..<length).map { _ in
                dice.pick([
                    "a", "Z", "~", "\\", "|", "é", "ß", "ö", "日", "表", "ソ", "한", "Ж", "я", "א",
                    "ب", "ก", "Ω", "ი", "Հ", "ž", "Ł", "€", "¥", "‾", "①", "圖", "\u{A0}",
                ])
            }
            return "CONVERT(_utf8mb4 \(hex(Array(text.joined().utf8))) USING \(charset))"
        }
        var bytes: [UInt8] = []
        for _ in 0..<length {
            switch charset {
            case .ascii: bytes.append(UInt8(dice.roll(0...127)))
            case .latin1, .binary: bytes.append(UInt8(dice.roll(0...255)))
            case .utf8mb4, .utf8mb3:
                let character = dice.pick([
                    "a", "Z", " ", "'", "\"", "\\", "\0", "\n", "%", "$", ".", "é", "ß", "日", "𝄞",
                    "😀", "\u{301}", "\u{FEFF}", "\u{FFFD}", "\u{202E}", "\u{7F}",
                ])
                if charset == .utf8mb3, character.utf8.count == 4 { continue }
                bytes.append(contentsOf: character.utf8)
            default: break
            }
        }
        return "_\(charset) " + hex(bytes)
    }

    private func temporal(_ dice: inout Dice) -> String {
        func two(_ range: ClosedRange<Int>) -> String {
            let number = dice.roll(range)
            return number < 10 ? "0\(number)" : "\(number)"
        }
        let clock = "\(two(0...23)):\(two(0...59)):\(two(0...59))"
        switch self {
        case .year:
            return dice.chance(20) ? dice.pick(["0", "1901", "2155"]) : "\(dice.roll(1901...2155))"
        case .date:
            if dice.chance(30) {
                return dice.pick([
                    "'0000-00-00'", "'1000-01-01'", "'9999-12-31'", "'2024-00-10'", "'2024-02-31'",
                    "'0000-05-00'",
                ])
            }
            return "'\(dice.roll(1000...9999))-\(two(1...12))-\(two(1...28))'"
        case .time:
            if dice.chance(30) {
                return dice.pick([
                    "'-838:59:59'", "'838:59:59'", "'00:00:00'", "'-00:00:00.1'", "'-00:01:00'",
                    "'-00:00:01.999999'", "'00:00:00.000001'",
                ])
            }
            let hours = dice.roll(0...838)
            let sign = dice.chance(50) ? "-" : ""
            return
                "'\(sign)\(hours < 10 ? "0" : "")\(hours):\(two(0...59)):\(two(0...59)).\(dice.digits(6))'"
        case .datetime:
            if dice.chance(30) {
                return dice.pick([
                    "'0000-00-00 00:00:00'", "'1000-01-01 00:00:00'", "'9999-12-31 23:59:59'",
                    "'2024-00-00 01:02:03'", "'2024-02-31 23:59:59.5'", "'2024-03-31 02:30:00'",
                ])
            }
            return
                "'\(dice.roll(1000...9999))-\(two(1...12))-\(two(1...28)) \(clock).\(dice.digits(6))'"
        default:
            if dice.chance(30) {
                return dice.pick([
                    "'0000-00-00 00:00:00'", "'1970-01-03 00:00:01'", "'2038-01-17 03:14:07'",
                    "'2024-03-10 02:30:00.123456'", "'2024-10-27 01:30:00'",
                ])
            }
            return
                "'\(dice.roll(1971...2037))-\(two(1...12))-\(two(1...28)) \(clock).\(dice.digits(6))'"
        }
    }
}
