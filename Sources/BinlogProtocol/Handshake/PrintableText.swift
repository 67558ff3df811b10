/// Texts from a server, made fit to be printed: a log line stays one line.
package enum PrintableText {
    /// The text as UTF-8, cut after `bytesMax` bytes, control characters replaced by `?`.
    package static func clean(_ bytes: some Collection<UInt8>, bytesMax: Int) -> String {
        let text = String(decoding: bytes.prefix(bytesMax), as: UTF8.self)
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl =
                scalar.properties.generalCategory == .control
                || scalar.properties.generalCategory == .format
                || scalar.properties.generalCategory == .lineSeparator
                || scalar.properties.generalCategory == .paragraphSeparator
            scalars.append(isControl ? "?" : scalar)
        }
        if bytes.count > bytesMax { scalars.append("…") }
        return String(scalars)
    }
}
