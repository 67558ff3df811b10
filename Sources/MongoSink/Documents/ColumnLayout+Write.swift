internal import BinlogProtocol

extension ColumnLayout {
    /// Appends one value under `name`.
    ///
    /// - Precondition: the cell is not absent.
    func write(
        _ name: BSONKey, _ cell: CellRange, of bytes: [UInt8], to writer: inout BSONWriter
    ) throws(DecodingError) {
        if cell.isNull {
            writer.appendNull(name)
            return
        }
        switch form {
        case .int32(let byteCount):
            let value = try cell.signedInteger(byteCount: byteCount, in: bytes)
            writer.append(name, int32: Int32(truncatingIfNeeded: value))
        case .unsignedInt32(let byteCount):
            let value = try cell.unsignedInteger(byteCount: byteCount, in: bytes)
            writer.append(name, int32: Int32(truncatingIfNeeded: value))
        case .int64:
            writer.append(name, int64: try cell.signedInteger(byteCount: 8, in: bytes))
        case .unsignedInt32AsInt64:
            let value = try cell.unsignedInteger(byteCount: 4, in: bytes)
            writer.append(name, int64: Int64(truncatingIfNeeded: value))
        case .unsignedInt64:
            writer.append(name, unsigned: try cell.unsignedInteger(byteCount: 8, in: bytes))
        case .bit(let count):
            writer.append(name, unsigned: try cell.bits(count, in: bytes))
        case .year:
            let year = try cell.year(in: bytes)
            writer.append(name, int32: Int32(truncatingIfNeeded: year))
        case .float: writer.append(name, double: try cell.floatAsDouble(in: bytes))
        case .double: writer.append(name, double: try cell.double(in: bytes))
        case .decimal128(let precision, let scale):
            try writer.append(name, decimal: cell, precision: precision, scale: scale, in: bytes)
        case .decimalText(let precision, let scale):
            writer.beginText()
            try cell.appendDecimal(
                precision: precision, scale: scale, in: bytes, to: &writer.text)
            writer.endText(name)
        case .date:
            writer.beginText()
            try cell.appendDate(in: bytes, to: &writer.text)
            writer.endText(name)
        case .time(let digits):
            writer.beginText()
            try cell.appendTime(fractionDigits: digits, in: bytes, to: &writer.text)
            writer.endText(name)
        case .datetime(let digits):
            writer.beginText()
            try cell.appendDateTime(fractionDigits: digits, in: bytes, to: &writer.text)
            writer.endText(name)
        case .oldTime(let digits):
            writer.beginText()
            try cell.appendOldTime(fractionDigits: digits, in: bytes, to: &writer.text)
            writer.endText(name)
        case .oldDatetime(let digits):
            writer.beginText()
            try cell.appendOldDateTime(fractionDigits: digits, in: bytes, to: &writer.text)
            writer.endText(name)
        case .timestampDate(let digits):
            let value = try cell.timestamp(fractionDigits: digits, in: bytes)
            writer.append(name, dateOf: value)
        case .timestampText(let digits):
            let value = try cell.timestamp(fractionDigits: digits, in: bytes)
            writer.append(name, textOf: value, fractionDigits: digits)
        case .oldTimestampDate(let digits):
            let value = try cell.oldTimestamp(fractionDigits: digits, in: bytes)
            writer.append(name, dateOf: value)
        case .oldTimestampText(let digits):
            let value = try cell.oldTimestamp(fractionDigits: digits, in: bytes)
            writer.append(name, textOf: value, fractionDigits: digits)
        case .text(let charset):
            try writer.append(name, text: cell, charset, in: bytes)
        case .compressedText(let charset):
            let value = try cell.decompressed(in: bytes)
            try writer.append(
                name, text: CellRange(start: 0, count: value.count), charset, in: value)
        case .compressedBinary:
            writer.append(name, binary: try cell.decompressed(in: bytes))
        case .uuid:
            writer.beginText()
            try cell.appendUUID(in: bytes, to: &writer.text)
            writer.endText(name)
        case .inet4:
            writer.beginText()
            try cell.appendINET4(in: bytes, to: &writer.text)
            writer.endText(name)
        case .inet6:
            writer.beginText()
            try cell.appendINET6(in: bytes, to: &writer.text)
            writer.endText(name)
        case .fixedBinary(let byteCount):
            writer.beginText()
            try cell.appendBinary(byteCount: byteCount, in: bytes, to: &writer.text)
            writer.endTextAsBinary(name)
        case .binary:
            try cell.require(in: bytes)
            writer.append(name, binary: bytes[cell.range])
        case .enumeration(let byteCount):
            try writeEnumeration(name, cell, byteCount, bytes, &writer)
        case .set(let byteCount):
            try writeSet(name, cell, byteCount, bytes, &writer)
        case .json:
            try JSONDocumentWriter.append(name, cell, in: bytes, to: &writer)
        case .geometry:
            let (srid, wellKnownBinary) = try cell.geometry(in: bytes)
            let mark = writer.beginDocument(name)
            writer.append(DocumentKeys.srid, int32: Int32(bitPattern: srid))
            writer.append(DocumentKeys.wkb, binary: bytes[wellKnownBinary.range])
            writer.end(mark)
        case .vector:
            _ = try cell.vectorDimension(in: bytes)
            // BSON's vector: a type byte (0x27, float32), the count of unused bits, then the floats.
            writer.beginText()
            writer.text.append(0x27)
            writer.text.append(0)
            try cell.appendBytes(in: bytes, to: &writer.text)
            writer.endTextAsBinary(name, subtype: .vector)
        case .refused:
            throw Charset.error(refusal ?? "column type", charset, at: cell.start)
        }
    }

