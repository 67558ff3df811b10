/// Takes secrets out of text that others wrote, such as a driver's error message.
package struct Redaction: Sendable {
    /// Shorter secrets would blank out ordinary words; they are not searched for.
    static let charactersMin = 4

    private let needles: [String]

    /// A redaction of each secret in plain form and percent-encoded, in either case of the digits.
    package init(secrets: [String]) {
        var needles: Set<String> = []
        for secret in secrets where secret.count >= Self.charactersMin {
            needles.insert(secret)
            needles.insert(Self.percentEncoded(secret, digits: "0123456789ABCDEF"))
            needles.insert(Self.percentEncoded(secret, digits: "0123456789abcdef"))
            if let decoded = Self.percentDecoded(secret), decoded.count >= Self.charactersMin {
                needles.insert(decoded)
            }
        }
        // The longest first, so that a secret inside another does not leave the rest behind.
        self.needles = needles.sorted { ($0.count, $0) > ($1.count, $1) }
    }

    /// `text` with `***` in place of each secret.
    package func apply(to text: String) -> String {
        needles.reduce(text) { text, needle in
            text.contains(needle)
                ? text.split(separator: needle, omittingEmptySubsequences: false)
                    .joined(separator: "***") : text
        }
    }

    static func percentEncoded(_ text: String, digits: String) -> String {
        let digits = Array(digits)
        var result = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            let isPlain = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            if byte < 0x80, isPlain || "-._~".unicodeScalars.contains(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return result
    }

    static func percentDecoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let digits = String(validating: rest.prefix(2), as: UTF8.self),
                let value = UInt8(digits, radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
