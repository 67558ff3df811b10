/// The character set of a text column, known from the number of its collation.
public enum Charset: Hashable, Sendable {
    /// UTF-8 of up to four bytes.
    case utf8mb4
    /// UTF-8 of up to three bytes, also called `utf8`.
    case utf8mb3
    /// MySQL's `latin1`: Windows code page 1252 with its five holes kept as control characters.
    case latin1
    /// Seven bits.
    case ascii
    /// Bytes, no text: what makes a CHAR column BINARY.
    case binary
    /// A character set that this library does not decode, by the number of its collation.
    case other(collationID: Int)
    /// The server did not say.
    case unknown

    /// The character set that a collation belongs to.
    ///
    /// The numbers are those of `information_schema.collations`.
    public init(collationID: Int) {
        switch collationID {
        case 45, 46, 224...247, 255...323: self = .utf8mb4
        case 33, 76, 83, 192...215, 223: self = .utf8mb3
        case 5, 8, 15, 31, 47, 48, 49, 94: self = .latin1
        case 11, 65: self = .ascii
        case 63: self = .binary
        default: self = .other(collationID: collationID)
        }
    }
}

extension Charset: CustomStringConvertible {
    /// The name as MySQL writes it, or the number of the collation.
    public var description: String {
        switch self {
        case .utf8mb4: "utf8mb4"
        case .utf8mb3: "utf8mb3"
        case .latin1: "latin1"
        case .ascii: "ascii"
        case .binary: "binary"
        case .other(let collationID): "collation \(collationID)"
        case .unknown: "a character set that the server did not name"
        }
    }
}
