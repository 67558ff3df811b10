/// A place in a server's binary log: for people and tools, never for resuming.
public struct BinlogPosition: Hashable, Sendable {
    /// The file's name, such as `mysql-bin.000007`; empty before the server named one.
    public var file: String
    /// Bytes from the start of the file.
    public var offset: UInt64

    /// Makes a position.
    public init(file: String, offset: UInt64) {
        self.file = file
        self.offset = offset
    }
}

extension BinlogPosition: CustomStringConvertible {
    /// `file:offset`.
    public var description: String { "\(file):\(offset)" }
}
