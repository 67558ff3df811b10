/// The password itself, as plugins send it where nobody listens, or encrypted where somebody may.
enum ClearPassword {
    /// As it goes through TLS, or a Unix socket.
    static func message(_ password: Secret) -> [UInt8] {
        Array(password.value.utf8) + [0]
    }

    /// As it goes through a clear connection.
    static func encrypted(
        _ password: Secret, nonce: [UInt8], key: RSAPublicKey
    ) throws(BinlogError) -> [UInt8] {
        try key.encrypt(Digest.xor(message(password), nonce))
    }
}
