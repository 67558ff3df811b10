import BinlogProtocol

/// The body of a table map event made by hand.
struct TableMapBytes {
    var columns: [(type: UInt8, metadata: [UInt8])] = []
    var nullable: [UInt8]?
    var optional: [(type: UInt8, value: [UInt8])] = []

    /// The bytes, and where the event may end because only optional metadata follows.
    var encoded: (bytes: [UInt8], ends: Set<Int>) {
        var writer = ByteWriter()
        writer.write(0x1122_3344_5566, bytes: 6)
        writer.write(UInt16(1))
        for name in ["shop", "orders"] {
            writer.write(UInt8(name.utf8.count))
            writer.writeNulTerminated(name)
        }
        writer.writeLengthEncodedInteger(UInt64(columns.count))
        writer.write(columns.map(\.type))
        writer.writeLengthEncoded(columns.flatMap(\.metadata))
        writer.write(nullable ?? Array(repeating: 0, count: (columns.count + 7) / 8))
        var ends: Set<Int> = []
        for item in optional {
            ends.insert(writer.bytes.count)
            writer.write(item.type)
            writer.writeLengthEncoded(item.value)
        }
        return (writer.bytes, ends)
    }

    func table() throws(DecodingError) -> TableMap {
        var reader = ByteReader(encoded.bytes)
        let table = try TableMap(from: &reader, tableIDBytes: 6)
        try reader.finish()
        return table
    }
}
