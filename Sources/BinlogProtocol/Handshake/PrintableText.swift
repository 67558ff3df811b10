/// Texts from a server, made fit to be printed: a log line stays one line.
package enum PrintableText {
    /// The text in at most `bytesMax` bytes of UTF-8 and an ellipsis if it was cut; control characters become `?`.
    ///
    /// A byte that is no UTF-8 becomes U+FFFD, which takes three bytes of the room.
    package static func clean(_ bytes: some Collection<UInt8>, bytesMax: Int) -> String {
        let text = String(decoding: bytes.prefix(bytesMax), as: UTF8.self)
        var scalars = String.UnicodeScalarView()
        var room = bytesMax
        var isCut = bytes.count > bytesMax
        for scalar in text.unicodeScalars {
            let isControl =
                scalar.properties.generalCategory == .control
                || scalar.properties.generalCategory == .format
                || scalar.properties.generalCategory == .lineSeparator
                || scalar.properties.generalCategory == .paragraphSeparator
            let printed: Unicode.Scalar = isControl ? "?" : scalar
            room -= UTF8.width(printed)
            guard room >= 0 else {
                isCut = true
                break
            }
            scalars.append(printed)
        }
        if isCut { scalars.append("…") }
        return String(scalars)
    }
}
