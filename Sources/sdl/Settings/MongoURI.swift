internal import BinlogProtocol

/// The parts of a MongoDB connection string that may be shown, and those that may not.
///
///     mongodb://user:password@host1:27017,host2:27017/database?option=value&option=value
///               └── never shown ─┘
///
/// libmongoc reads the string itself; this only finds what must not reach a log.
package struct MongoURI: Sendable, CustomStringConvertible {
    private static let secretOptions: Set<String> = [
        "authmechanismproperties", "tlscertificatekeyfilepassword",
        "sslclientcertificatekeypassword", "proxypassword",
    ]

    /// The whole string, for libmongoc only.
    package let text: String
    /// The string with `***` in place of the user and of secret options.
    package let description: String
    /// The parts that were replaced, for ``Redaction``.
    package let secrets: [String]
    package let optionNames: Set<String>
    /// `tlsCertificateKeyFile`: the file that libmongoc reads our certificate and private key from.
    package let keyFile: String?
    /// Whether every host is this machine.
    package let isLocal: Bool
    /// Whether the connection is encrypted, as far as the string says.
    package let isEncrypted: Bool

    /// Nil unless `text` starts with a MongoDB scheme and names a host.
    package init?(_ text: String) {
        guard let scheme = ["mongodb://", "mongodb+srv://"].first(where: text.hasPrefix),
            text.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value != 127 })
        else { return nil }
        var rest = text.dropFirst(scheme.count)
        var shown = scheme
        var secrets: [String] = []
        // The last @ even if it stands in the options: too much hidden is better than too little.
        if let at = rest.lastIndex(of: "@") {
            let user = rest[..<at]
            if let colon = user.firstIndex(of: ":") {
                secrets += [String(user), String(user[user.index(after: colon)...])]
            } else if user.contains(where: { "/?@".contains($0) }) {
                // No name of a user, but a string written wrongly, with who knows what in it.
                secrets.append(String(user))
            }
            rest = rest[rest.index(after: at)...]
            shown += "***@"
        }
        let hosts = rest.prefix { $0 != "/" && $0 != "?" }
        guard !hosts.isEmpty else { return nil }
        let path = rest.dropFirst(hosts.count).prefix { $0 != "?" }
        shown += "\(hosts)\(path)"
        var names: Set<String> = []
        var keyFile: String?
        var isEncrypted = scheme == "mongodb+srv://"
        let query = rest.dropFirst(hosts.count + path.count).dropFirst()
        let options = query.split(separator: "&").map { option -> String in
            let parts = option.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            names.insert(parts[0].lowercased())
            let value = parts.count == 2 ? String(parts[1]) : ""
            switch parts[0].lowercased() {
            case "tls", "ssl": isEncrypted = value.lowercased() != "false"
            case "tlscertificatekeyfile", "sslclientcertificatekeyfile":
                keyFile = Redaction.percentDecoded(value)
            default: break
            }
            guard parts.count == 2, Self.secretOptions.contains(parts[0].lowercased()) else {
                return String(option)
            }
            secrets.append(String(parts[1]))
            return "\(parts[0])=***"
        }
        if !options.isEmpty { shown += "?" + options.joined(separator: "&") }
        self.text = text
        self.description = shown
        self.secrets = secrets
        self.optionNames = names
        self.keyFile = keyFile
        self.isEncrypted = isEncrypted
        isLocal = hosts.split(separator: ",").allSatisfy(Self.isLocal)
    }

    /// Whether `host:port` is this machine, or the path of a Unix socket.
    private static func isLocal(_ host: Substring) -> Bool {
        if host.contains("%2F") || host.contains("%2f") { return true }
        do {
            let text = host.contains(":") && !host.hasSuffix("]") ? "\(host)" : "\(host):27017"
            return try ServerAddress(parsing: text).isLocal
        } catch {
            // Not understood here: another machine, of which to be warned.
            return false
        }
    }
}
