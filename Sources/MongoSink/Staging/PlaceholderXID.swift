package import BinlogProtocol

/// Finishes documents that were encoded before their transaction's end was read.
///
/// Such a document holds `src.xid: NumberLong(0)`: eight bytes that the XID replaces, or an element that goes
/// when the transaction did not end in an XID event.
package enum PlaceholderXID {
    /// How a transaction ended.
    package struct End: Sendable, Equatable {
        /// The event that ended it.
        package enum Event: Sendable, Equatable {
            /// An XID event with this number.
            case xid(Int64)
            /// Another event: the element is removed.
            case without
            /// XA_PREPARE: the element is removed, and `xa.prepared` stays true.
            case prepared
            /// The documents are finished already.
            case finished
        }

        package var event: Event
        /// What was rolled back after its documents were staged.
        package var undone = UndoneChanges()

        package init(event: Event, undone: UndoneChanges = UndoneChanges()) {
            self.event = event
            self.undone = undone
        }

        package init(xid: Int64?, isPrepared: Bool) {
            event = isPrepared ? .prepared : xid.map { .xid($0) } ?? .without
        }

        package static func xid(_ xid: Int64) -> End { End(event: .xid(xid)) }
        package static var without: End { End(event: .without) }
        package static var finished: End { End(event: .finished) }
    }

    /// Puts the XID where the encoder left eight bytes for it: the fast way while the offsets are known.
    ///
    /// - Parameter offsets: of the first of the eight bytes, one for each document.
    package static func patch(_ documents: inout [UInt8], at offsets: [Int], xid: Int64) {
        let value = xid.littleEndian
        documents.withUnsafeMutableBytes { bytes in
            for offset in offsets {
                precondition(offset >= 0 && offset <= bytes.count - 8, "the offset of an XID")
                bytes.storeBytes(of: value, toByteOffset: offset, as: Int64.self)
            }
        }
    }

    /// Finishes documents whose placeholders must be looked for.
    ///
    /// - Parameter xid: of the XID event; nil removes the element `src.xid`.
    /// - Throws: ``DecodingError`` when a document is no BSON, or its `src.xid` is not an int64.
    package static func finish(
        _ documents: DocumentSequence, xid: Int64?
    ) throws(DecodingError) -> DocumentSequence {
        var places: [BSONElement?] = []
        places.reserveCapacity(documents.count)
        for index in 0..<documents.count {
            let element = try documents.document(index).element("src", "xid")
            if let element, element.type != .int64 {
                throw DecodingError(.invalid("placeholder src.xid"), at: element.start)
            }
            places.append(element)
        }
        guard let xid else { return try removing(places, from: documents) }
        var bytes = documents.bytes
        patch(&bytes, at: places.compactMap { $0?.value.lowerBound }, xid: xid)
        return try DocumentSequence(bytes: bytes, ends: documents.ends)
    }

    /// Finishes documents as their transaction ended.
    package static func finish(
        _ documents: DocumentSequence, _ end: End
    ) throws(DecodingError) -> DocumentSequence {
        let left = try end.undone.applied(to: documents)
        return switch end.event {
        case .finished: left
        case .xid(let xid): try finish(try committing(left), xid: xid)
        case .without: try finish(try committing(left), xid: nil)
        case .prepared: try finish(left, xid: nil)
        }
    }

    /// The documents of an XA transaction that was committed and not only prepared; all others as they are.
    private static func committing(
        _ documents: DocumentSequence
    ) throws(DecodingError) -> DocumentSequence {
        // All documents of a transaction have the element, or none has it; gaps that stood before it have none.
        var first = 0
        while first < documents.count,
            let row = try documents.document(first).integer("src", "row"),
            row <= 0
        {
            first += 1
        }
        guard first < documents.count, try documents.document(first).element("xa") != nil else {
            return documents
        }
        var bytes = documents.bytes
        for index in 0..<documents.count {
            guard let flag = try documents.document(index).element("xa", "prepared") else {
                continue
            }
            guard flag.type == .bool else {
                throw DecodingError(.invalid("placeholder xa.prepared"), at: flag.start)
            }
            bytes[flag.value.lowerBound] = 0
        }
        return try DocumentSequence(bytes: bytes, ends: documents.ends)
    }

    private static func removing(
        _ places: [BSONElement?], from documents: DocumentSequence
    ) throws(DecodingError) -> DocumentSequence {
        var result = DocumentSequence()
        for (index, place) in places.enumerated() {
            let range = documents.range(index)
            guard let place, let src = try documents.document(index).element("src") else {
                result.append(documents.bytes[range])
                continue
            }
            var document = Array(documents.bytes[range.lowerBound..<place.start])
            document.append(contentsOf: documents.bytes[place.value.upperBound..<range.upperBound])
            let removed = place.value.upperBound - place.start
            shorten(&document, lengthAt: 0, by: removed)
            shorten(&document, lengthAt: src.value.lowerBound - range.lowerBound, by: removed)
            result.append(document)
        }
        return result
    }

    private static func shorten(_ document: inout [UInt8], lengthAt offset: Int, by count: Int) {
        let length = document.loadLittleEndian(Int32.self, at: offset)
        let shorter = (length &- Int32(truncatingIfNeeded: count)).littleEndian
        document.withUnsafeMutableBytes {
            $0.storeBytes(of: shorter, toByteOffset: offset, as: Int32.self)
        }
    }
}
