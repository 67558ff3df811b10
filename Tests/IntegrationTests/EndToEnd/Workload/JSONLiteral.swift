/// Random JSON values as SQL expressions.
///
/// A member whose name begins with `dec` holds a DECIMAL: the text that a server prints does not tell it from a
/// double, the name does.
enum JSONLiteral {
    static func random(_ dice: inout Dice) -> String {
        switch dice.roll(1...20) {
        case 1: return "CAST('null' AS JSON)"
        case 2: return deep(dice.pick([90, 100]), &dice)
        case 3: return "CAST('\(scalar(&dice))' AS JSON)"
        default: return expression(depth: dice.roll(1...4), &dice)
        }
    }

    /// A small nested value built by the server's functions.
    private static func expression(depth: Int, _ dice: inout Dice) -> String {
        if depth == 0 { return "CAST('\(scalar(&dice))' AS JSON)" }
        if dice.chance(35) {
            let items = (0..<dice.roll(0...4)).map { _ in
                expression(depth: dice.roll(0...(depth - 1)), &dice)
            }
            return "JSON_ARRAY(\(items.joined(separator: ",")))"
        }
        var members: [String] = []
        for _ in 0..<dice.roll(0...4) {
            let (name, value) = member(depth, &dice)
            members.append("'\(name)'")
            members.append(value)
        }
        return "JSON_OBJECT(\(members.joined(separator: ",")))"
    }

    private static func member(_ depth: Int, _ dice: inout Dice) -> (String, String) {
        switch dice.roll(1...10) {
        case 1:
            let scale = dice.roll(0...10)
            let text = dice.digits(dice.roll(1...20)) + (scale > 0 ? "." + dice.digits(scale) : "")
            return ("dec\(dice.roll(1...3))", "CAST('\(text)' AS DECIMAL(34,\(scale)))")
        case 2: return ("at", "CAST('2024-02-29 01:02:03.\(dice.digits(6))' AS DATETIME(6))")
        case 3: return ("day", "CAST('2024-02-29' AS DATE)")
        case 4: return ("clock", "CAST('-\(dice.roll(10...800)):02:03.5' AS TIME(1))")
        case 5: return ("bytes", ColumnKind.hex(dice.bytes(dice.roll(0...9))))
        default:
            let name = dice.pick([
                "", "a", "bb", "a.b", "$set", "$", "é", "日本", "k\(dice.roll(1...9))",
            ])
            return (name, expression(depth: dice.roll(0...(depth - 1)), &dice))
        }
    }

    /// JSON text without single quotes.
    private static func scalar(_ dice: inout Dice) -> String {
        switch dice.roll(1...8) {
        case 1: return dice.pick(["true", "false", "null"])
        case 2: return "\(dice.roll(-40_000...40_000))"
        case 3:
            return dice.pick([
                "2147483647", "2147483648", "-2147483649", "9223372036854775807",
                "-9223372036854775808", "9223372036854775808", "18446744073709551615",
                "18446744073709551616", "0", "-1", "32767", "32768", "65535", "65536",
            ])
        case 4: return "\(Double.random(in: -1e9...1e9, using: &dice.generator))"
        case 5:
            return dice.pick(["1.0", "0.1", "-0.0", "1e100", "1.5e-7", "123456789012345680000.0"])
        case 6:
            return "\"" + String(repeating: dice.pick(["x", "ß", "😀"]), count: dice.roll(0...200))
                + "\""
        default:
            return "\""
                + dice.pick([
                    "", "plain", "日本", "\\\\u0000", "quote \\\\\" and \\\\\\\\", "tab\\\\t", "/",
                    "\\\\u001f", "\u{7F}", "{}",
                ]) + "\""
        }
    }

    /// Arrays within arrays; the server takes 100 levels.
    private static func deep(_ levels: Int, _ dice: inout Dice) -> String {
        "CAST('" + String(repeating: "[", count: levels) + "\(dice.roll(1...9))"
            + String(repeating: "]", count: levels) + "' AS JSON)"
    }
}
