/// How the bytes between us and the server are compressed.
public enum Compression: String, Sendable, Hashable, CaseIterable {
    /// Not at all.
    case none
    /// DEFLATE within zlib's format, which MySQL and MariaDB know.
    case zlib
    /// Zstandard, which MySQL knows.
    case zstd

    /// What a server must offer, and we announce.
    var capability: Capabilities {
        switch self {
        case .none: []
        case .zlib: .compress
        case .zstd: .zstdCompression
        }
    }
}
