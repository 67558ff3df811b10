package import BinlogProtocol

/// Walks the elements of one document, each checked to lie within it.
package struct BSONCursor: Sendable {
    private let storage: [UInt8]
    private var offset: Int
    /// Before the terminator.
    private let end: Int

    init(_ document: BSONDocument) {
        storage = document.storage
        offset = document.range.lowerBound + 4
        end = document.range.upperBound - 1
    }

    /// Walks the elements in a part of a document that begins with one and ends before the terminator.
    init(_ storage: [UInt8], in range: Range<Int>) {
        self.storage = storage
        offset = range.lowerBound
        end = range.upperBound
    }

    /// The next element; nil behind the last.
    package mutating func next() throws(DecodingError) -> BSONElement? {
        guard offset < end else { return nil }
        let start = offset
        guard let type = BSONType(rawValue: storage[start]) else {
            throw DecodingError(.invalid("BSON element type"), at: start)
        }
        let key = start + 1
        let keyEnd = try nul(from: key)
        let value = keyEnd + 1
        let length = try valueLength(of: type, at: value)
        guard length <= end - value else {
            throw DecodingError(.truncated(needed: length, available: end - value), at: value)
        }
        offset = value + length
        return BSONElement(
            type: type, storage: storage, start: start, key: key..<keyEnd,
            value: value..<(value + length))
    }

    private func valueLength(of type: BSONType, at value: Int) throws(DecodingError) -> Int {
        switch type {
        case .null, .undefined, .minKey, .maxKey: return 0
        case .bool:
            guard value < end else {
                throw DecodingError(.truncated(needed: 1, available: 0), at: value)
            }
            guard storage[value] <= 1 else { throw DecodingError(.invalid("BSON bool"), at: value) }
            return 1
        case .int32: return 4
        case .double, .utcDateTime, .timestamp, .int64: return 8
        case .objectID: return 12
        case .decimal128: return 16
        case .string, .javaScript, .symbol: return try stringLength(at: value)
        case .dbPointer: return try stringLength(at: value) + 12
        case .regularExpression:
            let options = try nul(from: value) + 1
            return try nul(from: options) + 1 - value
        case .binary:
            let length = try prefix(at: value, min: 0)
            return 5 + length
        case .document, .array:
            let inner = try BSONDocument(storage, in: value..<end)
            return inner.range.count
        case .javaScriptWithScope:
            // length i32 │ code string │ scope document
            let length = try prefix(at: value, min: 14)
            guard length <= end - value else {
                throw DecodingError(.truncated(needed: length, available: end - value), at: value)
            }
            let scope = value + 4 + (try stringLength(at: value + 4))
            guard scope <= value + length else {
                throw DecodingError(.invalid("BSON code with scope"), at: value)
            }
            let inner = try BSONDocument(storage, in: scope..<(value + length))
            guard inner.range.upperBound == value + length else {
                throw DecodingError(.invalid("BSON code with scope"), at: value)
            }
            return length
        }
    }

    /// A string's length with its prefix: `length i32 LE │ bytes │ 00`, the NUL counted.
    private func stringLength(at value: Int) throws(DecodingError) -> Int {
        let length = try prefix(at: value, min: 1)
        guard length <= end - value - 4 else {
            throw DecodingError(.truncated(needed: length, available: end - value - 4), at: value)
        }
        guard storage[value + 4 + length - 1] == 0 else {
            throw DecodingError(.invalid("BSON string end"), at: value + 4 + length - 1)
        }
        return 4 + length
    }

    private func prefix(at value: Int, min: Int) throws(DecodingError) -> Int {
        guard value <= end, end - value >= 4 else {
            throw DecodingError(.truncated(needed: 4, available: max(0, end - value)), at: value)
        }
        let length = Int(storage.loadLittleEndian(Int32.self, at: value))
        guard length >= min else { throw DecodingError(.invalid("BSON length"), at: value) }
        return length
    }

    private func nul(from start: Int) throws(DecodingError) -> Int {
        var at = start
        while at < end, storage[at] != 0 { at += 1 }
        guard at < end else {
            throw DecodingError(
                .truncated(needed: at - start + 1, available: max(0, end - start)), at: start)
        }
        return at
    }
}
