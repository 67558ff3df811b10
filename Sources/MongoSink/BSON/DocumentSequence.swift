package import BinlogProtocol

/// Finished documents one after another in one array.
package struct DocumentSequence: Sendable, Equatable {
    /// The documents; bytes behind the last end do not count.
    package private(set) var bytes: [UInt8]
    /// The offset behind each document, rising.
    package private(set) var ends: [Int]

    package init() {
        bytes = []
        ends = []
    }

    /// Takes bytes and ends that belong together.
    ///
    /// - Throws: ``DecodingError`` when an end is not where a document's own length says.
    package init(bytes: [UInt8], ends: [Int]) throws(DecodingError) {
        self.init()
        try append(bytes, ends: ends)
    }

    package var count: Int { ends.count }
    package var isEmpty: Bool { ends.isEmpty }
    /// The size of all documents in bytes.
    package var byteCount: Int { ends.last ?? 0 }

    /// The range of one document's bytes.
    package func range(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    /// One document, its length and end checked.
    package func document(_ index: Int) throws(DecodingError) -> BSONDocument {
        try BSONDocument(bytes, in: range(index))
    }

    package mutating func append(_ document: some Collection<UInt8>) {
        bytes.append(contentsOf: document)
        ends.append(bytes.count)
    }

    /// Appends documents that end at `ends` in `other`.
    package mutating func append(_ other: [UInt8], ends others: [Int]) throws(DecodingError) {
        var start = 0
        for end in others {
            guard end - start >= BSONLimits.documentBytesMin, end <= other.count,
                Int(other.loadLittleEndian(Int32.self, at: start)) == end - start
            else {
                throw DecodingError(.invalid("end of an encoded document"), at: start)
            }
            start = end
        }
        let base = bytes.count
        if base == 0, start == other.count {
            bytes = other
        } else {
            bytes.append(contentsOf: other[..<start])
        }
        ends.reserveCapacity(ends.count + others.count)
        for end in others { ends.append(base + end) }
    }

    /// The documents in parts of at most `bytesMax` bytes; a larger document is a part of its own.
    package func split(bytesMax: Int) -> [DocumentSequence] {
        guard byteCount > bytesMax else { return [self] }
        var parts: [DocumentSequence] = []
        var part = DocumentSequence()
        for index in 0..<count {
            let range = range(index)
            if !part.isEmpty, part.byteCount + range.count > bytesMax {
                parts.append(part)
                part = DocumentSequence()
            }
            part.append(bytes[range])
        }
        parts.append(part)
        return parts
    }

    /// Some of the documents, one after another.
    package func part(_ indices: Range<Int>) -> DocumentSequence {
        guard !indices.isEmpty else { return DocumentSequence() }
        let start = range(indices.lowerBound).lowerBound
        var part = DocumentSequence()
        part.bytes = Array(bytes[start..<ends[indices.upperBound - 1]])
        part.ends = ends[indices].map { $0 - start }
        return part
    }

    /// The SHA-256 of all documents in order.
    package var digest: [UInt8] { SHA256.digest(bytes[..<byteCount]) }
}
