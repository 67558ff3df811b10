import BinlogProtocol

/// A definition from outside the log, put on a table map that lacks names.
///
///     options u8, length u16, table map, { flags u8, length u16, declared type }…
func fuzzLookup(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let options = input.byte()
    let map = input.part()
    var columns: [TableDefinition.Column] = []
    while !input.isAtEnd {
        let flags = input.byte()
        columns.append(
            TableDefinition.Column(
                name: "c\(columns.count)", type: String(decoding: input.part(), as: UTF8.self),
                isNullable: flags & 1 != 0, collationID: flags & 2 != 0 ? Int(flags) : nil,
                byteCountMax: flags & 4 != 0 ? Int(flags) * 16 : nil,
                isVisible: flags & 8 != 0))
    }
    var reader = ByteReader(map)
    do throws(BinlogProtocol.DecodingError) {
        let table = try TableMap(
            from: &reader, tableIDBytes: 6, flavor: options & 1 != 0 ? .mariadb : .mysql)
        let settled = table.settled(
            with: TableDefinition(columns: columns, primaryKey: [Int(options >> 1)]))
        require(settled.columns.count == table.columns.count, "a definition adds no column")
        require(settled.primaryKey.allSatisfy { $0 < table.columns.count }, "a key of columns")
    } catch {
        requireOffset(error, within: map.count)
    }
}
