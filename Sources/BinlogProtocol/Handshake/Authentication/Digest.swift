internal import COpenSSL

/// The hash functions of the password plugins.
enum Digest {
    static func sha1(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        SHA1(bytes, bytes.count, &digest)
        return digest
    }

    static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        SHA256(bytes, bytes.count, &digest)
        return digest
    }

    static func sha512(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(SHA512_DIGEST_LENGTH))
        SHA512(bytes, bytes.count, &digest)
        return digest
    }

    /// `bytes` XOR `pad`, the pad repeated as often as needed; it must not be empty.
    static func xor(_ bytes: [UInt8], _ pad: [UInt8]) -> [UInt8] {
        precondition(!pad.isEmpty)
        return bytes.indices.map { bytes[$0] ^ pad[$0 % pad.count] }
    }
}
