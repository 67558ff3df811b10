/// Makes texts from outside safe to print: they cannot end a line or drive a terminal.
package enum Escaping {
    /// `text` with control characters written as `\n`, `\t`, `\x1b`, and cut after `bytesMax` bytes.
    ///
    /// Also escaped are the characters that reorder or hide text: U+0080 to U+009F, U+200B to
    /// U+200F, U+2028 to U+202E, U+2066 to U+2069, U+FEFF.
    package static func escaped(_ text: String, bytesMax: Int = 8192) -> String {
        var result = ""
        var bytes = 0
        for scalar in text.unicodeScalars {
            bytes += UTF8.width(scalar)
            guard bytes <= bytesMax else {
                return result + "… (\(text.utf8.count) bytes)"
            }
            append(scalar, to: &result)
        }
        return result
    }

    private static func append(_ scalar: Unicode.Scalar, to result: inout String) {
        switch scalar.value {
        case 0x0a: result += "\\n"
        case 0x0d: result += "\\r"
        case 0x09: result += "\\t"
        case 0...0x1f, 0x7f...0x9f:
            let digits = String(scalar.value, radix: 16)
            result += "\\x" + (digits.count < 2 ? "0" : "") + digits
        case _ where isDeceptive(scalar):
            result += "\\u{" + String(scalar.value, radix: 16) + "}"
        default: result.unicodeScalars.append(scalar)
        }
    }

    /// Whether a character reorders or hides text.
    private static func isDeceptive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200b...0x200f, 0x2028...0x202e, 0x2066...0x2069, 0xfeff: true
        default: false
        }
    }

    /// `text` as a JSON string, quotes included, with the same characters escaped; cut after `bytesMax` bytes.
    package static func jsonString(_ text: String, bytesMax: Int = .max) -> String {
        var result = "\""
        var bytes = 0
        for scalar in text.unicodeScalars {
            bytes += UTF8.width(scalar)
            guard bytes <= bytesMax else {
                return result + "… (\(text.utf8.count) bytes)\""
            }
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                if scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
                    || isDeceptive(scalar)
                {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}
