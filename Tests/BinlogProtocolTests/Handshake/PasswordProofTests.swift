import BinlogProtocol
import TestSupport
import Testing

/// Expected values computed with Python's hashlib from the documented rules, nonce 1…20.
@Suite("Password proofs")
struct PasswordProofTests {
    static let cases: [(password: String, native: String, sha2: String)] = [
        (
            "secret", "b32bb3a583e1340c0a1108d58b1be49781ad8c2f",
            "746ebe205d56a0707acb3e796e834e0dd7b1d61743b26bd5202c7a623230c7c9"
        ),
        (
            "pässwörd☃", "74a9b15b64dbef637b95b18432d46f1da395002c",
            "fa19cb82202c4119ffc3b8fea6bf5948c74f676259033afb98dfce21e310907c"
        ),
        (
            "x", "d6735703ddb55a10a902fa57c33fe543b1f57040",
            "6de9055332ab03b0277f5c582964cf1404aff68d7b3c26f9aa6aa1f2caeae10d"
        ),
        (
            String(decoding: (0..<300).map { UInt8(97 + $0 % 26) }, as: UTF8.self),
            "3de6e5e238e1805dd45f6972c129a1221aee80db",
            "8be15cdb3465cd29edd50c3edaa0b36102d02feb96148095ec524267d7975429"
        ),
        ("", "", ""),
    ]

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test("GM18: known values", arguments: cases)
    func known(password: String, native: String, sha2: String) {
        let nonce = FakePackets.nonce
        let secret = Secret(password)
        #expect(
            hex(NativePassword.proof(password: secret, nonce: nonce))
                == native)
        #expect(
            hex(CachingSHA2Password.proof(password: secret, nonce: nonce))
                == sha2)
    }

    @Test("GM18: every length from 1 to 300 gives a proof of the plugin's size")
    func lengths() {
        var seen: Set<[UInt8]> = []
        for length in 1...300 {
            let secret = Secret(String(repeating: "a", count: length))
            let nonce = FakePackets.nonce
            let native = NativePassword.proof(password: secret, nonce: nonce)
            let sha2 = CachingSHA2Password.proof(
                password: secret, nonce: nonce)
            #expect(native.count == 20)
            #expect(sha2.count == 32)
            seen.insert(native)
            seen.insert(sha2)
        }
        #expect(seen.count == 600)
    }
}
