extension JSONLiteral {
    /// JSON as MariaDB keeps it: text.
    static func text(_ dice: inout Dice) -> String {
        switch dice.roll(1...5) {
        case 1: dice.pick(["'null'", "'[]'", "'{}'", "'1.50'", "'\"\"'", "'{\"a\":1,\"a\": 2}'"])
        case 2: "JSON_ARRAY(\(dice.roll(-99...99)), 'x', NULL, 0.5)"
        case 3: "CONCAT(REPEAT('[', 20), '1', REPEAT(']', 20))"
        default: "JSON_OBJECT('a', \(dice.roll(0...999)), '日本', REPEAT('ß', \(dice.roll(0...90))))"
        }
    }

    /// An expression that changes some places of a JSON column, so that the log can hold just these.
    static func edit(_ column: String, _ dice: inout Dice) -> String {
        var expression = column
        for _ in 0..<dice.roll(1...2) {
            let name = dice.pick(["JSON_SET", "JSON_SET", "JSON_REPLACE", "JSON_REMOVE"])
            let edits = (0..<dice.roll(1...3)).map { _ in
                name == "JSON_REMOVE" ? path(&dice) : "\(path(&dice)), \(value(&dice))"
            }
            expression = "\(name)(\(expression), \(edits.joined(separator: ", ")))"
        }
        return expression
    }

    private static func value(_ dice: inout Dice) -> String {
        switch dice.roll(1...6) {
        case 1: "\(dice.roll(-9...9))"
        case 2: "'\(dice.pick(["", "x", "日本"]))'"
        case 3: "REPEAT('long', \(dice.roll(1...200)))"
        case 4: "JSON_ARRAY(1, 'two', JSON_OBJECT('three', 3.5e0))"
        case 5: "CAST('{\"a\": {\"bb\": [1, 2, 3]}}' AS JSON)"
        default: "CAST('\(dice.pick(["true", "null", "1.5", "[]", "{}"]))' AS JSON)"
        }
    }

    /// A path that exists in some documents; never the root, which cannot be removed.
    private static func path(_ dice: inout Dice) -> String {
        var path = "$"
        for _ in 0..<dice.roll(1...3) {
            path += dice.pick([
                ".a", ".bb", ".\"a.b\"", ".\"\"", ".\"$set\"", ".k1", ".k2", ".\"日本\"", "[0]",
                "[1]", "[last]", "[last-1]", "[7]",
            ])
        }
        return "'\(path)'"
    }
}
