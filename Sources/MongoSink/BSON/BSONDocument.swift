package import BinlogProtocol

/// A BSON document within bytes that may be hostile: its length and end are checked when it is made,
/// each element when it is read.
package struct BSONDocument: Sendable {
    /// The bytes that hold the document, and perhaps others beside it.
    package let storage: [UInt8]
    /// Where the document stands, its length and its terminator included.
    package let range: Range<Int>

    /// The document that fills `storage`.
    package init(_ storage: [UInt8]) throws(DecodingError) {
        try self.init(storage, in: 0..<storage.count)
        guard range.upperBound == storage.count else {
            throw DecodingError(
                .trailingBytes(count: storage.count - range.upperBound), at: range.upperBound)
        }
    }

    /// The document that begins at the start of `limits`, whatever follows it.
    package init(_ storage: [UInt8], in limits: Range<Int>) throws(DecodingError) {
        precondition(limits.lowerBound >= 0 && limits.upperBound <= storage.count)
        let start = limits.lowerBound
        guard limits.count >= BSONLimits.documentBytesMin else {
            throw DecodingError(
                .truncated(needed: BSONLimits.documentBytesMin, available: limits.count), at: start)
        }
        let length = Int(storage.loadLittleEndian(Int32.self, at: start))
        guard length >= BSONLimits.documentBytesMin else {
            throw DecodingError(.invalid("BSON document length"), at: start)
        }
        guard length <= limits.count else {
            throw DecodingError(.truncated(needed: length, available: limits.count), at: start)
        }
        guard storage[start + length - 1] == 0 else {
            throw DecodingError(.invalid("BSON document end"), at: start + length - 1)
        }
        self.storage = storage
        self.range = start..<(start + length)
    }

    /// The document's own bytes.
    package var bytes: [UInt8] {
        range == 0..<storage.count ? storage : Array(storage[range])
    }

    /// A cursor before the first element.
    package func elements() -> BSONCursor { BSONCursor(self) }

    /// The element at the end of a path of keys through nested documents and arrays; nil if absent.
    package func element(_ path: String...) throws(DecodingError) -> BSONElement? {
        try element(path[...])
    }

    package func element(_ path: ArraySlice<String>) throws(DecodingError) -> BSONElement? {
        guard let key = path.first else { return nil }
        var cursor = elements()
        while let element = try cursor.next() {
            guard element.hasKey(key) else { continue }
            let rest = path.dropFirst()
            if rest.isEmpty { return element }
            guard let inner = try element.document else { return nil }
            return try inner.element(rest)
        }
        return nil
    }

    /// Walks every element, nested ones too, and checks lengths, terminators and nesting.
    package func validate(depthMax: Int = BSONLimits.depthMax) throws(DecodingError) {
        guard depthMax > 0 else {
            throw DecodingError(.invalid("BSON nesting depth"), at: range.lowerBound)
        }
        var cursor = elements()
        while let element = try cursor.next() {
            if let inner = try element.document { try inner.validate(depthMax: depthMax - 1) }
        }
    }

    /// The document without its top-level element of this name.
    package func removing(_ key: String) throws(DecodingError) -> [UInt8] {
        guard let element = try element(key) else { return bytes }
        var result = Array(storage[range.lowerBound..<element.start])
        result.append(contentsOf: storage[element.value.upperBound..<range.upperBound])
        let length = Int32(truncatingIfNeeded: result.count).littleEndian
        result.withUnsafeMutableBytes { $0.storeBytes(of: length, as: Int32.self) }
        return result
    }
}

extension [UInt8] {
    /// The caller has checked that the bytes are there.
    @inline(__always)
    func loadLittleEndian<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type, at offset: Int
    ) -> T {
        T(littleEndian: withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: T.self) })
    }
}
