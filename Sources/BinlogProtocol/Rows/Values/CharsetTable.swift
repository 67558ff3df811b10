/// What each character of a character set is in Unicode, by its bytes; made once and read from then on.
///
/// Where the C library has the character set, `iconv` fills the table when it is first needed, and the places
/// where the server sees another character are put right. Nothing of `iconv` is kept: the table can be read
/// from any thread.
struct CharsetTable: Sendable {
    /// How many bytes make a character.
    enum Width {
        /// One.
        case single
        /// One, or two of which the first is above 0x7f.
        case double
        /// As `double`, or three behind 0x8f.
        case triple
        /// As `double`, or four whose second is a digit: GB 18030.
        case quadruple
    }

    /// A run of codes whose characters follow each other in Unicode, or that are no characters.
    struct Difference {
        let codes: ClosedRange<UInt32>
        /// The first code's character; 0: none of the codes is one.
        let scalar: UInt32

        init(_ first: UInt32, _ scalar: UInt32, _ count: UInt32 = 1) {
            codes = first...(first + count - 1)
            self.scalar = scalar
        }

        static func none(_ codes: ClosedRange<UInt32>) -> Difference {
            Difference(codes.lowerBound, 0, codes.upperBound - codes.lowerBound + 1)
        }
    }

    let width: Width
    /// Whether bytes up to 0x7f are ASCII where a character begins.
    let isASCII: Bool
    /// The name of the converter that the C library lacks; nil when the table is whole.
    private(set) var missingConverter: String?
    /// The character of each code, 0 for none.
    ///
    /// First those of one byte, then those of two without the first's high bit, then those of three behind
    /// 0x8f without the high bits, or those of four by their place in GB 18030's own order. One array, so
    /// that a table is passed on at the cost of one reference.
    private var scalars: [UInt16]

    private static let doubleStart = 0x100
    private static let restStart = doubleStart + 0x80 * 0x100

    /// GB 18030 has the Basic Multilingual Plane in the first places of its four bytes, the others from here.
    private static let supplementaryPlace = 189_000
    private static let quadrupleCount = 39_420

    /// A table out of the C library's converter called `converter`.
    init(_ converter: String, _ width: Width = .single, _ differences: [Difference] = []) {
        self.width = width
        isASCII = converter != CharsetTable.swedish
        scalars = Array(repeating: 0, count: CharsetTable.count(width))
        guard let reader = CharacterConverter(converter) else {
            missingConverter = converter
            return
        }
        CharsetTable.forEachCode(width) { code, byteCount in
            if let scalar = reader.scalar(code, byteCount: byteCount) {
                set(code, byteCount, scalar)
            }
        }
        for difference in differences {
            for code in difference.codes {
                let scalar = difference.scalar + (code - difference.codes.lowerBound)
                set(code, CharsetTable.byteCount(code), difference.scalar == 0 ? 0 : scalar)
            }
        }
    }

    /// A table of one byte a character: ASCII, then these 128.
    init(upperHalf: String) {
        width = .single
        isASCII = true
        scalars = Array(0..<0x80)
        scalars += upperHalf.unicodeScalars.map { UInt16(truncatingIfNeeded: $0.value) }
    }

    /// The one converter whose low half is not ASCII.
    static let swedish = "SEN_850200_C"

    private static func count(_ width: Width) -> Int {
        switch width {
        case .single: doubleStart
        case .double: restStart
        case .triple: restStart + 0x80 * 0x80
        case .quadruple: restStart + quadrupleCount
        }
    }

    private static func byteCount(_ code: UInt32) -> Int {
        max(1, 4 - code.leadingZeroBitCount / 8)
    }

    private static func forEachCode(_ width: Width, _ body: (UInt32, Int) -> Void) {
        for code in 0..<UInt32(0x100) { body(code, 1) }
        guard width != .single else { return }
        for code in UInt32(0x8000)...0xffff { body(code, 2) }
        if width == .triple {
            for code in UInt32(0x8f_8080)...0x8f_ffff where code & 0x80 != 0 { body(code, 3) }
        }
        if width == .quadruple {
            for place in 0..<quadrupleCount { body(code(atPlace: place), 4) }
        }
    }

    private mutating func set(_ code: UInt32, _ byteCount: Int, _ scalar: UInt32) {
        // Above the first plane, and for the character that means "none", no table here has anything.
        let value = UInt16(exactly: scalar) ?? 0
        switch byteCount {
        case 1: scalars[Int(code)] = value
        case 2: scalars[Self.doubleStart + Int(code & 0x7fff)] = value
        case 3: scalars[Self.tripleIndex(code >> 8, code)] = value
        default:
            if let place = CharsetTable.place(code), place < Self.quadrupleCount {
                scalars[Self.restStart + place] = value
            }
        }
    }

