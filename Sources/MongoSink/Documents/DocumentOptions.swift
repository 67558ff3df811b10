public import Foundation

/// What the documents hold, beyond what the source decides.
public struct DocumentOptions: Sendable {
    /// The zone of `tsLocal`.
    public var timeZone: TimeZone
    /// Whether each document also has the whole row in `before` and `after`.
    public var fullImages: Bool
    /// Whether the changes of a table are kept; asked once for each table map.
    public var includes: @Sendable (_ database: String, _ table: String) -> Bool

    /// Makes options; by default every table is kept and local times are UTC.
    public init(
        timeZone: TimeZone = .gmt, fullImages: Bool = false,
        includes: @escaping @Sendable (_ database: String, _ table: String) -> Bool = { _, _ in true
        }
    ) {
        self.timeZone = timeZone
        self.fullImages = fullImages
        self.includes = includes
    }
}
