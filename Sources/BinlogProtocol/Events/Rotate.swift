/// Names the file that the following events are in.
///
///     ┌──────────────┬──────────────────────┐
///     │ position u64 │ file name to the end │
///     └──────────────┴──────────────────────┘
public struct Rotate: Equatable, Sendable {
    /// The position of the first event in the file, in bytes.
    public let position: UInt64
    /// The file's name without a folder.
    public let file: String

    package init(from reader: inout ByteReader) throws(DecodingError) {
        position = try reader.read()
        let offset = reader.offset
        let name = reader.readRemaining()
        guard !name.isEmpty else {
            throw DecodingError(.invalid("binary log file name"), at: offset)
        }
        file = String(decoding: name, as: UTF8.self)
    }
}
