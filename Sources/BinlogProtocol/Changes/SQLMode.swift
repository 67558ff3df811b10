/// The flags of `sql_mode` that change where a string in a statement ends.
package struct SQLMode: OptionSet, Hashable, Sendable {
    /// The bits as the server logs them with each statement; the others are kept.
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// ANSI_QUOTES: double quotes are for names.
    static let ansiQuotes = SQLMode(rawValue: 1 << 2)
    /// NO_BACKSLASH_ESCAPES: a backslash is a character like any other.
    package static let noBackslashEscapes = SQLMode(rawValue: 1 << 20)
}
