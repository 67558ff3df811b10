/// The ways to prove a password that are implemented.
package enum AuthenticationPlugin: String, Sendable, Hashable {
    case nativePassword = "mysql_native_password"
    case cachingSHA2Password = "caching_sha2_password"
    case sha256Password = "sha256_password"
    case clearPassword = "mysql_clear_password"
    case ed25519 = "client_ed25519"
    case parsec = "parsec"

    /// The size of the server's nonce; nil when the plugin uses none.
    package var nonceBytes: Int? {
        switch self {
        case .nativePassword, .cachingSHA2Password, .sha256Password: 20
        case .ed25519: Ed25519Password.nonceBytes
        case .parsec: Parsec.nonceBytes
        case .clearPassword: nil
        }
    }

    /// Whether the first answer may go out before the server named the account's plugin.
    ///
    /// Such an answer is a hash of 20 or 32 bytes; no password goes to a server that did not ask for it.
    var isAnsweredUnasked: Bool {
        self == .nativePassword || self == .cachingSHA2Password
    }
}
