internal import COpenSSL

/// SHA-256 of FIPS 180-4, by OpenSSL.
package enum SHA256 {
    /// The size of a digest in bytes.
    package static let byteCount = 32

    /// The digest of the parts one after another.
    package static func digest(_ parts: ArraySlice<UInt8>...) -> [UInt8] {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var digest = [UInt8](repeating: 0, count: byteCount)
        var succeeded = EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
        for part in parts {
            part.withUnsafeBytes {
                succeeded = EVP_DigestUpdate(context, $0.baseAddress, $0.count) == 1 && succeeded
            }
        }
        succeeded = EVP_DigestFinal_ex(context, &digest, nil) == 1 && succeeded
        // It fails only without memory, or where SHA-256 is forbidden: no digest may then be believed.
        precondition(succeeded, "OpenSSL gives no SHA-256 digest")
        return digest
    }

    /// A digest in hexadecimal, as `SHA2()` and `sha256sum` print it.
    package static func text(_ digest: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}

/// A SHA-256 digest of bytes that come in pieces.
package final class SHA256Stream {
    private let context = EVP_MD_CTX_new()
    private var succeeded: Bool

    /// Begins a digest.
    package init() {
        succeeded = EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Adds the next bytes.
    package func update(_ bytes: UnsafeRawBufferPointer) {
        succeeded = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 && succeeded
    }

    /// The digest of all bytes; to be called once.
    package func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: SHA256.byteCount)
        succeeded = EVP_DigestFinal_ex(context, &digest, nil) == 1 && succeeded
        // It fails only without memory, or where SHA-256 is forbidden: no digest may then be believed.
        precondition(succeeded, "OpenSSL gives no SHA-256 digest")
        return digest
    }
}
