/// The syntax tree of a pattern.
package indirect enum PatternNode: Sendable, Equatable {
    case empty
    case scalar(ScalarSet)
    case start
    case end
    case sequence([PatternNode])
    case choice([PatternNode])
    case repeated(PatternNode, least: Int, most: Int?)
}

/// A pattern that does not follow the syntax, with the place where that was seen.
package struct PatternError: Error, Equatable, CustomStringConvertible {
    package let reason: String
    /// The character of the pattern, counted from 1.
    package let character: Int

    package var description: String { "at character \(character): \(reason)" }
}
