/// Walks a JSON column's binary form.
///
///     document   type u8, value        (no bytes at all: JSON null)
///     object     count, size, key entries, value entries, keys, values
///     array      count, size, value entries, values
///       key entry    offset, length u16
///       value entry  type u8, then an offset, or the value itself if it is small enough
///     literal u8 (0 null, 1 true, 2 false) │ integers LE │ double │ string: varlen length, bytes
///     opaque     column type u8, varlen length, bytes
///
/// Counts, sizes and offsets are u16, in large containers u32. Offsets count from the container's own
/// count. An update in place leaves holes, so only offsets say where a value is. Every byte belongs to
/// one thing at most: a document that makes the walker read more bytes than it has is refused, so
/// that overlapping offsets cannot cost more than the document's own length.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/json__binary_8h.html
package struct JSONBinary {
    private let bytes: [UInt8]
    private var budget: Int

    private init(_ bytes: [UInt8], budget: Int) {
        self.bytes = bytes
        self.budget = budget
    }

    /// Shows `visitor` every part of the document in `cell`.
    ///
    /// Throws `.truncated`, `.trailingBytes` or `.invalid` for bytes that are no document, and
    /// `.invalid` for one nested deeper than the server allows (100).
    package static func walk(
        _ cell: CellRange, in bytes: [UInt8], visitor: inout some JSONBinaryVisitor
    ) throws(DecodingError) {
        try cell.require(in: bytes)
        guard cell.count > 0 else { return try visitor.null() }
        var walker = JSONBinary(bytes, budget: cell.count)
        let end = try walker.value(
            type: bytes[cell.start], at: cell.start + 1, limit: cell.end, depth: 0, &visitor)
        guard end == cell.end else {
            throw DecodingError(.trailingBytes(count: cell.end - end), at: end)
        }
    }

    /// Throws unless `count` bytes lie between `offset` and `limit` and were not read before.
    private mutating func spend(_ count: Int, at offset: Int, limit: Int) throws(DecodingError) {
        guard offset <= limit, count <= limit - offset else {
            throw DecodingError(
                .truncated(needed: count, available: max(0, limit - offset)), at: offset)
        }
        budget -= count
        guard budget >= 0 else {
            throw DecodingError(.invalid("JSON document: its values overlap"), at: offset)
        }
    }

    private func integer(at offset: Int, byteCount: Int) throws(DecodingError) -> UInt64 {
        try CellRange(start: offset, count: byteCount).unsignedInteger(
            byteCount: byteCount, in: bytes)
    }

    private mutating func scalar(
        at offset: Int, byteCount: Int, limit: Int
    ) throws(DecodingError) -> UInt64 {
        try spend(byteCount, at: offset, limit: limit)
        return try integer(at: offset, byteCount: byteCount)
    }

    /// Shows one value; returns the offset after it.
    private mutating func value(
        type: UInt8, at offset: Int, limit: Int, depth: Int,
        _ visitor: inout some JSONBinaryVisitor
    ) throws(DecodingError) -> Int {
        switch type {
        case 0x00, 0x01, 0x02, 0x03:
            return try container(
                isObject: type < 0x02, isLarge: type & 1 != 0, at: offset, limit: limit,
                depth: depth + 1, &visitor)
        case 0x0c:
            let cell = try variableLengthCell(at: offset, limit: limit)
            try requireText(cell)
            try visitor.string(cell, in: bytes)
            return cell.end
        case 0x0f:
            try spend(1, at: offset, limit: limit)
            let cell = try variableLengthCell(at: offset + 1, limit: limit)
            try opaque(type: bytes[offset], cell, &visitor)
            return cell.end
        default:
            guard let byteCount = JSONBinary.scalarBytes(type) else {
                throw DecodingError(.invalid("type of a JSON value"), at: offset)
            }
            let raw = try scalar(at: offset, byteCount: byteCount, limit: limit)
            try show(type: type, raw, at: offset, &visitor)
            return offset + byteCount
        }
    }

    static func scalarBytes(_ type: UInt8) -> Int? {
        switch type {
        case 0x04: 1
        case 0x05, 0x06: 2
        case 0x07, 0x08: 4
        case 0x09, 0x0a, 0x0b: 8
        default: nil
        }
    }

    private func show(
        type: UInt8, _ raw: UInt64, at offset: Int, _ visitor: inout some JSONBinaryVisitor
    ) throws(DecodingError) {
        switch type {
        case 0x04:
            switch raw {
            case 0: try visitor.null()
            case 1: try visitor.bool(true)
            case 2: try visitor.bool(false)
            default: throw DecodingError(.invalid("JSON literal"), at: offset)
            }
        case 0x05: try visitor.integer(Int64(Int16(truncatingIfNeeded: raw)))
        case 0x07: try visitor.integer(Int64(Int32(truncatingIfNeeded: raw)))
        case 0x09: try visitor.integer(Int64(bitPattern: raw))
        case 0x0b:
            let number = Double(bitPattern: raw)
            guard number.isFinite else {
                throw DecodingError(.invalid("JSON number"), at: offset)
            }
            try visitor.double(number)
        default: try visitor.unsignedInteger(raw)
        }
    }

    private mutating func container(
        isObject: Bool, isLarge: Bool, at base: Int, limit: Int, depth: Int,
        _ visitor: inout some JSONBinaryVisitor
    ) throws(DecodingError) -> Int {
        guard depth <= Limits.jsonDepthMax else {
            throw DecodingError(.invalid("depth of a JSON document"), at: base)
        }
        let width = isLarge ? 4 : 2
        let count = Int(
            truncatingIfNeeded: try scalar(at: base, byteCount: width, limit: limit))
        let size = Int(
            truncatingIfNeeded: try scalar(at: base + width, byteCount: width, limit: limit))
        let keyEntries = base + 2 * width
        let valueEntries = keyEntries + (isObject ? count * (width + 2) : 0)
        let contents = valueEntries + count * (width + 1)
        guard size <= limit - base else {
            throw DecodingError(.truncated(needed: size, available: limit - base), at: base)
        }
        let end = base + size
        try spend(contents - keyEntries, at: keyEntries, limit: end)
        isObject ? try visitor.beginObject(count: count) : try visitor.beginArray(count: count)
        for index in 0..<count {
            if isObject {
                let entry = keyEntries + index * (width + 2)
                let start = try target(at: entry, width: width, base: base, contents: contents)
                let length = Int(
                    truncatingIfNeeded: try integer(at: entry + width, byteCount: 2))
                try spend(length, at: start, limit: end)
                let cell = CellRange(start: start, count: length)
                try requireText(cell)
                try visitor.key(cell, in: bytes)
            }
            let entry = valueEntries + index * (width + 1)
            let type = bytes[entry]
            if let byteCount = JSONBinary.scalarBytes(type), byteCount <= width {
                let raw = try integer(at: entry + 1, byteCount: byteCount)
                try show(type: type, raw, at: entry, &visitor)
            } else {
                let start = try target(at: entry + 1, width: width, base: base, contents: contents)
                _ = try value(type: type, at: start, limit: end, depth: depth, &visitor)
            }
        }
        isObject ? try visitor.endObject() : try visitor.endArray()
        return end
    }

    /// Where an entry points to, which must be behind the container's entries.
    private func target(
        at entry: Int, width: Int, base: Int, contents: Int
    ) throws(DecodingError) -> Int {
        let start = base + Int(truncatingIfNeeded: try integer(at: entry, byteCount: width))
        guard start >= contents, start <= bytes.count else {
            throw DecodingError(.invalid("offset in a JSON document"), at: entry)
        }
        return start
    }

    /// A length of seven bits a byte, lowest first, the high bit set when more follow; then the bytes.
    private mutating func variableLengthCell(
        at offset: Int, limit: Int
    ) throws(DecodingError) -> CellRange {
        var length = 0
        for index in 0..<5 {
            try spend(1, at: offset + index, limit: limit)
            let byte = bytes[offset + index]
            length |= Int(byte & 0x7f) << (7 * index)
            if byte & 0x80 == 0 {
                let start = offset + index + 1
                try spend(length, at: start, limit: limit)
                return CellRange(start: start, count: length)
            }
        }
        throw DecodingError(.invalid("length in a JSON document"), at: offset)
    }

    private func requireText(_ cell: CellRange) throws(DecodingError) {
        guard UTF8Validation.isValid(bytes.span, cell.range) else {
            throw DecodingError(.invalid("text in a JSON document"), at: cell.start)
        }
    }

    private func opaque(
        type: UInt8, _ cell: CellRange, _ visitor: inout some JSONBinaryVisitor
    ) throws(DecodingError) {
        switch FieldType(rawValue: type) {
        case .newDecimal:
            guard cell.count >= 2 else {
                throw DecodingError(.truncated(needed: 2, available: cell.count), at: cell.start)
            }
            try visitor.decimal(
                CellRange(start: cell.start + 2, count: cell.count - 2),
                precision: Int(bytes[cell.start]), scale: Int(bytes[cell.start + 1]), in: bytes)
        case .date, .oldTime, .oldDateTime, .oldTimestamp:
            try visitor.temporal(try JSONTemporal.text(type: type, cell, in: bytes))
        default: try visitor.opaque(type: type, cell, in: bytes)
        }
    }
}
