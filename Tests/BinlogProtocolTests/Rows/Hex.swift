/// The bytes of hexadecimal text; spaces and bars are for the reader.
func hexBytes(_ text: String) -> [UInt8] {
    let digits = text.compactMap { $0.hexDigitValue.map(UInt8.init) }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// Text appended by one of the decoders.
func text<E: Error>(_ append: (inout [UInt8]) throws(E) -> Void) throws(E) -> String {
    var output: [UInt8] = Array("before ".utf8)
    try append(&output)
    return String(decoding: output.dropFirst("before ".utf8.count), as: UTF8.self)
}
