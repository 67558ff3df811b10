internal import BinlogProtocol

/// A value that stands outside of its document, in chunks in `<MONGO_COLL>_blobs`.
package struct MovedValue: Sendable {
    /// What the bytes are.
    enum Kind: Sendable {
        /// Bytes of a BLOB, a BINARY or a VARBINARY.
        case binary
        /// Text as the column holds it, in this character set.
        case text(Charset)
        /// JSON as text, in UTF-8.
        case json
        /// A GEOMETRY as MySQL stores it: four bytes of SRID, then well-known binary.
        case geometry

        fileprivate var name: String {
            switch self {
            case .binary: "binary"
            case .text: "text"
            case .json: "json"
            case .geometry: "geometry"
            }
        }
    }

    /// The first part of the chunks' `_id`.
    package let blob: String
    /// The number of the row change that it is of; nil for the text of a statement.
    package let row: Int64?
    /// Holds the value's bytes.
    package let storage: [UInt8]
    /// Where they are.
    package let range: Range<Int>
    /// What stands in the document instead: `{ $oversize: { … } }`.
    let reference: [UInt8]

    init(
        _ blob: String, row: Int64?, _ kind: Kind, _ storage: [UInt8], _ range: Range<Int>
    ) {
        self.blob = blob
        self.row = row
        self.storage = storage
        self.range = range
        reference = MovedValue.reference(
            to: blob, kind, byteCount: range.count, digest: SHA256.digest(storage[range]))
    }

    /// `{ $oversize: { bytes, sha256, type, charset, blob, chunks } }`, `charset` only of text.
    static func reference(
        to blob: String, _ kind: Kind, byteCount: Int, digest: [UInt8]
    ) -> [UInt8] {
        BSONWriter.document { document in
            document.append(DocumentKeys.oversize) { fields in
                fields.append(DocumentKeys.bytes, int64: Int64(byteCount))
                fields.append(DocumentKeys.sha256, string: SHA256.text(digest))
                fields.append(DocumentKeys.type, string: kind.name)
                if case .text(let charset) = kind {
                    fields.append(DocumentKeys.charset, string: "\(charset)")
                }
                fields.append(DocumentKeys.blob, string: blob)
                fields.append(
                    DocumentKeys.chunks, integer: Int64(BlobChunk.count(of: byteCount)))
            }
        }
    }
}
