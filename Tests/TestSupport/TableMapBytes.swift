package import BinlogProtocol

/// The body of a table map event made by hand.
package struct TableMapBytes {
    package var tableID: UInt64 = 0x1122_3344_5566
    package var columns: [(type: UInt8, metadata: [UInt8])]
    package var nullable: [UInt8]?
    package var optional: [(type: UInt8, value: [UInt8])]
    package var flavor = Flavor.mysql

    package init(
        columns: [(type: UInt8, metadata: [UInt8])], nullable: [UInt8]? = nil,
        optional: [(type: UInt8, value: [UInt8])] = [], flavor: Flavor = .mysql
    ) {
        self.columns = columns
        self.nullable = nullable
        self.optional = optional
        self.flavor = flavor
    }

    /// The bytes, and where the event may end because only optional metadata follows.
    package var encoded: (bytes: [UInt8], ends: Set<Int>) {
        var writer = ByteWriter()
        writer.write(tableID, bytes: 6)
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

    package func table() throws(DecodingError) -> TableMap {
        var reader = ByteReader(encoded.bytes)
        let table = try TableMap(from: &reader, tableIDBytes: 6, flavor: flavor)
        try reader.finish()
        return table
    }

    /// The value of the metadata that names the columns.
    package static func names(_ names: [String]) -> (type: UInt8, value: [UInt8]) {
        var writer = ByteWriter()
        for name in names { writer.writeLengthEncoded(Array(name.utf8)) }
        return (4, writer.bytes)
    }

    /// The body of a rows event of this table whose images carry every column.
    package func rows(_ images: [UInt8], isStatementEnd: Bool = true) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(tableID, bytes: 6)
        writer.write(UInt16(isStatementEnd ? 1 : 0))
        writer.write(UInt16(2))
        writer.writeLengthEncodedInteger(UInt64(columns.count))
        writer.write(Array(repeating: UInt8(0xff), count: (columns.count + 7) / 8))
        writer.write(images)
        return writer.bytes
    }
}
