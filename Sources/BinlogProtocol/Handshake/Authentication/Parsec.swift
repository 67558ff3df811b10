internal import COpenSSL

/// MariaDB's `parsec`: an Ed25519 signature of both sides' nonces, with a key derived slowly from the password.
///
///     ┌────────┬─────────────────────┬─────────┐
///     │ 'P' u8 │ exponent u8, 0 to 3 │ salt 18 │   PBKDF2-HMAC-SHA512 with 1024 · 2^exponent rounds
///     └────────┴─────────────────────┴─────────┘
///     ┌─────────────────┬──────────────┐
///     │ client nonce 32 │ signature 64 │            our answer; signed is server nonce ∥ client nonce
///     └─────────────────┴──────────────┘
/// https://mariadb.com/docs/server/reference/plugins/authentication-plugins/authentication-plugin-parsec
package enum Parsec {
    static let nonceBytes = 32
    /// Our message: send the salt of this account.
    static let saltRequest: [UInt8] = []
    private static let saltBytes = 18
    private static let exponentMax: UInt8 = 3
    private static let seedBytes = 32
    private static let signatureBytes = 64

    /// What makes the key of a password.
    package struct Derivation: Equatable, Sendable {
        package let rounds: Int32
        package let salt: [UInt8]

        package init(from reader: inout ByteReader) throws(DecodingError) {
            let start = reader.offset
            let algorithm: UInt8 = try reader.read()
            guard algorithm == UInt8(ascii: "P") else {
                throw DecodingError(.unsupported("parsec key derivation \(algorithm)"), at: start)
            }
            let exponent: UInt8 = try reader.read()
            guard exponent <= Parsec.exponentMax else {
                throw DecodingError(.unsupported("parsec exponent \(exponent)"), at: start + 1)
            }
            rounds = 1024 << Int32(exponent)
            salt = try reader.readBytes(Parsec.saltBytes)
            try reader.finish()
        }
    }

    /// Bytes that nobody can foresee.
    static func makeNonce() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<nonceBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    package static func proof(
        password: Secret, derivation: Derivation, serverNonce: [UInt8], clientNonce: [UInt8]
    ) throws(BinlogError) -> [UInt8] {
        ERR_clear_error()
        let seed = try self.seed(password, derivation)
        guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count) else {
            throw BigNumber.failure()
        }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { throw BigNumber.failure() }
        defer { EVP_MD_CTX_free(context) }
        try BigNumber.check(EVP_DigestSignInit(context, nil, nil, nil, key))
        let message = serverNonce + clientNonce
        var count = signatureBytes
        var signature = [UInt8](repeating: 0, count: count)
        try BigNumber.check(
            EVP_DigestSign(context, &signature, &count, message, message.count))
        return clientNonce + signature
    }

    private static func seed(
        _ password: Secret, _ derivation: Derivation
    ) throws(BinlogError) -> [UInt8] {
        var seed = [UInt8](repeating: 0, count: seedBytes)
        let clear = Array(password.value.utf8).map { CChar(bitPattern: $0) }
        try BigNumber.check(
            PKCS5_PBKDF2_HMAC(
                clear, Int32(clamping: clear.count), derivation.salt,
                Int32(clamping: derivation.salt.count), derivation.rounds, EVP_sha512(),
                Int32(seedBytes), &seed))
        return seed
    }
}
