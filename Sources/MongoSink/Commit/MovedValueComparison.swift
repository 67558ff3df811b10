internal import BinlogProtocol

/// Whether a value that stands in one document is the one that another document refers to by `$oversize`.
///
/// The same value stands in the document with one set of images and outside of it with another.
struct MovedValueComparison {
    /// What the name of each blob of the change begins with.
    private let prefix: String

    /// - Parameter id: the `_id` of both documents.
    init(_ id: BSONElement?) {
        prefix = "\(id?.string ?? "")/"
    }

    /// Whether one is a reference and the other what it may stand for.
    ///
    /// The bytes are compared by their digest where the document holds them as the column does; JSON, GEOMETRY and text of
    /// other character sets than UTF-8 are another form of the same value, and only whose value it is can be told.
    func isSame(_ left: BSONElement, _ right: BSONElement) throws(DecodingError) -> Bool {
        switch (try reference(left), try reference(right)) {
        case (let reference?, nil): try stands(reference, for: right)
        case (nil, let reference?): try stands(reference, for: left)
        default: false
        }
    }

    /// What stands behind `$oversize`, if it refers to a value of this change.
    private func reference(_ element: BSONElement) throws(DecodingError) -> BSONDocument? {
        guard let document = try element.document else { return nil }
        var elements = document.elements()
        guard let only = try elements.next(), only.hasKey("$oversize"), try elements.next() == nil,
            let reference = try only.document, let blob = try reference.string("blob"),
            blob.utf8.starts(with: prefix.utf8)
        else { return nil }
        return reference
    }

    private func stands(
        _ reference: BSONDocument, for value: BSONElement
    ) throws(DecodingError) -> Bool {
        let bytes: ArraySlice<UInt8>
        switch try (reference.string("type"), reference.string("charset")) {
        case ("binary", _):
            guard let binary = value.binary else { return false }
            bytes = binary
        case ("text", let charset):
            if let binary = value.binary {
                bytes = binary
            } else {
                guard value.string != nil else { return false }
                guard ["utf8mb4", "utf8mb3", "ascii"].contains(charset) else { return true }
                bytes = value.stringBytes
            }
        case ("json", _), ("geometry", _): return true
        default: return false
        }
        guard try reference.integer("bytes") == Int64(bytes.count) else { return false }
        return try reference.string("sha256") == SHA256.text(SHA256.digest(bytes))
    }
}
