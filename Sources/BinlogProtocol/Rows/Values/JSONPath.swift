/// The place of a value in a JSON document, as `binlog_row_value_options=PARTIAL_JSON` logs it.
///
///     $.name   $."a name"   $[0]   $[last]   $[last-2]
///
/// Wildcards do not stand in a log: a difference is at one place.
struct JSONPath {
    enum Leg: Equatable {
        case member([UInt8])
        /// An element, counted from the start, or from the last one backwards.
        case element(Int, isFromEnd: Bool)
    }

    let legs: [Leg]

    /// Reads a path.
    ///
    /// - Throws: `invalid` for a text that is no such path.
    init(_ cell: CellRange, in bytes: [UInt8]) throws(DecodingError) {
        try cell.require(in: bytes)
        var text = PathText(bytes: bytes, position: cell.start, end: cell.end)
        guard UTF8Validation.isValid(bytes.span, cell.range), text.take(UInt8(ascii: "$")) else {
            throw text.error
        }
        var legs: [Leg] = []
        while let first = text.next() {
            switch first {
            case UInt8(ascii: "."): legs.append(.member(try text.memberName()))
            case UInt8(ascii: "["): legs.append(try text.element())
            default: throw text.error
            }
        }
        self.legs = legs
    }
}

/// The characters of a path that are still to be read.
private struct PathText {
    let bytes: [UInt8]
    var position: Int
    let end: Int

    var error: DecodingError { DecodingError(.invalid("path in a JSON document"), at: position) }

    private var first: UInt8? { position < end ? bytes[position] : nil }

    mutating func next() -> UInt8? {
        guard let byte = first else { return nil }
        position += 1
        return byte
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard first == byte else { return false }
        position += 1
        return true
    }

    /// A name up to the next leg, or one in double quotes with the escapes of a JSON string.
    mutating func memberName() throws(DecodingError) -> [UInt8] {
        if take(UInt8(ascii: "\"")) { return try quotedName() }
        var name: [UInt8] = []
        while let byte = first, byte != UInt8(ascii: "."), byte != UInt8(ascii: "[") {
            guard byte != UInt8(ascii: "*"), byte != UInt8(ascii: "\"") else { throw error }
            name.append(byte)
            position += 1
        }
        guard !name.isEmpty else { throw error }
        return name
    }

    private mutating func quotedName() throws(DecodingError) -> [UInt8] {
        var name: [UInt8] = []
        while let byte = next() {
            switch byte {
            case UInt8(ascii: "\""): return name
            case UInt8(ascii: "\\"): try appendEscape(to: &name)
            default: name.append(byte)
            }
        }
        throw error
    }

    private mutating func appendEscape(to name: inout [UInt8]) throws(DecodingError) {
        switch next() {
        case UInt8(ascii: "b"): name.append(0x08)
        case UInt8(ascii: "f"): name.append(0x0c)
        case UInt8(ascii: "n"): name.append(0x0a)
        case UInt8(ascii: "r"): name.append(0x0d)
        case UInt8(ascii: "t"): name.append(0x09)
        case UInt8(ascii: "u"):
            // Above U+FFFF a character stands for itself: the server escapes control characters alone.
            guard let scalar = Unicode.Scalar(try hexNumber()) else { throw error }
            name.append(contentsOf: Array(String(Character(scalar)).utf8))
        case let byte?: name.append(byte)
        case nil: throw error
        }
    }

    private mutating func hexNumber() throws(DecodingError) -> UInt32 {
        var number: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next(),
                let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80
            else { throw error }
            number = number << 4 | UInt32(digit)
        }
        return number
    }

    /// `0]`, `last]` or `last-2]`.
    mutating func element() throws(DecodingError) -> JSONPath.Leg {
        let isFromEnd = take(UInt8(ascii: "l"))
        var index = 0
        if isFromEnd {
            for letter in "ast".utf8 {
                guard take(letter) else { throw error }
            }
        }
        if !isFromEnd || take(UInt8(ascii: "-")) { index = try number() }
        guard take(UInt8(ascii: "]")) else { throw error }
        return .element(index, isFromEnd: isFromEnd)
    }

    private mutating func number() throws(DecodingError) -> Int {
        let start = position
        var number = 0
        while let byte = first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
            guard number <= Int(UInt32.max) else { throw error }
            position += 1
        }
        guard position > start else { throw error }
        return number
    }
}
