/// Writes a JSON document in the form of MySQL's `CAST(… AS CHAR)`.
///
/// Keys keep the order in which they are stored; a double always shows that it is one.
package struct JSONText: JSONBinaryVisitor {
    /// The text so far, in UTF-8.
    package private(set) var output: [UInt8]
    private var needsComma = false

    private init(_ output: [UInt8]) {
        self.output = output
    }

    /// Appends the text of the document in `cell`; on an error `output` is as it was.
    ///
    /// Throws what ``JSONBinary/walk(_:in:visitor:)`` throws.
    package static func append(
        _ cell: CellRange, in bytes: [UInt8], to output: inout [UInt8]
    ) throws(DecodingError) {
        var text = JSONText([])
        text.output.reserveCapacity(min(cell.count, bytes.count))
        try JSONBinary.walk(cell, in: bytes, visitor: &text)
        output.append(contentsOf: text.output)
    }

    private mutating func beginValue() {
        if needsComma { output.append(contentsOf: ", ".utf8) }
        needsComma = true
    }

    package mutating func beginObject(count: Int) {
        beginValue()
        output.append(UInt8(ascii: "{"))
        needsComma = false
    }

    package mutating func key(_ cell: CellRange, in bytes: [UInt8]) {
        beginValue()
        appendQuoted(bytes[cell.range])
        output.append(contentsOf: ": ".utf8)
        needsComma = false
    }

    package mutating func endObject() {
        output.append(UInt8(ascii: "}"))
        needsComma = true
    }

    package mutating func beginArray(count: Int) {
        beginValue()
        output.append(UInt8(ascii: "["))
        needsComma = false
    }

    package mutating func endArray() {
        output.append(UInt8(ascii: "]"))
        needsComma = true
    }

    package mutating func null() {
        beginValue()
        output.append(contentsOf: "null".utf8)
    }

    package mutating func bool(_ value: Bool) {
        beginValue()
        output.append(contentsOf: (value ? "true" : "false").utf8)
    }

    package mutating func integer(_ value: Int64) {
        beginValue()
        output.appendNumber(value)
    }

    package mutating func unsignedInteger(_ value: UInt64) {
        beginValue()
        output.appendNumber(value)
    }

    package mutating func double(_ value: Double) {
        beginValue()
        let start = output.count
        DoubleText.append(value, to: &output)
        let point = [UInt8(ascii: "."), UInt8(ascii: "e")]
        if !output[start...].contains(where: point.contains) {
            output.append(contentsOf: ".0".utf8)
        }
    }

    package mutating func string(_ cell: CellRange, in bytes: [UInt8]) {
        beginValue()
        appendQuoted(bytes[cell.range])
    }

    package mutating func decimal(
        _ cell: CellRange, precision: Int, scale: Int, in bytes: [UInt8]
    ) throws(DecodingError) {
        beginValue()
        try cell.appendDecimal(precision: precision, scale: scale, in: bytes, to: &output)
    }

    package mutating func temporal(_ text: [UInt8]) {
        beginValue()
        appendQuoted(text[...])
    }

    package mutating func opaque(type: UInt8, _ cell: CellRange, in bytes: [UInt8]) {
        beginValue()
        appendQuoted(JSONText.opaque(type: type, cell, in: bytes)[...])
    }

    /// What `SELECT` shows for bytes of another column type, as the text of a JSON string before quoting.
    package static func opaque(type: UInt8, _ cell: CellRange, in bytes: [UInt8]) -> [UInt8] {
        var text = Array("base64:type".utf8)
        text.appendNumber(UInt64(type))
        text.append(UInt8(ascii: ":"))
        Base64.append(bytes[cell.range], to: &text)
        return text
    }

    private mutating func appendQuoted(_ text: ArraySlice<UInt8>) {
        output.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0x08: output.append(contentsOf: "\\b".utf8)
            case 0x09: output.append(contentsOf: "\\t".utf8)
            case 0x0a: output.append(contentsOf: "\\n".utf8)
            case 0x0c: output.append(contentsOf: "\\f".utf8)
            case 0x0d: output.append(contentsOf: "\\r".utf8)
            case 0..<0x20:
                output.append(contentsOf: "\\u00".utf8)
                output.append(JSONText.hexDigits[Int(byte >> 4)])
                output.append(JSONText.hexDigits[Int(byte & 0xf)])
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}
