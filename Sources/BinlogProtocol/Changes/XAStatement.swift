/// An XA statement as it stands in a log.
package enum XAStatement: Equatable, Sendable {
    /// The begin of a group, in place of BEGIN.
    case start(XAIdentifier)
    /// The group has no more changes.
    case end(XAIdentifier)
    /// What was prepared happened.
    case commit(XAIdentifier)
    /// What was prepared never happened.
    case rollback(XAIdentifier)

    /// Reads what follows the word XA; nil when it is no such statement or its identifier is not understood.
    init?(_ tokens: inout SQLTokens, of statement: [UInt8]) {
        guard let verb = tokens.nextWord(), let id = Self.identifier(&tokens, statement) else {
            return nil
        }
        switch verb {
        case "START", "BEGIN": self = .start(id)
        case "END": self = .end(id)
        case "COMMIT": self = .commit(id)
        case "ROLLBACK": self = .rollback(id)
        default: return nil
        }
    }

    /// `gtrid [, bqual [, formatID]]`; what may follow (ONE PHASE, SUSPEND) changes nothing here.
    private static func identifier(
        _ tokens: inout SQLTokens, _ statement: [UInt8]
    ) -> XAIdentifier? {
        guard let transaction = string(&tokens, statement) else { return nil }
        var branch: [UInt8] = []
        var format: UInt64 = 1
        if skipComma(&tokens) {
            guard let bytes = string(&tokens, statement) else { return nil }
            branch = bytes
            if skipComma(&tokens) {
                guard let word = tokens.nextWord(), let number = UInt64(word) else { return nil }
                format = number
            }
        }
        return XAIdentifier(
            formatID: format, globalTransactionID: transaction, branchQualifier: branch)
    }

    private static func skipComma(_ tokens: inout SQLTokens) -> Bool {
        var copy = tokens
        guard copy.next() == .symbol(UInt8(ascii: ",")) else { return false }
        tokens = copy
        return true
    }

    /// `X'7831'`, as servers write it, or `'x1'` without any escape.
    private static func string(_ tokens: inout SQLTokens, _ statement: [UInt8]) -> [UInt8]? {
        switch tokens.next() {
        case .word(let word) where word.uppercased() == "X":
            guard tokens.next() == .text else { return nil }
            return content(statement, tokens.lastRange).flatMap(bytes(hex:))
        case .text:
            return content(statement, tokens.lastRange)
        default:
            return nil
        }
    }

    private static func content(_ statement: [UInt8], _ range: Range<Int>) -> [UInt8]? {
        guard range.count >= 2, statement[range.upperBound - 1] == UInt8(ascii: "'") else {
            return nil
        }
        let inside = statement[(range.lowerBound + 1)..<(range.upperBound - 1)]
        let isPlain = !inside.contains { $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "\\") }
        return isPlain ? Array(inside) : nil
    }

    private static func bytes(hex: [UInt8]) -> [UInt8]? {
        guard hex.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: hex.count, by: 2) {
            guard let high = nibble(hex[index]), let low = nibble(hex[index + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
