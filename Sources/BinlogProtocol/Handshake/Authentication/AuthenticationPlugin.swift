/// The ways to prove a password that are implemented.
package enum AuthenticationPlugin: String, Sendable, Hashable {
    case nativePassword = "mysql_native_password"
    case cachingSHA2Password = "caching_sha2_password"

    /// Both plugins use a nonce of this size.
    package static let nonceBytes = 20

    /// The first answer: a hash that is worth nothing without the server's nonce.
    package func proof(password: Secret, nonce: [UInt8]) -> [UInt8] {
        if password.isEmpty { return [] }
        switch self {
        case .nativePassword:
            return NativePassword.proof(password: password, nonce: nonce)
        case .cachingSHA2Password:
            return CachingSHA2Password.proof(password: password, nonce: nonce)
        }
    }
}
