/// Takes secrets out of text that people will read.
package enum Redaction {
    /// A connection string with its user info replaced by `***`.
    ///
    /// Works on malformed strings too: everything between the scheme and the last `@` before the
    /// path goes, and so do the values of options that can hold secrets.
    package static func uri(_ text: String) -> String {
        var rest = Substring(text)
        var head = ""
        if let scheme = rest.firstRange(of: "://") {
            head = String(rest[..<scheme.upperBound])
            rest = rest[scheme.upperBound...]
        }
        // A password that was not percent-encoded may hold '/' or '?': the last '@' decides.
        if let at = rest.lastIndex(of: "@") {
            head += "***@"
            rest = rest[rest.index(after: at)...]
        }
        guard let question = rest.firstIndex(of: "?") else { return head + rest }
        let options = rest[rest.index(after: question)...].split(
            separator: "&", omittingEmptySubsequences: false)
        let shown = options.map { option -> String in
            let name = option.prefix { $0 != "=" }
            return secretOptions.contains(name.lowercased()) ? "\(name)=***" : String(option)
        }
        return head + rest[...question] + shown.joined(separator: "&")
    }

    private static let secretOptions: Set<String> = [
        "authmechanismproperties", "tlscertificatekeyfilepassword",
        "sslclientcertificatekeypassword", "proxypassword",
    ]

    /// What the secrets of a connection string are, as they may turn up in a message.
    package static func secrets(of uri: String) -> [String] {
        guard let scheme = uri.firstRange(of: "://") else { return [] }
        let rest = uri[scheme.upperBound...]
        guard let at = rest.lastIndex(of: "@") else { return [] }
        let userInfo = String(rest[..<at])
        let parts = userInfo.split(separator: ":", maxSplits: 1).map(String.init)
        var secrets = [userInfo]
        if parts.count == 2 {
            secrets.append(parts[1])
            secrets.append(percentDecoded(parts[1]))
        }
        return secrets.filter { !$0.isEmpty }
    }

    /// `message` without the secrets and without values of keys that a server quotes.
    package static func message(_ message: String, secrets: [String]) -> String {
        var text = message
        for secret in secrets { text = text.replacing(secret, with: "***") }
        // "E11000 duplicate key error … dup key: { email: "…" }" quotes a row's value.
        for marker in ["dup key:", "Key: {", "keyValue"] {
            if let range = text.firstRange(of: marker) {
                text = String(text[..<range.lowerBound]) + "…"
            }
        }
        return text.count > 400 ? text.prefix(400) + "…" : text
    }

    private static func percentDecoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
