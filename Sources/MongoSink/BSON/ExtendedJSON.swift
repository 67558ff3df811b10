package import BinlogProtocol

/// Writes documents as relaxed Extended JSON v2, one line each, without blanks between tokens.
///
/// https://github.com/mongodb/specifications/blob/master/source/extended-json.md
package struct ExtendedJSON: Sendable {
    var text = ByteBuffer()
    /// Where a part is put together that others write.
    private var part: [UInt8] = []

    /// Makes an empty text.
    package init() {}

    /// The line of one document, without a newline.
    package static func line(_ document: BSONDocument) throws(DecodingError) -> String {
        var json = ExtendedJSON()
        try json.write(document)
        return String(decoding: json.text.bytes, as: UTF8.self)
    }

    /// Appends one document.
    package mutating func write(_ document: BSONDocument) throws(DecodingError) {
        try write(
            document.storage, document.range, isArray: false, depthMax: BSONLimits.depthMax)
    }

    /// Ends the line, so that another document can follow.
    package mutating func endLine() {
        text.append(UInt8(ascii: "\n"))
    }

    /// Gives the UTF-8 text so far, to begin again with an empty one.
    package mutating func take() -> [UInt8] { text.take() }

    /// Appends the document or array at `range`, whose length and end were checked.
    ///
    /// The types that documents of changes hold are read in place. What is rare, and what is damaged, goes through
    /// ``BSONCursor``, which says what is wrong.
    mutating func write(
        _ storage: [UInt8], _ range: Range<Int>, isArray: Bool, depthMax: Int
    ) throws(DecodingError) {
        guard depthMax > 0 else {
            throw DecodingError(.invalid("BSON nesting depth"), at: range.lowerBound)
        }
        let bytes = storage.span
        let end = range.upperBound - 1
        var at = range.lowerBound + 4
        text.append(UInt8(ascii: isArray ? "[" : "{"))
        while at < end {
            if at > range.lowerBound + 4 { text.append(UInt8(ascii: ",")) }
            var keyEnd = at + 1
            var isPlain = true
            while keyEnd < end, bytes[keyEnd] != 0 {
                isPlain = isPlain && Self.isPlain(bytes[keyEnd])
                keyEnd += 1
            }
            let value = keyEnd + 1
            guard keyEnd < end, let count = Self.valueByteCount(storage, at, value: value, end)
            else {
                at = try writeChecked(storage, at, end, isArray: isArray, depthMax: depthMax)
                continue
            }
            if !isArray {
                if isPlain {
                    text.append(UInt8(ascii: "\""))
                    text.append(storage, (at + 1)..<keyEnd)
                    text.append(UInt8(ascii: "\""))
                } else {
                    string(storage, (at + 1)..<keyEnd)
                }
                text.append(UInt8(ascii: ":"))
            }
            let type = bytes[at]
            at = value + count
            switch type {
            case BSONType.string.rawValue: string(storage, (value + 4)..<(at - 1))
            case BSONType.document.rawValue:
                try write(storage, value..<at, isArray: false, depthMax: depthMax - 1)
            case BSONType.array.rawValue:
                try write(storage, value..<at, isArray: true, depthMax: depthMax - 1)
            case BSONType.int32.rawValue:
                text.appendNumber(Int64(storage.loadLittleEndian(Int32.self, at: value)))
            case BSONType.int64.rawValue:
                text.appendNumber(storage.loadLittleEndian(Int64.self, at: value))
            case BSONType.double.rawValue:
                double(Double(bitPattern: storage.loadLittleEndian(UInt64.self, at: value)))
            case BSONType.utcDateTime.rawValue:
                date(storage.loadLittleEndian(Int64.self, at: value))
            case BSONType.decimal128.rawValue:
                decimal(
                    Decimal128(
                        low: storage.loadLittleEndian(UInt64.self, at: value),
                        high: storage.loadLittleEndian(UInt64.self, at: value + 8)))
            default: raw("null")
            }
        }
        text.append(UInt8(ascii: isArray ? "]" : "}"))
    }

    /// Whether a character stands in JSON as it is, and is ASCII.
    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7f && byte != 0x22 && byte != 0x5c
    }

    /// The bytes of an element's value; nil for a type that is not read in place, or when something is wrong.
    @inline(__always)
    private static func valueByteCount(
        _ storage: [UInt8], _ start: Int, value: Int, _ end: Int
    ) -> Int? {
        let left = end - value
        let count: Int
        switch storage[start] {
        case BSONType.null.rawValue: return 0
        case BSONType.int32.rawValue: count = 4
        case BSONType.double.rawValue, BSONType.utcDateTime.rawValue, BSONType.int64.rawValue:
            count = 8
        case BSONType.decimal128.rawValue: count = 16
        case BSONType.string.rawValue:
            guard left >= 5 else { return nil }
            count = 4 + Int(storage.loadLittleEndian(Int32.self, at: value))
            guard count >= 5, count <= left, storage[value + count - 1] == 0 else { return nil }
        case BSONType.document.rawValue, BSONType.array.rawValue:
            guard left >= BSONLimits.documentBytesMin else { return nil }
            count = Int(storage.loadLittleEndian(Int32.self, at: value))
            guard count >= BSONLimits.documentBytesMin, count <= left,
                storage[value + count - 1] == 0
            else { return nil }
        default: return nil
        }
        return count <= left ? count : nil
    }

    /// Appends the element at `start` and gives the place behind it.
    private mutating func writeChecked(
        _ storage: [UInt8], _ start: Int, _ end: Int, isArray: Bool, depthMax: Int
    ) throws(DecodingError) -> Int {
        var cursor = BSONCursor(storage, in: start..<end)
        guard let element = try cursor.next() else { return end }
        if !isArray {
            string(storage, element.key)
            text.append(UInt8(ascii: ":"))
        }
        switch element.type {
        case .bool: if element.bool == true { raw("true") } else { raw("false") }
        case .binary: binary(element)
        default: try writeRare(element, depthMax: depthMax)
        }
        return element.value.upperBound
    }

    private mutating func double(_ value: Double) {
        if value.isFinite {
            text.append(contentsOf: value.description.utf8)
        } else {
            wrapped("$numberDouble", value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
        }
    }

    private static let powersOfTen: [UInt64] = (0...18).map { exponent in
        (0..<exponent).reduce(UInt64(1)) { power, _ in power * 10 }
    }

    private mutating func decimal(_ value: Decimal128) {
        raw("{\"$numberDecimal\":\"")
        // Most numbers: up to 64 bits, and written without an exponent.
        let scale = 6176 - Int(value.high >> 49 & 0x3fff)
        if value.high & 0x1_ffff_ffff_ffff == 0, value.high >> 61 & 3 != 3, (0...18).contains(scale)
        {
            let (whole, fraction) = value.low.quotientAndRemainder(
                dividingBy: Self.powersOfTen[scale])
            if whole > 0 || scale <= 6 {
                if value.high >> 63 == 1 { text.append(UInt8(ascii: "-")) }
                text.appendNumber(whole)
                if scale > 0 {
                    text.append(UInt8(ascii: "."))
                    var below = Self.powersOfTen[scale - 1]
                    while below > max(1, fraction) {
                        text.append(UInt8(ascii: "0"))
                        below /= 10
                    }
                    text.appendNumber(fraction)
                }
                raw("\"}")
                return
            }
        }
        text.append(contentsOf: value.description.utf8)
        raw("\"}")
    }

    /// The end of the year 9999; relaxed Extended JSON prints dates from 1970 to there as text.
    private static let printedDateMax: Int64 = 253_402_300_799_999

    private mutating func date(_ milliseconds: Int64) {
        if (0...Self.printedDateMax).contains(milliseconds) {
            raw("{\"$date\":\"")
            let time = Timestamp(
                seconds: milliseconds / 1000,
                microseconds: Int(truncatingIfNeeded: milliseconds % 1000) * 1000)
            part.removeAll(keepingCapacity: true)
            time.append(fractionDigits: milliseconds % 1000 == 0 ? 0 : 3, to: &part)
            text.append(contentsOf: part)
            raw("\"}")
        } else {
            raw("{\"$date\":")
            wrapped("$numberLong", "\(milliseconds)")
            raw("}")
        }
    }

    private mutating func binary(_ element: BSONElement) {
        let subtype = element.storage[element.value.lowerBound + 4]
        raw("{\"$binary\":{\"base64\":\"")
        var encoded: [UInt8] = []
        Base64.append(element.binary ?? [], to: &encoded)
        text.append(contentsOf: encoded)
        raw(made: "\",\"subType\":\"\(subtype < 16 ? "0" : "")\(String(subtype, radix: 16))\"}}")
    }

    mutating func wrapped(_ key: String, _ value: String) {
        raw(made: "{\"\(key)\":\"\(value)\"}")
    }

    mutating func raw(_ value: StaticString) {
        value.withUTF8Buffer { text.append(contentsOf: UnsafeRawBufferPointer($0)) }
    }

    mutating func raw(made value: String) {
        text.append(contentsOf: value.utf8)
    }
}
