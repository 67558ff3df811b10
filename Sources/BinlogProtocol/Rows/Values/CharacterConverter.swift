internal import Foundation

/// The C library's `iconv` from one character set to Unicode.
final class CharacterConverter {
    private let descriptor: iconv_t

    /// Nil when the C library has no character set of that name, or when its file is not installed.
    init?(_ name: String) {
        // The name of 32-bit Unicode with the machine's own order of bytes.
        guard let descriptor = iconv_open(1.littleEndian == 1 ? "UCS-4LE" : "UCS-4BE", name),
            descriptor != iconv_t(bitPattern: -1)
        else { return nil }
        self.descriptor = descriptor
    }

    deinit {
        iconv_close(descriptor)
    }

    /// The one character that the lowest `byteCount` bytes of `code`, highest first, are; nil if they are
    /// none, or several.
    func scalar(_ code: UInt32, byteCount: Int) -> UInt32? {
        iconv(descriptor, nil, nil, nil, nil)
        var bigEndian = (code << UInt32(32 - 8 * byteCount)).bigEndian
        var scalars: (UInt32, UInt32) = (0, 0)
        let isWhole = withUnsafeMutableBytes(of: &bigEndian) { input in
            withUnsafeMutableBytes(of: &scalars) { output in
                var source = input.baseAddress?.assumingMemoryBound(to: CChar.self)
                var sink = output.baseAddress?.assumingMemoryBound(to: CChar.self)
                var sourceLeft = byteCount
                var sinkLeft = output.count
                // Some converters keep a character until they know what follows: the second call asks for it.
                return iconv(descriptor, &source, &sourceLeft, &sink, &sinkLeft) == 0
                    && iconv(descriptor, nil, nil, &sink, &sinkLeft) == 0
                    && sourceLeft == 0 && sinkLeft == 4
            }
        }
        return isWhole ? scalars.0 : nil
    }
}
