/// Numbers of collations that mean more than an alphabet.
enum CollationID {
    /// `binary`: what makes a CHAR column BINARY.
    static let binary = 63
    /// No server uses it.
    static let unknown = 0
}
