internal import COpenSSL

/// A server's public key, and the padding that `caching_sha2_password` and `sha256_password` use with it.
final class RSAPublicKey {
    private let key: OpaquePointer

    /// Reads a PEM text (`-----BEGIN PUBLIC KEY-----`).
    ///
    /// - Throws: ``BinlogError`` with code `authentication`; `origin` says whose text it was.
    init(pem: [UInt8], origin: String) throws(BinlogError) {
        ERR_clear_error()
        let parsed = pem.withUnsafeBytes { bytes in
            BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)).flatMap { bio in
                // The key is parsed while the bytes are lent.
                defer { BIO_free(bio) }
                return PEM_read_bio_PUBKEY(bio, nil, refusePassPhrase, nil)
            }
        }
        guard let key = parsed else {
            throw BinlogError(
                .authentication,
                "\(origin) is not an RSA public key in PEM form: \(OpenSSLError.drain()).")
        }
        self.key = key
        guard EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA else {
            throw BinlogError(.authentication, "\(origin) is not an RSA key.")
        }
        guard EVP_PKEY_get_bits(key) >= 2048 else {
            throw BinlogError(
                .authentication,
                "\(origin) is an RSA key of fewer than 2048 bits, which is too weak.")
        }
    }

    deinit {
        EVP_PKEY_free(key)
    }

    /// RSA-OAEP with SHA-1 and MGF1-SHA-1.
    func encrypt(_ clear: [UInt8]) throws(BinlogError) -> [UInt8] {
        let overhead = 42
        let bytesMax = Int(EVP_PKEY_get_size(key)) - overhead
        guard clear.count <= bytesMax else {
            throw BinlogError(
                .authentication,
                "The password is longer than the \(bytesMax - 1) bytes that the server's RSA key can "
                    + "carry. Use TLS (MYSQL_TLS_MODE=required) or a Unix socket.")
        }
        ERR_clear_error()
        guard let context = EVP_PKEY_CTX_new(key, nil) else { throw RSAPublicKey.failure() }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_encrypt_init(context) == 1,
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1,
            EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha1()) == 1,
            EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha1()) == 1
        else { throw RSAPublicKey.failure() }
        var length = Int(EVP_PKEY_get_size(key))
        var output = [UInt8](repeating: 0, count: length)
        guard EVP_PKEY_encrypt(context, &output, &length, clear, clear.count) == 1,
            length == output.count
        else { throw RSAPublicKey.failure() }
        return output
    }

    private static func failure() -> BinlogError {
        BinlogError(
            .authentication, "The password could not be encrypted: \(OpenSSLError.drain()).")
    }
}
