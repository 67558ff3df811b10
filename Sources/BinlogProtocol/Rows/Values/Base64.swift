/// Base 64 as MySQL's JSON prints it, with a line feed after every 76 digits but the last.
enum Base64 {
    private static let digits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func append(_ bytes: ArraySlice<UInt8>, to output: inout [UInt8]) {
        var at = bytes.startIndex
        while at < bytes.endIndex {
            if at > bytes.startIndex, (at - bytes.startIndex) % 57 == 0 {
                output.append(UInt8(ascii: "\n"))
            }
            let count = min(3, bytes.endIndex - at)
            var group: UInt32 = 0
            for index in 0..<3 {
                group = group << 8 | (index < count ? UInt32(bytes[at + index]) : 0)
            }
            for index in 0..<4 {
                output.append(
                    index <= count
                        ? digits[Int(group >> UInt32(18 - 6 * index) & 0x3f)] : UInt8(ascii: "="))
            }
            at += count
        }
    }
}
