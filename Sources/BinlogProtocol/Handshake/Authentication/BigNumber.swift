internal import COpenSSL

/// Owns one of OpenSSL's numbers, which is wiped in the end.
final class BigNumber {
    let pointer: OpaquePointer

    init() throws(BinlogError) {
        guard let pointer = BN_new() else { throw BigNumber.failure() }
        self.pointer = pointer
        // The numbers of a signature are secret or hide a secret.
        BN_set_flags(pointer, BN_FLG_CONSTTIME)
    }

    convenience init(hex: String) throws(BinlogError) {
        try self.init()
        var pointer: OpaquePointer? = self.pointer
        try BigNumber.check(BN_hex2bn(&pointer, hex))
    }

    /// The first byte is the least significant one.
    convenience init(littleEndian bytes: [UInt8]) throws(BinlogError) {
        try self.init()
        guard BN_lebin2bn(bytes, Int32(clamping: bytes.count), pointer) != nil else {
            throw BigNumber.failure()
        }
    }

    deinit {
        BN_clear_free(pointer)
    }

    var isOdd: Bool { BN_is_odd(pointer) == 1 }

    func littleEndian(byteCount: Int) throws(BinlogError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        try BigNumber.check(BN_bn2lebinpad(pointer, &bytes, Int32(clamping: byteCount)))
        return bytes
    }

    /// OpenSSL's functions give a number above 0 when they worked.
    static func check(_ status: Int32) throws(BinlogError) {
        guard status > 0 else { throw failure() }
    }

    static func failure() -> BinlogError {
        BinlogError(
            .authentication,
            "The proof of the password could not be computed: \(OpenSSLError.drain()).")
    }
}
