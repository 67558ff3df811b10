import BinlogProtocol
import TestSupport
import Testing

/// Signatures of passwords; expected values are those of RFC 8032's algorithm, computed with Python's integers.
@Suite("Signatures of passwords")
struct SignatureProofTests {
    private static let alphabet300 = String(
        decoding: (0..<300).map { UInt8(97 + $0 % 26) }, as: UTF8.self)

    // Nonces 1…32 (server) and 201…232 (client), salt 41…58, exponents 0 and 3.
    static let cases: [(password: String, ed25519: String, parsec0: String, parsec3: String)] = [
        (
            "secret",
            "60a0f4f8bcb6396043e44b2a25521af16f0815ff6369cc541c281e2c4455c823"
                + "2b79b21ee5bb933507725db2f2919ea09e676f6abee19c5c7b98b40a627a9707",
            "8da7b4db997c2cd2498881e9f5121b4fe31cb4006b7b25ad73142768d11f67cc"
                + "99bea20998372d1fef64595ec19ebd0a5823b0afd08a67e8452db33b2693d406",
            "b3838e2a1f87eeb9848aa06518dfd61e7576076bf09a90934a3e172c9275cb41"
                + "bcee5554a2ba503eb94fc8421a83fbacabc803f5ff6edc1f59d4b410c236a60d"
        ),
        (
            "pässwörd☃",
            "5fc3d9c08b8783ad21326e0169ffb034c08ad15680a2fcf446c7c852e407b41a"
                + "a1101becd18d30a3071ef24d0de06a572c52dbac7c831b96e8d1e130df5c060c",
            "74f0c4f496346d37ef8e5d12c96d12526362f27d690d25c63d93d696af23134f"
                + "c7d6e993163bdff02f25593a52b321d989f817cd6393439d3eb65abe93045a0c",
            "23e394a5f88a25724eee71de15a15b18e2a816e267efb5309548762d363d5284"
                + "f39ba41bf6c59d9ed6f7f7e143fc2a4ac7cc7de2d6107f8955bcd755d3124001"
        ),
        (
            "x",
            "fe995298886962dea354ae1d789e25e05a5658ed38153e2cf985b417b1cf973c"
                + "6a517967a7d0d571e63eaa888484d5e06a7a0b75339ac13eab35afa3e737ea04",
            "6b1f2489f25313b872654afc6c60035051b72b360560afa2e8e7262112c56155"
                + "9d29f01b25c3576b7247f46e597f901b692a9195fe1736a450ff7fefad5bf705",
            "12ca3ecb4dcad983a1186dc4eed196294f891d144580edb512c5cfd932d7b64a"
                + "cd966f159036b958d92f9eaa30fbb05bd187476b7cd341b32f4a590ff131fd0d"
        ),
        (
            alphabet300,
            "69ce55415fc8cd9c484d3093e64ddc0152f1ed8df5bc37783be69776e432090a"
                + "577d7d758a948cc9ee5f19d360b0c36b7e5b5e187c3a0df850af9bb488114801",
            "1296817f18d5980dce788ddb667805bf34341bf767b70cc2a82bbed5689d9ed8"
                + "a3ac04ea27b7d2c977a91e6caf816da0e9ae1cac4942b6cfa0fc90e4a9967c03",
            "9b2c5626e06e68c3d3df1651b11c8933b7447549c7ec4118d32c25f61b340c45"
                + "ee8d14433682a16af1c976c34dec4e1be5b4bfbad7246c67147bae2a5dae2d08"
        ),
        (
            "",
            "6d063d5d3fa5175ed8544e6cc97a5498a007c19f4cefdd6d5a094650d02f3dda"
                + "74bdc995a87e2a7b3aea5bf70f318142e84ffe8b2f5d8d24124ebd21107c9c0a",
            "3b13c4d7e761a066fbe36e9c6d2383647bd124bb66000c60a6bab9dfefe4cd0d"
                + "9ceb112903f77119196e8833f5a5d4d795f3196c46f9d57dce4f8c72e1884e09",
            "e5f1d18e80b946928b8736580c0b15d8ef68e54028d347eecf43a992d109377f"
                + "23d1553bde875ffc6088afba16dc0c8ddff940eeb7de4c6f1f3e5ea4e98ef90b"
        ),
    ]

    @Test("GM18: known values", arguments: cases)
    func known(password: String, ed25519: String, parsec0: String, parsec3: String) throws {
        let secret = Secret(password)
        let nonce = [UInt8](1...32)
        #expect(
            try Ed25519Password.signature(password: secret, nonce: nonce) == hexBytes(ed25519))
        let clientNonce = [UInt8](201...232)
        for (exponent, expected) in [(UInt8(0), parsec0), (3, parsec3)] {
            var reader = ByteReader([0x50, exponent] + [UInt8](41...58))
            let proof = try Parsec.proof(
                password: secret, derivation: Parsec.Derivation(from: &reader),
                serverNonce: nonce, clientNonce: clientNonce)
            #expect(proof == clientNonce + hexBytes(expected))
        }
    }

    @Test("MariaDB's own test value: the password foobar, a nonce of 32 times A")
    func published() throws {
        let signature = try Ed25519Password.signature(
            password: Secret("foobar"), nonce: [UInt8](repeating: 0x41, count: 32))
        #expect(
            signature
                == hexBytes(
                    "e83dc93f433f33355649ee23aa7592d61a1123090884f58d3063423a24e43054"
                        + "73febba858a2f93923554feea76a44753887ab2f140e854f0fe57ca0b0648a0e"))
    }

    @Test("GM18: every length from 1 to 300 gives another signature")
    func lengths() throws {
        var seen: Set<[UInt8]> = []
        for length in 1...300 {
            let signature = try Ed25519Password.signature(
                password: Secret(String(repeating: "a", count: length)),
                nonce: [UInt8](1...32))
            #expect(signature.count == 64)
            seen.insert(signature)
        }
        #expect(seen.count == 300)
    }

    @Test("The salt of parsec")
    func derivation() throws {
        let bytes = [0x50, 2] + [UInt8](41...58)
        var reader = ByteReader(bytes)
        let derivation = try Parsec.Derivation(from: &reader)
        #expect(derivation.rounds == 4096)
        #expect(derivation.salt == [UInt8](41...58))
        verifyDecoder(bytes, equals: derivation) {
            (reader: inout ByteReader) throws(BinlogProtocol.DecodingError) in
            try Parsec.Derivation(from: &reader)
        }
    }
}