    private static func tripleIndex(_ second: UInt32, _ third: UInt32) -> Int {
        restStart + Int(second & 0x7f) << 7 + Int(third & 0x7f)
    }

    /// Where four bytes stand in GB 18030's order: digits of base 10, 126, 10 and 126.
    private static func place(_ code: UInt32) -> Int? {
        let bytes = [code >> 24, code >> 16 & 0xff, code >> 8 & 0xff, code & 0xff].map { Int($0) }
        guard (0x81...0xfe).contains(bytes[0]), (0x30...0x39).contains(bytes[1]),
            (0x81...0xfe).contains(bytes[2]), (0x30...0x39).contains(bytes[3])
        else { return nil }
        return ((bytes[0] - 0x81) * 10 + bytes[1] - 0x30) * 1260 + (bytes[2] - 0x81) * 10
            + bytes[3] - 0x30
    }

    private static func code(atPlace place: Int) -> UInt32 {
        UInt32(0x81 + place / 12_600) << 24 | UInt32(0x30 + place / 1260 % 10) << 16
            | UInt32(0x81 + place / 10 % 126) << 8 | UInt32(0x30 + place % 10)
    }

    /// Appends `range` as UTF-8; false when some of it is no character: then what was appended must go.
    func appendUTF8(_ bytes: Span<UInt8>, _ range: Range<Int>, to output: inout [UInt8]) -> Bool {
        var at = range.lowerBound
        while at < range.upperBound {
            let first = bytes[at]
            if first < 0x80, isASCII {
                output.append(first)
                at += 1
                continue
            }
            let one = scalars[Int(first)]
            if one != 0 || first == 0 {
                output.appendUTF8(UInt32(one))
                at += 1
                continue
            }
            guard let (scalar, byteCount) = character(bytes, at, range.upperBound) else {
                return false
            }
            output.appendUTF8(scalar)
            at += byteCount
        }
        return true
    }

    /// The character of several bytes at `at`.
    private func character(
        _ bytes: Span<UInt8>, _ at: Int, _ end: Int
    ) -> (scalar: UInt32, byteCount: Int)? {
        guard width != .single, bytes[at] >= 0x80, end - at >= 2 else { return nil }
        let first = UInt32(bytes[at])
        let second = UInt32(bytes[at + 1])
        if width == .triple, first == 0x8f {
            guard end - at >= 3, second >= 0x80, bytes[at + 2] >= 0x80 else { return nil }
            let scalar = scalars[CharsetTable.tripleIndex(second, UInt32(bytes[at + 2]))]
            return scalar == 0 ? nil : (UInt32(scalar), 3)
        }
        if width == .quadruple, (0x30...0x39).contains(second) {
            guard end - at >= 4 else { return nil }
            let code =
                first << 24 | second << 16 | UInt32(bytes[at + 2]) << 8 | UInt32(bytes[at + 3])
            guard let place = CharsetTable.place(code) else { return nil }
            if place < CharsetTable.quadrupleCount {
                let scalar = scalars[CharsetTable.restStart + place]
                return scalar == 0 ? nil : (UInt32(scalar), 4)
            }
            let scalar = 0x1_0000 + place - CharsetTable.supplementaryPlace
            guard (0x1_0000...0x10_ffff).contains(scalar) else { return nil }
            return (UInt32(scalar), 4)
        }
        let scalar = scalars[CharsetTable.doubleStart + Int((first << 8 | second) & 0x7fff)]
        return scalar == 0 ? nil : (UInt32(scalar), 2)
    }
}

extension [UInt8] {
    /// Appends one character; surrogates and what is above U+10FFFF must not come here.
    mutating func appendUTF8(_ scalar: UInt32) {
        if scalar < 0x80 {
            append(UInt8(truncatingIfNeeded: scalar))
            return
        }
        if scalar < 0x800 {
            append(0xc0 | UInt8(truncatingIfNeeded: scalar >> 6))
        } else {
            if scalar < 0x1_0000 {
                append(0xe0 | UInt8(truncatingIfNeeded: scalar >> 12))
            } else {
                append(0xf0 | UInt8(truncatingIfNeeded: scalar >> 18))
                append(0x80 | UInt8(truncatingIfNeeded: scalar >> 12) & 0x3f)
            }
            append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6) & 0x3f)
        }
        append(0x80 | UInt8(truncatingIfNeeded: scalar) & 0x3f)
    }
}
