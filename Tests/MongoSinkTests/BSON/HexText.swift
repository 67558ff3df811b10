/// Bytes written as hexadecimal digits, as Python's `bytes.hex()` prints them.
func hex(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Substring(text)
    while let byte = UInt8(rest.prefix(2), radix: 16), rest.count >= 2 {
        bytes.append(byte)
        rest = rest.dropFirst(2)
    }
    precondition(rest.isEmpty, "not hexadecimal: \(rest)")
    return bytes
}
