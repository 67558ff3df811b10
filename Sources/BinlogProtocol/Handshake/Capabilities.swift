/// What the two sides of a connection agree to use.
///
/// https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html
package struct Capabilities: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let longPassword = Capabilities(rawValue: 1)
    package static let longFlag = Capabilities(rawValue: 1 << 2)
    package static let connectWithDatabase = Capabilities(rawValue: 1 << 3)
    package static let compress = Capabilities(rawValue: 1 << 5)
    package static let localFiles = Capabilities(rawValue: 1 << 7)
    package static let protocol41 = Capabilities(rawValue: 1 << 9)
    package static let tls = Capabilities(rawValue: 1 << 11)
    package static let transactions = Capabilities(rawValue: 1 << 13)
    package static let secureConnection = Capabilities(rawValue: 1 << 15)
    package static let pluginAuthentication = Capabilities(rawValue: 1 << 19)
    package static let connectAttributes = Capabilities(rawValue: 1 << 20)
    package static let lengthEncodedAuthenticationData = Capabilities(rawValue: 1 << 21)
    package static let deprecateEOF = Capabilities(rawValue: 1 << 24)
    package static let zstdCompression = Capabilities(rawValue: 1 << 26)

    /// Without these (all in MySQL since 5.5) nothing here works.
    package static let needed: Capabilities = [
        .protocol41, .secureConnection, .pluginAuthentication,
    ]

    /// All that we implement and so may announce, TLS and compression apart.
    ///
    /// Not among them: `deprecateEOF` (one form of result set is enough) and `localFiles` (a
    /// server could ask for any of our files).
    package static let announced: Capabilities = [
        .longPassword, .longFlag, .protocol41, .transactions, .secureConnection,
        .pluginAuthentication, .connectAttributes, .lengthEncodedAuthenticationData,
    ]
}
