/// MariaDB's `client_ed25519`: an Ed25519 signature of the nonce, with a key made of the password's SHA-512.
///
/// Ed25519 has a seed of 32 bytes, whose SHA-512 is the secret scalar and the prefix of what is hashed. Here the password,
/// of whatever length, takes the seed's place; OpenSSL signs with seeds only, so that the signature is put together
/// here.
///
/// https://mariadb.com/docs/server/reference/clientserver-protocol/1-connecting/connection#client_ed25519-plugin
package enum Ed25519Password {
    static let nonceBytes = 32

    package static func signature(password: Secret, nonce: [UInt8]) throws(BinlogError) -> [UInt8] {
        let hash = Digest.sha512(Array(password.value.utf8))
        var scalar = Array(hash[..<32])
        scalar[0] &= 0b1111_1000
        scalar[31] &= 0b0111_1111
        scalar[31] |= 0b0100_0000
        let curve = try Edwards25519()
        let secret = try curve.reduced(scalar)
        let publicKey = try curve.multiple(of: secret)
        let once = try curve.reduced(Digest.sha512(hash[32...] + nonce))
        let commitment = try curve.multiple(of: once)
        let challenge = try curve.reduced(Digest.sha512(commitment + publicKey + nonce))
        return commitment + (try curve.encodedSum(once, challenge, times: secret))
    }
}
