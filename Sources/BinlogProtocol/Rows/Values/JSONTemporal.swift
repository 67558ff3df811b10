/// A date or time inside a JSON document: the packed 64 bits, little-endian.
enum JSONTemporal {
    /// The text that MySQL prints: six digits of fraction, none for a DATE.
    static func text(
        type: UInt8, _ cell: CellRange, in bytes: [UInt8]
    ) throws(DecodingError) -> [UInt8] {
        let raw = try cell.unsignedInteger(byteCount: 8, in: bytes)
        let packed = Int64(bitPattern: raw)
        var text: [UInt8] = []
        switch FieldType(rawValue: type) {
        case .oldTime:
            text.appendTime(try PackedTemporal(time: packed, at: cell.start), fractionDigits: 6)
        case .date:
            text.appendDate(try PackedTemporal(dateTime: packed, at: cell.start))
        default:
            text.appendDateTime(
                try PackedTemporal(dateTime: packed, at: cell.start), fractionDigits: 6)
        }
        return text
    }
}
