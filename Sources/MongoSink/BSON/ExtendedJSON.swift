package import BinlogProtocol

/// Writes documents as relaxed Extended JSON v2, one line each, without blanks between tokens.
///
/// https://github.com/mongodb/specifications/blob/master/source/extended-json.md
package struct ExtendedJSON: Sendable {
    /// The UTF-8 text so far.
    package private(set) var text: [UInt8] = []

    /// Makes an empty text with room for `capacity` bytes.
    package init(capacity: Int = 0) {
        text.reserveCapacity(capacity)
    }

    /// The line of one document, without a newline.
    package static func line(_ document: BSONDocument) throws(DecodingError) -> String {
        var json = ExtendedJSON()
        try json.write(document)
        return String(decoding: json.text, as: UTF8.self)
    }

    /// Appends one document.
    package mutating func write(_ document: BSONDocument) throws(DecodingError) {
        try write(document, isArray: false, depthMax: BSONLimits.depthMax)
    }

    /// Ends the line, so that another document can follow.
    package mutating func endLine() {
        text.append(UInt8(ascii: "\n"))
    }

    /// Takes the text back and keeps the room.
    package mutating func removeAll() {
        text.removeAll(keepingCapacity: true)
    }

    private mutating func write(
        _ document: BSONDocument, isArray: Bool, depthMax: Int
    ) throws(DecodingError) {
        guard depthMax > 0 else {
            throw DecodingError(.invalid("BSON nesting depth"), at: document.range.lowerBound)
        }
        text.append(UInt8(ascii: isArray ? "[" : "{"))
        var cursor = document.elements()
        var isFirst = true
        while let element = try cursor.next() {
            if !isFirst { text.append(UInt8(ascii: ",")) }
            isFirst = false
            if !isArray {
                string(element.storage, element.key)
                text.append(UInt8(ascii: ":"))
            }
            try write(element, depthMax: depthMax)
        }
        text.append(UInt8(ascii: isArray ? "]" : "}"))
    }

    private mutating func write(_ element: BSONElement, depthMax: Int) throws(DecodingError) {
        switch element.type {
        case .document, .array:
            guard let inner = try element.document else { return }
            try write(inner, isArray: element.type == .array, depthMax: depthMax - 1)
        case .string: string(element.storage, element.stringRange)
        case .int32, .int64: text.appendNumber(element.integer ?? 0)
        case .double: double(element.floatingPoint)
        case .bool: raw(element.bool == true ? "true" : "false")
        case .null: raw("null")
        case .decimal128: wrapped("$numberDecimal", element.decimal128.description)
        case .utcDateTime: date(element.utcDateTime ?? 0)
        case .binary: binary(element)
        default: try writeRare(element, depthMax: depthMax)
        }
    }

    private mutating func double(_ value: Double) {
        if value.isFinite {
            raw("\(value)")
        } else {
            let text = value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
            wrapped("$numberDouble", text)
        }
    }

    /// The end of the year 9999; relaxed Extended JSON prints dates from 1970 to there as text.
    private static let printedDateMax: Int64 = 253_402_300_799_999

    private mutating func date(_ milliseconds: Int64) {
        if (0...Self.printedDateMax).contains(milliseconds) {
            raw("{\"$date\":\"")
            let time = Timestamp(
                seconds: milliseconds / 1000,
                microseconds: Int(truncatingIfNeeded: milliseconds % 1000) * 1000)
            time.append(fractionDigits: milliseconds % 1000 == 0 ? 0 : 3, to: &text)
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
        Base64.append(element.binary ?? [], to: &text)
        raw("\",\"subType\":\"\(subtype < 16 ? "0" : "")\(String(subtype, radix: 16))\"}}")
    }

    /// Types that we never write; a document read from MongoDB may hold them.
    private mutating func writeRare(_ element: BSONElement, depthMax: Int) throws(DecodingError) {
        let storage = element.storage
        let value = element.value
        switch element.type {
        case .objectID: wrapped("$oid", Hex.text(storage[value]))
        case .timestamp:
            let increment = storage.loadLittleEndian(UInt32.self, at: value.lowerBound)
            let time = storage.loadLittleEndian(UInt32.self, at: value.lowerBound + 4)
            raw("{\"$timestamp\":{\"t\":\(time),\"i\":\(increment)}}")
        case .regularExpression:
            let parts = storage[value].split(separator: 0, omittingEmptySubsequences: false)
            raw("{\"$regularExpression\":{\"pattern\":")
            string(storage, parts[0].indices)
            raw(",\"options\":")
            string(storage, parts[1].indices)
            raw("}}")
        case .javaScript, .symbol:
            raw(element.type == .symbol ? "{\"$symbol\":" : "{\"$code\":")
            string(storage, element.stringRange)
            raw("}")
        case .javaScriptWithScope:
            let codeStart = value.lowerBound + 8
            let length = Int(storage.loadLittleEndian(Int32.self, at: value.lowerBound + 4))
            raw("{\"$code\":")
            string(storage, codeStart..<(codeStart + length - 1))
            raw(",\"$scope\":")
            let scope = try BSONDocument(storage, in: (codeStart + length)..<value.upperBound)
            try write(scope, isArray: false, depthMax: depthMax - 1)
            raw("}")
        case .dbPointer:
            raw("{\"$dbPointer\":{\"$ref\":")
            string(storage, (value.lowerBound + 4)..<(value.upperBound - 13))
            raw(",\"$id\":")
            wrapped("$oid", Hex.text(storage[(value.upperBound - 12)..<value.upperBound]))
            raw("}}")
        case .minKey: raw("{\"$minKey\":1}")
        case .maxKey: raw("{\"$maxKey\":1}")
        default: raw("{\"$undefined\":true}")
        }
    }

    private mutating func wrapped(_ key: String, _ value: String) {
        raw("{\"\(key)\":\"\(value)\"}")
    }

    private mutating func raw(_ value: String) {
        text.append(contentsOf: value.utf8)
    }

    private mutating func string(_ bytes: [UInt8], _ range: Range<Int>) {
        text.append(UInt8(ascii: "\""))
        if UTF8Validation.isValid(bytes.span, range) {
            escaped(bytes, range)
        } else {
            // Bytes that are no UTF-8 become U+FFFD: the output must be valid JSON.
            let repaired = Array(String(decoding: bytes[range], as: UTF8.self).utf8)
            escaped(repaired, 0..<repaired.count)
        }
        text.append(UInt8(ascii: "\""))
    }

    /// Copies runs that need no escape as a whole.
    private mutating func escaped(_ bytes: [UInt8], _ range: Range<Int>) {
        var copied = range.lowerBound
        var at = range.lowerBound
        let span = bytes.span
        while at < range.upperBound {
            if range.upperBound - at >= 8,
                !Self.mayNeedEscape(bytes.loadLittleEndian(UInt64.self, at: at))
            {
                at += 8
                continue
            }
            let byte = span[at]
            at += 1
            guard byte < 0x20 || byte == 0x22 || byte == 0x5c || byte == 0x7f else { continue }
            text.append(contentsOf: bytes[copied..<(at - 1)])
            copied = at
            escape(byte)
        }
        text.append(contentsOf: bytes[copied..<range.upperBound])
    }

    /// Whether one of eight bytes is a control character, a quote or a backslash.
    @inline(__always)
    private static func mayNeedEscape(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        // A byte below `limit` borrows into its highest bit.
        func hasByte(below limit: UInt64, _ word: UInt64) -> UInt64 {
            (word &- ones &* limit) & ~word
        }
        let found =
            hasByte(below: 0x20, word) | hasByte(below: 1, word ^ ones &* 0x22)
            | hasByte(below: 1, word ^ ones &* 0x5c) | hasByte(below: 1, word ^ ones &* 0x7f)
        return found & 0x8080_8080_8080_8080 != 0
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case 0x08: raw("\\b")
        case 0x09: raw("\\t")
        case 0x0A: raw("\\n")
        case 0x0C: raw("\\f")
        case 0x0D: raw("\\r")
        default: raw("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))")
        }
    }
}
