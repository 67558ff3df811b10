/// A part of a value that is too large for a document.
///
///     { _id: "<gtid>/<n>/t/<column>/000000", files_id: "<gtid>/<n>/t/<column>", n: 0, data: BinData }
///
/// As in GridFS, `files_id` and `n` say which part of which value it is. All chunks but the last have ``bytesMax`` bytes.
public struct BlobChunk: Sendable {
    /// The size of a chunk in bytes.
    public static let bytesMax = 1 << 20

    /// Which value it is a part of: the change's `_id`, `f` or `t`, and the number of the column from 1.
    public let blob: String
    /// The chunk's number in the value, from 0.
    public let number: Int
    /// The bytes, at most ``bytesMax``.
    public let bytes: [UInt8]

    /// Makes a chunk from its parts.
    public init(blob: String, number: Int, bytes: [UInt8]) {
        self.blob = blob
        self.number = number
        self.bytes = bytes
    }

    /// How many chunks a value has.
    static func count(of byteCount: Int) -> Int {
        (byteCount + bytesMax - 1) / bytesMax
    }

    /// The chunk's `_id`; those of one value are in their order as text.
    var id: String {
        let digits = String(number)
        return "\(blob)/" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    var document: [UInt8] {
        BSONWriter.document { writer in
            writer.append("_id", string: id)
            writer.append("files_id", string: blob)
            writer.append("n", integer: Int64(number))
            writer.append("data", binary: bytes)
        }
    }
}
