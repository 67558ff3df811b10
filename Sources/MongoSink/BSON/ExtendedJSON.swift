package import BinlogProtocol

/// Writes documents as relaxed Extended JSON v2, one line each, without blanks between tokens.
///
/// https://github.com/mongodb/specifications/blob/master/source/extended-json.md
package struct ExtendedJSON: Sendable {
    /// The UTF-8 text so far.
    package private(set) var text: [UInt8] = []

    package init() {}

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

    private mutating func write(
        _ document: BSONDocument, isArray: Bool, depthMax: Int
    ) throws(DecodingError) {
        guard depthMax > 0 else {
            throw DecodingError(.invalid("BSON nesting depth"), at: document.range.lowerBound)
        }
        raw(isArray ? "[" : "{")
        var cursor = document.elements()
        var isFirst = true
        while let element = try cursor.next() {
            if !isFirst { raw(",") }
            isFirst = false
            if !isArray {
                string(element.storage[element.key])
                raw(":")
            }
            try write(element, depthMax: depthMax)
        }
        raw(isArray ? "]" : "}")
    }

    private mutating func write(_ element: BSONElement, depthMax: Int) throws(DecodingError) {
        switch element.type {
        case .document, .array:
            guard let inner = try element.document else { return }
            try write(inner, isArray: element.type == .array, depthMax: depthMax - 1)
        case .string: string(element.stringBytes)
        case .int32, .int64: raw("\(element.integer ?? 0)")
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

    private mutating func date(_ milliseconds: Int64) {
        if let text = CivilTime(millisecondsSince1970: milliseconds)?.iso8601 {
            wrapped("$date", text)
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
            string(parts[0])
            raw(",\"options\":")
            string(parts[1])
            raw("}}")
        case .javaScript, .symbol:
            raw(element.type == .symbol ? "{\"$symbol\":" : "{\"$code\":")
            string(element.stringBytes)
            raw("}")
        case .javaScriptWithScope:
            let codeStart = value.lowerBound + 8
            let length = Int(storage.loadLittleEndian(Int32.self, at: value.lowerBound + 4))
            raw("{\"$code\":")
            string(storage[codeStart..<(codeStart + length - 1)])
            raw(",\"$scope\":")
            let scope = try BSONDocument(storage, in: (codeStart + length)..<value.upperBound)
            try write(scope, isArray: false, depthMax: depthMax - 1)
            raw("}")
        case .dbPointer:
            raw("{\"$dbPointer\":{\"$ref\":")
            string(storage[(value.lowerBound + 4)..<(value.upperBound - 13)])
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

    private mutating func string(_ utf8: ArraySlice<UInt8>) {
        text.append(UInt8(ascii: "\""))
        // Bytes that are no UTF-8 become U+FFFD: the output must be valid JSON.
        for byte in String(decoding: utf8, as: UTF8.self).utf8 {
            switch byte {
            case UInt8(ascii: "\""): raw("\\\"")
            case UInt8(ascii: "\\"): raw("\\\\")
            case 0x08: raw("\\b")
            case 0x09: raw("\\t")
            case 0x0A: raw("\\n")
            case 0x0C: raw("\\f")
            case 0x0D: raw("\\r")
            case 0..<0x20, 0x7F:
                raw("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))")
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}
