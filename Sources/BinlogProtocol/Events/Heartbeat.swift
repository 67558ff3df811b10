/// A sign of life while the server has nothing to send; never data.
///
///     version 1   file name, to the end
///     version 2   { type u8, length, value }…   0 end, 1 file name, 2 position (length-encoded)
public struct Heartbeat: Equatable, Sendable {
    /// The file that the server is reading.
    public let file: String
    /// Where in the file; nil in version 1, where the header has it modulo 4 GiB.
    public let position: UInt64?

    package init(from reader: inout ByteReader) throws(DecodingError) {
        file = String(decoding: reader.readRemaining(), as: UTF8.self)
        position = nil
    }

    package init(version2 reader: inout ByteReader) throws(DecodingError) {
        var file = ""
        var position: UInt64?
        while !reader.isAtEnd {
            let type: UInt8 = try reader.read()
            if type == 0 { break }
            var field = try reader.slice(try reader.readLength())
            switch type {
            case 1: file = String(decoding: field.readRemaining(), as: UTF8.self)
            case 2: position = try field.readLengthEncodedInteger()
            default: break
            }
        }
        self.file = file
        self.position = position
    }
}
