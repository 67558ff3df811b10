/// `sha256_password`: the password itself, through TLS or encrypted with the server's public key.
///
/// Unlike with `caching_sha2_password` a Unix socket does not replace encryption.
///
/// https://dev.mysql.com/doc/refman/9.7/en/sha256-pluggable-authentication.html
enum SHA256Password {
    /// Our message: send the public key.
    static let publicKeyRequest: [UInt8] = [1]
    /// Our message: there is no password.
    static let noPassword: [UInt8] = [0]
}
