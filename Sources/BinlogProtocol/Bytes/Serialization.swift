/// The variable-length integers of MySQL's `mysql::serialization` library.
///
/// The trailing one bits of the first byte say how many bytes follow; the value is in the bits above:
///
///     xxxxxxx0                    7 bits       xxxxxx01 xxxxxxxx           14 bits
///     …                                        11111111 and 8 bytes        64 bits
/// `libs/mysql/serialization/readme.md` of the server.
package enum Serialization {
    package static func readUnsigned(from reader: inout ByteReader) throws(DecodingError) -> UInt64
    {
        let first: UInt8 = try reader.read()
        let following = (~first).trailingZeroBitCount
        if following >= 8 { return try reader.readUInt(bytes: 8) }
        var value = UInt64(first) >> UInt64(following + 1)
        if following > 0 {
            let rest = try reader.readUInt(bytes: following)
            value |= rest << UInt64(7 - following)
        }
        return value
    }

    /// A signed value: its lowest bit is the sign; a negative one stores -(value + 1).
    package static func readSigned(from reader: inout ByteReader) throws(DecodingError) -> Int64 {
        let raw = try readUnsigned(from: &reader)
        let magnitude = Int64(bitPattern: raw >> 1)
        return raw & 1 == 0 ? magnitude : -magnitude - 1
    }
}
