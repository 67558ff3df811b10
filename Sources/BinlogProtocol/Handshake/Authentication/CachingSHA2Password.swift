/// `caching_sha2_password`: SHA256(p) XOR SHA256(SHA256(SHA256(p)) ∥ nonce).
///
/// The server can check that while it has the password in its cache; otherwise it asks for the
/// password itself.
///
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_caching_sha2_authentication_exchanges.html
package enum CachingSHA2Password {
    /// Second byte of the server's message: your proof was right.
    static let fastAuthenticationDone: UInt8 = 3
    /// Second byte of the server's message: send the password.
    static let fullAuthenticationNeeded: UInt8 = 4
    /// Our message: send the public key.
    static let publicKeyRequest: [UInt8] = [2]

    /// Nothing for an empty password.
    package static func proof(password: Secret, nonce: [UInt8]) -> [UInt8] {
        if password.isEmpty { return [] }
        let once = Digest.sha256(Array(password.value.utf8))
        return Digest.xor(once, Digest.sha256(Digest.sha256(once) + nonce))
    }
}