    private func writeEnumeration(
        _ name: BSONKey, _ cell: CellRange, _ byteCount: Int, _ bytes: [UInt8],
        _ writer: inout BSONWriter
    ) throws(DecodingError) {
        let index = try cell.enumIndex(
            byteCount: byteCount, labelCount: labels?.count, in: bytes)
        if let labels {
            // Index 0 is the empty string that stands for a value that was refused.
            writer.append(name, utf8: index == 0 ? [] : labels[index - 1])
        } else {
            writer.append(name, int32: Int32(truncatingIfNeeded: index))
        }
    }

    private func writeSet(
        _ name: BSONKey, _ cell: CellRange, _ byteCount: Int, _ bytes: [UInt8],
        _ writer: inout BSONWriter
    ) throws(DecodingError) {
        let bits = try cell.setBits(byteCount: byteCount, labelCount: labels?.count, in: bytes)
        guard let labels else {
            writer.append(name, int64: Int64(bitPattern: bits))
            return
        }
        let array = writer.beginArray(name)
        var position = 0
        for (index, label) in labels.enumerated() where index < 64 && bits >> UInt64(index) & 1 == 1
        {
            writer.append(BSONKey(index: position), utf8: label)
            position += 1
        }
        writer.end(array)
    }
}

extension BSONWriter {
    private static let zeroTimestamp = "0000-00-00 00:00:00"

    /// Appends a TIMESTAMP as a date; nil is the zero timestamp.
    fileprivate mutating func append(_ key: BSONKey, dateOf value: Timestamp?) {
        if let value {
            append(key, utcDateTime: value.milliseconds)
        } else {
            append(key, string: Self.zeroTimestamp)
        }
    }

    /// Appends a TIMESTAMP as text, since a date has milliseconds only; nil is the zero timestamp.
    fileprivate mutating func append(
        _ key: BSONKey, textOf value: Timestamp?, fractionDigits: Int
    ) {
        guard let value else {
            append(key, string: Self.zeroTimestamp)
            return
        }
        beginText()
        value.append(fractionDigits: fractionDigits, to: &text)
        endText(key)
    }

    /// Appends text in UTF-8; bytes that are no text in their character set as they are.
    fileprivate mutating func append(
        _ key: BSONKey, text cell: CellRange, _ charset: Charset, in source: [UInt8]
    ) throws(DecodingError) {
        if try charset.isUTF8(cell, in: source) {
            append(key, utf8: source, cell.range)
            return
        }
        beginText()
        if try charset.appendUTF8(cell, in: source, to: &text) {
            endText(key)
        } else {
            append(key, binary: source[cell.range])
        }
    }

    /// Appends an unsigned number: Int64 while it fits, Decimal128 above.
    mutating func append(_ key: BSONKey, unsigned value: UInt64) {
        if let signed = Int64(exactly: value) {
            append(key, int64: signed)
        } else if let large = Decimal128(
            isNegative: false, coefficient: UInt128(value), exponent: 0)
        {
            append(key, decimal128: large)
        }
    }

    /// Appends a DECIMAL of at most 34 digits as Decimal128 with its scale.
    mutating func append(
        _ key: BSONKey, decimal cell: CellRange, precision: Int, scale: Int, in bytes: [UInt8]
    ) throws(DecodingError) {
        guard
            let coefficient = try cell.decimalCoefficient(
                precision: precision, scale: scale, in: bytes),
            let value = Decimal128(
                isNegative: coefficient.isNegative, coefficient: coefficient.magnitude,
                exponent: -scale)
        else {
            throw DecodingError(.invalid("DECIMAL: more digits than its precision"), at: cell.start)
        }
        append(key, decimal128: value)
    }
}
