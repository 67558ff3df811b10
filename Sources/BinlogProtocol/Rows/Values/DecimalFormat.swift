/// How a DECIMAL of a given precision and scale lies in its bytes.
///
///     ┌───────────────┬─────────┬───┬─────────┬───┬────────────────┐
///     │ left partial  │ 9 digits│ … │ 9 digits│ … │ right partial  │   big-endian groups
///     └───────────────┴─────────┴───┴─────────┴───┴────────────────┘
///     digits of a partial group: 1–2 in 1 byte, 3–4 in 2, 5–6 in 3, 7–8 in 4
///
/// The first bit is inverted, so that bytes sort as numbers do; of a negative number all other bits
/// are too.
struct DecimalFormat: Equatable, Sendable {
    let integerDigits: Int
    let scale: Int

    /// Nil unless the server allows such a column: 1 to 65 digits, at most 30 after the point.
    init?(precision: Int, scale: Int) {
        guard (1...65).contains(precision), (0...30).contains(scale), scale <= precision else {
            return nil
        }
        integerDigits = precision - scale
        self.scale = scale
    }

    var byteCount: Int {
        integerDigits / 9 * 4 + DecimalFormat.partialBytes(integerDigits % 9)
            + scale / 9 * 4 + DecimalFormat.partialBytes(scale % 9)
    }

    static func partialBytes(_ digits: Int) -> Int { (digits + 1) / 2 }
}
