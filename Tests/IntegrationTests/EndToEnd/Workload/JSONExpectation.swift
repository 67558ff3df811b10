/// Reads the JSON text that a server prints and gives the value that must be stored for it.
struct JSONExpectation {
    private var rest: Substring.UnicodeScalarView
    private var deepest = 0

    /// Levels that fit beside the document's own within the 100 that BSON allows.
    private static let depthMax = 95

    static func value(of text: String) throws -> AuditValue {
        var reader = JSONExpectation(rest: Substring(text).unicodeScalars)
        let value = try reader.value(isDecimal: false, depth: 0)
        guard reader.rest.isEmpty else {
            throw AuditValue.Unexpected(description: "JSON goes on after its end")
        }
        return reader.deepest > depthMax ? .string(text) : value
    }

    private mutating func value(isDecimal: Bool, depth: Int) throws -> AuditValue {
        skipSpace()
        deepest = max(deepest, depth)
        switch rest.first {
        case "{": return try document(depth: depth + 1)
        case "[": return try array(depth: depth + 1)
        case "\"": return .string(try string())
        default: return try word(isDecimal: isDecimal)
        }
    }

    private mutating func document(depth: Int) throws -> AuditValue {
        deepest = max(deepest, depth)
        try take("{")
        var members: [AuditValue.Member] = []
        while !skip("}") {
            if !members.isEmpty { try take(",") }
            skipSpace()
            let name = try string()
            try take(":")
            let value = try value(isDecimal: name.hasPrefix("dec"), depth: depth)
            members.append(AuditValue.Member(name: name, value: value))
        }
        return .document(members)
    }

    private mutating func array(depth: Int) throws -> AuditValue {
        deepest = max(deepest, depth)
        try take("[")
        var items: [AuditValue] = []
        while !skip("]") {
            if !items.isEmpty { try take(",") }
            items.append(try value(isDecimal: false, depth: depth))
        }
        return .array(items)
    }

    private mutating func word(isDecimal: Bool) throws -> AuditValue {
        let word = String(
            String.UnicodeScalarView(rest.prefix { !",]} ".unicodeScalars.contains($0) }))
        rest = rest.dropFirst(word.unicodeScalars.count)
        switch word {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        default: break
        }
        if isDecimal { return try .decimal(text: word) }
        if word.contains(where: { ".eE".contains($0) }) {
            return .double(try AuditValue.present(Double(word), "JSON number"))
        }
        guard let integer = Int64(word) else { return try .decimal(text: word) }
        if let small = Int32(exactly: integer) { return .int32(small) }
        return .int64(integer)
    }

    private mutating func string() throws -> String {
        try take("\"")
        var text = String.UnicodeScalarView()
        while let next = rest.popFirst() {
            switch next {
            case "\"": return String(text)
            case "\\":
                let escape = try AuditValue.present(rest.popFirst(), "JSON escape")
                text.append(try unescaped(escape))
            default: text.append(next)
            }
        }
        throw AuditValue.Unexpected(description: "a JSON string has no end")
    }

    private mutating func unescaped(_ escape: Unicode.Scalar) throws -> Unicode.Scalar {
        switch escape {
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u":
            let digits = String(String.UnicodeScalarView(rest.prefix(4)))
            rest = rest.dropFirst(4)
            let number = try AuditValue.present(UInt32(digits, radix: 16), "JSON escape")
            return try AuditValue.present(Unicode.Scalar(number), "JSON escape")
        default: return escape
        }
    }

    private mutating func skipSpace() {
        while rest.first == " " { rest.removeFirst() }
    }

    private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        skipSpace()
        guard rest.first == scalar else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func take(_ scalar: Unicode.Scalar) throws {
        guard skip(scalar) else {
            throw AuditValue.Unexpected(description: "JSON without \(scalar)")
        }
    }
}
