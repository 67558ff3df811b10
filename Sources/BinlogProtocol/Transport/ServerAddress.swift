internal import Foundation

/// Where a server listens: a host and TCP port, or a Unix socket.
public enum ServerAddress: Sendable, Hashable {
    /// A host name, IPv4 or IPv6 address (without brackets), and a TCP port.
    case tcp(host: String, port: UInt16)
    /// The path of a Unix socket.
    case unix(path: String)

    /// Reads `host:port`, `host` (port 3306), `[v6]:port`, `[v6]`, or a path that starts with `/`.
    ///
    /// - Throws: ``BinlogError`` with code `configuration` when the text is none of these.
    public init(parsing text: String) throws(BinlogError) {
        if text.hasPrefix("/") {
            // sockaddr_un holds 108 bytes with the NUL on Linux, 104 on macOS.
            guard text.utf8.count <= 103, !text.utf8.contains(0) else {
                throw ServerAddress.invalid("the Unix socket path is longer than 103 bytes")
            }
            self = .unix(path: text)
            return
        }
        let host: Substring
        let port: Substring?
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else {
                throw ServerAddress.invalid("']' is missing after the IPv6 address")
            }
            host = text[text.index(after: text.startIndex)..<close]
            let rest = text[text.index(after: close)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw ServerAddress.invalid("only ':port' may follow ']'")
            }
            guard ServerAddress.isIPv6(String(host)) else {
                throw ServerAddress.invalid("there is no IPv6 address between the brackets")
            }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else {
                throw ServerAddress.invalid("an IPv6 address needs brackets, as in [::1]:3306")
            }
            host = parts[0]
            port = parts.count == 2 ? parts[1] : nil
        }
        let forbidden = host.unicodeScalars.contains {
            $0.value <= 0x20 || $0.value == 0x7f || $0 == "/"
        }
        guard !host.isEmpty, !forbidden else {
            throw ServerAddress.invalid("the host name is empty or holds a space or '/'")
        }
        guard let port else {
            self = .tcp(host: String(host), port: 3306)
            return
        }
        guard let number = UInt16(port), number > 0, port.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 })
        else {
            throw ServerAddress.invalid("the port is not a number from 1 to 65535")
        }
        self = .tcp(host: String(host), port: number)
    }

    /// Whether bytes to this address stay on this machine.
    public var isLocal: Bool {
        switch self {
        case .unix: return true
        case .tcp(let host, _):
            if host.lowercased() == "localhost" { return true }
            if ServerAddress.isIPv4(host) { return host.hasPrefix("127.") }
            return host == "::1"
        }
    }

    /// The host name or IP address; nil for a Unix socket.
    var host: String? {
        switch self {
        case .tcp(let host, _): host
        case .unix: nil
        }
    }

    /// Whether the host is an IP address and not a name: certificates and SNI treat them apart.
    static func isIPAddress(_ host: String) -> Bool { isIPv4(host) || isIPv6(host) }

    private static func isIPv4(_ host: String) -> Bool {
        var address = in_addr()
        return inet_pton(AF_INET, host, &address) == 1
    }

    private static func isIPv6(_ host: String) -> Bool {
        var address = in6_addr()
        let bare = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)[0]
        return inet_pton(AF_INET6, String(bare), &address) == 1
    }

    private static func invalid(_ reason: String) -> BinlogError {
        BinlogError(
            .configuration,
            "The server address is not valid: \(reason). Use host:port, [IPv6]:port or /path/to/socket."
        )
    }
}

extension ServerAddress: CustomStringConvertible {
    /// The address in the form that ``init(parsing:)`` reads.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}
