/// `mysql_native_password`: SHA1(p) XOR SHA1(nonce ∥ SHA1(SHA1(p))).
///
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_authentication_methods_native_password_authentication.html
package enum NativePassword {
    /// Nothing for an empty password.
    package static func proof(password: Secret, nonce: [UInt8]) -> [UInt8] {
        if password.isEmpty { return [] }
        let once = Digest.sha1(Array(password.value.utf8))
        return Digest.xor(once, Digest.sha1(nonce + Digest.sha1(once)))
    }
}
