/// Reads the text of a pattern into its syntax tree.
///
///     choice    = sequence *( "|" sequence )
///     sequence  = *( atom [ "*" | "+" | "?" | "{n}" | "{n,}" | "{n,m}" ] )
///     atom      = "." | "^" | "$" | "(" choice ")" | "(?:" choice ")" | class | escape | character
///     class     = "[" [ "^" ] *( item | item "-" item ) "]"
///
/// A leading `(?i)` makes the whole pattern ignore case.
struct PatternParser {
    static let groupDepthMax = 100
    static let repeatMax = 1000

    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var ignoresCase = false

    private init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    static func parse(_ text: String) throws(PatternError) -> PatternNode {
        var parser = PatternParser(text)
        if text.hasPrefix("(?i)") {
            parser.ignoresCase = true
            parser.index = 4
        }
        let node = try parser.choice(depth: 0)
        if parser.index < parser.scalars.count {
            throw parser.problem("“)” without “(”")
        }
        return node
    }

    private var next: Unicode.Scalar? {
        index < scalars.count ? scalars[index] : nil
    }

    private func problem(_ reason: String, at position: Int? = nil) -> PatternError {
        PatternError(reason: reason, character: (position ?? index) + 1)
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        index += 1
        return true
    }

    private mutating func choice(depth: Int) throws(PatternError) -> PatternNode {
        guard depth <= Self.groupDepthMax else {
            throw problem("more than \(Self.groupDepthMax) groups inside each other")
        }
        var branches = [try sequence(depth: depth)]
        while take("|") { branches.append(try sequence(depth: depth)) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence(depth: Int) throws(PatternError) -> PatternNode {
        var items: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            items.append(try quantified(try atom(depth: depth)))
        }
        switch items.count {
        case 0: return .empty
        case 1: return items[0]
        default: return .sequence(items)
        }
    }

    private mutating func atom(depth: Int) throws(PatternError) -> PatternNode {
        let start = index
        guard let scalar = next else { throw problem("the pattern ends too early") }
        index += 1
        switch scalar {
        case ".": return .scalar(.any)
        case "^": return .start
        case "$": return .end
        case "(": return try group(depth: depth, from: start)
        case "[": return .scalar(folded(try scalarClass(from: start)))
        case "\\": return .scalar(folded(try escape()))
        case "*", "+", "?", "{": throw problem("nothing to repeat before “\(scalar)”", at: start)
        default: return .scalar(folded(ScalarSet(scalar)))
        }
    }

    private mutating func group(depth: Int, from start: Int) throws(PatternError) -> PatternNode {
        if take("?"), !take(":") {
            throw problem("only the groups “( )” and “(?: )” are known", at: start)
        }
        let node = try choice(depth: depth + 1)
        guard take(")") else { throw problem("“(” without “)”", at: start) }
        return node
    }

    private func folded(_ set: ScalarSet) -> ScalarSet {
        var set = set
        set.ignoresCase = ignoresCase
        return set
    }

    private mutating func quantified(_ node: PatternNode) throws(PatternError) -> PatternNode {
        let start = index
        let result: PatternNode
        switch next {
        case "*":
            index += 1
            result = .repeated(node, least: 0, most: nil)
        case "+":
            index += 1
            result = .repeated(node, least: 1, most: nil)
        case "?":
            index += 1
            result = .repeated(node, least: 0, most: 1)
        case "{":
            index += 1
            result = try counted(node, from: start)
        default: return node
        }
        // Lazy and greedy match the same whole names, so the mark is accepted and has no effect.
        if take("?") { return result }
        if next == "*" || next == "+" || next == "{" {
            throw problem("a repetition cannot be repeated; use a group")
        }
        return result
    }

    private mutating func counted(
        _ node: PatternNode, from start: Int
    ) throws(PatternError) -> PatternNode {
        let least = try number(from: start)
        var most: Int? = least
        if take(",") { most = next == "}" ? nil : try number(from: start) }
        guard take("}") else { throw problem("“{” without “}”", at: start) }
        if let most, most < least { throw problem("the counts are the wrong way round", at: start) }
        return .repeated(node, least: least, most: most)
    }

    private mutating func number(from start: Int) throws(PatternError) -> Int {
        var value = 0
        let first = index
        while let scalar = next, ("0"..."9").contains(scalar) {
            value = value * 10 + Int(scalar.value - 0x30)
            guard value <= Self.repeatMax else {
                throw problem("a count above \(Self.repeatMax)", at: start)
            }
            index += 1
        }
        guard index > first else { throw problem("a count is missing after “{”", at: start) }
        return value
    }

    private mutating func escape() throws(PatternError) -> ScalarSet {
        let start = index - 1
        guard let scalar = next else { throw problem("“\\” at the end", at: start) }
        index += 1
        switch scalar {
        case "d": return .digits
        case "D": return ScalarSet.digits.inverted
        case "w": return .word
        case "W": return ScalarSet.word.inverted
        case "s": return .space
        case "S": return ScalarSet.space.inverted
        case "n": return ScalarSet("\n")
        case "t": return ScalarSet("\t")
        case "a"..."z", "A"..."Z", "0"..."9":
            throw problem("the escape “\\\(scalar)” is not known", at: start)
        default: return ScalarSet(scalar)
        }
    }

    private mutating func scalarClass(from start: Int) throws(PatternError) -> ScalarSet {
        let isNegated = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        var isFirst = true
        while let scalar = next, isFirst || scalar != "]" {
            isFirst = false
            let lower = try classItem()
            ranges.append(contentsOf: lower.resolvedRanges)
            guard next == "-", index + 1 < scalars.count, scalars[index + 1] != "]" else {
                continue
            }
            let dash = index
            index += 1
            let upper = try classItem()
            guard let from = single(lower), let to = single(upper), from <= to else {
                throw problem("a range that is not from low to high", at: dash)
            }
            ranges.append(from...to)
        }
        guard take("]") else { throw problem("“[” without “]”", at: start) }
        return ScalarSet(ranges, isNegated: isNegated)
    }

    private func single(_ set: ScalarSet) -> UInt32? {
        guard !set.isNegated, set.ranges.count == 1, set.ranges[0].count == 1 else { return nil }
        return set.ranges[0].lowerBound
    }

    private mutating func classItem() throws(PatternError) -> ScalarSet {
        guard let scalar = next else { throw problem("“[” without “]”") }
        index += 1
        if scalar == "[", next == ":" {
            throw problem(
                "classes such as [:alpha:] are not known; write ranges such as a-z, or “\\[” for "
                    + "the bracket", at: index - 1)
        }
        return scalar == "\\" ? try escape() : ScalarSet(scalar)
    }
}
