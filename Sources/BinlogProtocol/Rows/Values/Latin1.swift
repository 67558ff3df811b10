/// MySQL's `latin1`: ISO 8859-1 with the characters of Windows code page 1252 in 0x80…0x9f.
///
/// The five bytes that Windows leaves undefined stay the control characters they are.
enum Latin1 {
    private static let high: [UInt16] = [
        0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
        0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
        0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
        0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
    ]

    /// Appends one character as UTF-8.
    static func append(_ byte: UInt8, to output: inout [UInt8]) {
        let scalar: UInt16
        switch byte {
        case 0x00...0x7f:
            output.append(byte)
            return
        case 0x80...0x9f: scalar = high[Int(byte) - 0x80]
        default: scalar = UInt16(byte)
        }
        if scalar < 0x800 {
            output.append(0xc0 | UInt8(truncatingIfNeeded: scalar >> 6))
        } else {
            output.append(0xe0 | UInt8(truncatingIfNeeded: scalar >> 12))
            output.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6) & 0x3f)
        }
        output.append(0x80 | UInt8(truncatingIfNeeded: scalar) & 0x3f)
    }
}
