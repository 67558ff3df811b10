/// Words, quoted names and symbols of a statement, without its comments.
///
/// Version comments (`/*!40005 TEMPORARY */`) are read as what they hold, as servers do.
struct SQLTokens {
    enum Token: Equatable {
        case word(String)
        case quotedName(String)
        case text
        case symbol(UInt8)
    }

    private let bytes: [UInt8]
    private let mode: SQLMode
    private var position = 0
    /// Where the token that ``next()`` gave last stands.
    private(set) var lastRange = 0..<0

    init(_ bytes: [UInt8], _ mode: SQLMode = []) {
        self.bytes = bytes
        self.mode = mode
    }

    private func isEscapable(by quote: UInt8) -> Bool {
        switch quote {
        case UInt8(ascii: "`"): false
        case UInt8(ascii: "\"") where mode.contains(.ansiQuotes): false
        default: !mode.contains(.noBackslashEscapes)
        }
    }

    private func byte(at offset: Int) -> UInt8? {
        offset < bytes.count ? bytes[offset] : nil
    }

    mutating func next() -> Token? {
        skipSpaceAndComments()
        let start = position
        defer { lastRange = start..<position }
        guard let first = byte(at: position) else { return nil }
        switch first {
        case UInt8(ascii: "`"): return .quotedName(readQuoted(by: first))
        case UInt8(ascii: "\""):
            return .quotedName(readQuoted(by: first))
        case UInt8(ascii: "'"):
            _ = readQuoted(by: first)
            return .text
        default:
            guard isWordCharacter(first) else {
                position += 1
                return .symbol(first)
            }
            let start = position
            while let character = byte(at: position), isWordCharacter(character) { position += 1 }
            return .word(String(decoding: bytes[start..<position], as: UTF8.self))
        }
    }

    /// The next token when it is a plain word, in upper case; it is consumed.
    mutating func nextWord() -> String? {
        guard case .word(let word)? = next() else { return nil }
        return word.uppercased()
    }

    func peekWord() -> String? {
        var copy = self
        return copy.nextWord()
    }

    @discardableResult
    mutating func skip(word: String) -> Bool {
        guard peekWord() == word else { return false }
        _ = next()
        return true
    }

    /// The next token as a name, quoted or not.
    mutating func nextName() -> String? {
        switch next() {
        case .word(let name), .quotedName(let name): name
        default: nil
        }
    }

    /// `table` or `database.table`.
    mutating func qualifiedName() -> (database: String?, table: String)? {
        guard let first = nextName() else { return nil }
        var copy = self
        guard case .symbol(UInt8(ascii: "."))? = copy.next(), let second = copy.nextName() else {
            return (nil, first)
        }
        self = copy
        return (first, second)
    }

    private func isWordCharacter(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"),
            0x80...0xff:
            true
        default: false
        }
    }

    private mutating func readQuoted(by quote: UInt8) -> String {
        position += 1
        let isEscapable = isEscapable(by: quote)
        var name: [UInt8] = []
        while let character = byte(at: position) {
            if character == quote {
                guard byte(at: position + 1) == quote else {
                    position += 1
                    break
                }
                position += 1
            } else if character == UInt8(ascii: "\\"), isEscapable {
                position += 1
            }
            // A backslash can be the last byte.
            guard let taken = byte(at: position) else { break }
            name.append(taken)
            position += 1
        }
        return String(decoding: name, as: UTF8.self)
    }

    private mutating func skipSpaceAndComments() {
        while let character = byte(at: position) {
            if character == 0x20 || (0x09...0x0d).contains(character) {
                position += 1
            } else if character == UInt8(ascii: "#") || isDashComment {
                while let next = byte(at: position), next != 0x0a { position += 1 }
            } else if character == UInt8(ascii: "/"), byte(at: position + 1) == UInt8(ascii: "*") {
                skipBlockComment()
            } else if character == UInt8(ascii: "*"), byte(at: position + 1) == UInt8(ascii: "/") {
                // The end of a version comment whose content was read as SQL.
                position += 2
            } else {
                return
            }
        }
    }

    private var isDashComment: Bool {
        guard byte(at: position) == UInt8(ascii: "-"), byte(at: position + 1) == UInt8(ascii: "-")
        else { return false }
        guard let next = byte(at: position + 2) else { return true }
        return next <= 0x20
    }

    private mutating func skipBlockComment() {
        position += 2
        var marker = position
        if byte(at: marker) == UInt8(ascii: "M") { marker += 1 }
        if byte(at: marker) == UInt8(ascii: "!") {
            position = marker + 1
            while let digit = byte(at: position),
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit)
            {
                position += 1
            }
            return
        }
        while position < bytes.count {
            if byte(at: position) == UInt8(ascii: "*"), byte(at: position + 1) == UInt8(ascii: "/")
            {
                position += 2
                return
            }
            position += 1
        }
    }
}
