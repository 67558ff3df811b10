extension CellRange {
    /// Appends MariaDB's UUID as `SELECT` prints it.
    ///
    /// The log holds the bytes in the order of the text, whatever order the table keeps them in, without
    /// zero bytes at the end. Seen on 10.11 and 11.8, for UUIDs of versions 0 to 8 and both variants.
    package func appendUUID(
        in bytes: [UInt8], to output: inout [UInt8]
    ) throws(DecodingError) {
        try requireAtMost(16, "UUID", in: bytes)
        for index in 0..<16 {
            if [4, 6, 8, 10].contains(index) { output.append(UInt8(ascii: "-")) }
            let value = byte(index, in: bytes)
            output.append(hexDigit(value >> 4))
            output.append(hexDigit(value & 0xf))
        }
    }

    /// Appends MariaDB's INET4 as `SELECT` prints it.
    package func appendINET4(
        in bytes: [UInt8], to output: inout [UInt8]
    ) throws(DecodingError) {
        try requireAtMost(4, "INET4", in: bytes)
        appendDotted(from: 0, in: bytes, to: &output)
    }

    /// Appends MariaDB's INET6 as `SELECT` prints it: the first longest run of zero groups becomes `::`,
    /// and an IPv4 address behind six of them, or behind five and ffff, is written with dots.
    package func appendINET6(
        in bytes: [UInt8], to output: inout [UInt8]
    ) throws(DecodingError) {
        try requireAtMost(16, "INET6", in: bytes)
        let groups = (0..<8).map {
            UInt16(byte(2 * $0, in: bytes)) << 8 | UInt16(byte(2 * $0 + 1, in: bytes))
        }
        let gap = CellRange.longestZeroRun(groups)
        let hasDottedEnd =
            gap.lowerBound == 0 && (gap.count == 6 || gap.count == 5 && groups[5] == 0xffff)
        var index = 0
        while index < 8 {
            if index == gap.lowerBound, !gap.isEmpty {
                output.append(contentsOf: "::".utf8)
                index = gap.upperBound
                continue
            }
            if index > 0, index != gap.upperBound || gap.isEmpty {
                output.append(UInt8(ascii: ":"))
            }
            if hasDottedEnd, index == 6 {
                appendDotted(from: 12, in: bytes, to: &output)
                break
            }
            output.append(contentsOf: String(groups[index], radix: 16).utf8)
            index += 1
        }
    }

    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        while start < groups.count {
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
            if end - start > longest.count { longest = start..<end }
            start = end + 1
        }
        return longest
    }

    private func appendDotted(from index: Int, in bytes: [UInt8], to output: inout [UInt8]) {
        for part in 0..<4 {
            if part > 0 { output.append(UInt8(ascii: ".")) }
            output.appendNumber(UInt64(byte(index + part, in: bytes)))
        }
    }

    private func requireAtMost(
        _ byteCount: Int, _ type: String, in bytes: [UInt8]
    ) throws(DecodingError) {
        try require(in: bytes)
        guard count <= byteCount else {
            throw DecodingError(.invalid("length of a value of type \(type)"), at: start)
        }
    }

    /// A byte of the value; the zeros that were left out at its end are there again.
    private func byte(_ index: Int, in bytes: [UInt8]) -> UInt8 {
        index < count ? bytes[start + index] : 0
    }

    private func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
