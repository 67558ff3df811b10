internal import COpenSSL

/// Multiples of the base point of the curve of Ed25519 (RFC 8032), and arithmetic modulo its order L.
///
/// OpenSSL multiplies points of curves in Weierstrass form, one of which is the same curve in other coordinates:
///
///     u = X − A/3    x = √−486664 · u / Y    y = (u − 1) / (u + 1)    with A = 486662, modulo p = 2^255 − 19
///
/// Its multiplication by a secret takes the same steps for all secrets. What comes before and after (reductions,
/// inversions, the sum at the end) promises no constant time: a server sees one signature a login.
final class Edwards25519 {
    private static let prime = "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFED"
    private static let order = "1000000000000000000000000000000014DEF9DEA2F79CD65812631A5CF5D3ED"
    private static let coefficientA =
        "2AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA984914A144"
    private static let coefficientB =
        "7B425ED097B425ED097B425ED097B425ED097B425ED097B4260B5E9C7710C864"
    private static let baseX = "2AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD245A"
    private static let baseY = "5F51E65E475F794B1FE122D388B72EB36DC2B28192839E4DD6163A5D81312C14"
    /// A/3.
    private static let shift = "2AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD2451"
    /// √−486664: of both the one that takes the base points to each other.
    private static let root = "0F26EDF460A006BBD27B08DC03FC4F7EC5A1D3D14B7D1A82CC6E04AAFF457E06"
    private static let cofactor = "8"
    private static let pointBytes = 32

    private let prime: BigNumber
    private let order: BigNumber
    private let shift: BigNumber
    private let root: BigNumber
    private let context: OpaquePointer
    private let group: OpaquePointer

    init() throws(BinlogError) {
        ERR_clear_error()
        prime = try BigNumber(hex: Edwards25519.prime)
        order = try BigNumber(hex: Edwards25519.order)
        shift = try BigNumber(hex: Edwards25519.shift)
        root = try BigNumber(hex: Edwards25519.root)
        let a = try BigNumber(hex: Edwards25519.coefficientA)
        let b = try BigNumber(hex: Edwards25519.coefficientB)
        guard let context = BN_CTX_new() else { throw BigNumber.failure() }
        guard let group = EC_GROUP_new_curve_GFp(prime.pointer, a.pointer, b.pointer, context)
        else {
            BN_CTX_free(context)
            throw BigNumber.failure()
        }
        self.context = context
        self.group = group
        let x = try BigNumber(hex: Edwards25519.baseX)
        let y = try BigNumber(hex: Edwards25519.baseY)
        let cofactor = try BigNumber(hex: Edwards25519.cofactor)
        guard let base = EC_POINT_new(group) else { throw BigNumber.failure() }
        defer { EC_POINT_free(base) }
        try BigNumber.check(
            EC_POINT_set_affine_coordinates(group, base, x.pointer, y.pointer, context))
        try BigNumber.check(
            EC_GROUP_set_generator(group, base, order.pointer, cofactor.pointer))
    }

    deinit {
        EC_GROUP_free(group)
        BN_CTX_free(context)
    }

    /// The number modulo L.
    func reduced(_ littleEndian: [UInt8]) throws(BinlogError) -> BigNumber {
        let number = try BigNumber(littleEndian: littleEndian)
        let result = try BigNumber()
        try BigNumber.check(BN_nnmod(result.pointer, number.pointer, order.pointer, context))
        return result
    }

    /// first + second · factor modulo L, in 32 bytes.
    func encodedSum(
        _ first: BigNumber, _ second: BigNumber, times factor: BigNumber
    ) throws(BinlogError) -> [UInt8] {
        let product = try BigNumber()
        try BigNumber.check(
            BN_mod_mul(
                product.pointer, second.pointer, factor.pointer, order.pointer, context))
        let sum = try BigNumber()
        try BigNumber.check(
            BN_mod_add(sum.pointer, first.pointer, product.pointer, order.pointer, context))
        return try sum.littleEndian(byteCount: Edwards25519.pointBytes)
    }

    /// The point `scalar` · B, encoded: y, and whether x is odd in the highest bit.
    func multiple(of scalar: BigNumber) throws(BinlogError) -> [UInt8] {
        guard let point = EC_POINT_new(group) else { throw BigNumber.failure() }
        defer { EC_POINT_clear_free(point) }
        try BigNumber.check(EC_POINT_mul(group, point, scalar.pointer, nil, nil, context))
        let weierstrassX = try BigNumber()
        let weierstrassY = try BigNumber()
        // Fails for the point at infinity, which no password's hash gives but by an accident that no one will see.
        try BigNumber.check(
            EC_POINT_get_affine_coordinates(
                group, point, weierstrassX.pointer, weierstrassY.pointer, context))
        let u = try BigNumber()
        try BigNumber.check(
            BN_mod_sub(u.pointer, weierstrassX.pointer, shift.pointer, prime.pointer, context))
        let one = try BigNumber(hex: "1")
        let below = try BigNumber()
        try BigNumber.check(
            BN_mod_sub(below.pointer, u.pointer, one.pointer, prime.pointer, context))
        let above = try BigNumber()
        try BigNumber.check(
            BN_mod_add(above.pointer, u.pointer, one.pointer, prime.pointer, context))
        let y = try quotient(below, above)
        let x = try quotient(u, weierstrassY, times: root)
        var bytes = try y.littleEndian(byteCount: Edwards25519.pointBytes)
        if x.isOdd { bytes[Edwards25519.pointBytes - 1] |= 0x80 }
        return bytes
    }

    /// dividend / divisor · factor modulo p.
    private func quotient(
        _ dividend: BigNumber, _ divisor: BigNumber, times factor: BigNumber? = nil
    ) throws(BinlogError) -> BigNumber {
        let result = try BigNumber()
        guard
            BN_mod_inverse(result.pointer, divisor.pointer, prime.pointer, context) != nil
        else { throw BigNumber.failure() }
        for number in [dividend, factor].compactMap({ $0 }) {
            try BigNumber.check(
                BN_mod_mul(
                    result.pointer, result.pointer, number.pointer, prime.pointer, context))
        }
        return result
    }
}
