extension TableDefinition {
    /// The columns with the types that a log of MariaDB does not tell, found by the columns' names.
    ///
    /// UUID, INET4, INET6 and VECTOR look like BINARY there, and old dates and times do not tell their fraction.
    func types(forNamed named: [BinlogProtocol.Column]) -> [BinlogProtocol.Column] {
        guard named.contains(where: \.hidesItsType) else { return named }
        let declared = Dictionary(
            columns.map { ($0.name, DeclaredType($0.type)) },
            uniquingKeysWith: { first, _ in first })
        return named.map { column in
            guard column.hidesItsType, let type = declared[column.name] else { return column }
            switch type.word {
            case "uuid": return column.replacingType(.uuid)
            case "inet4": return column.replacingType(.inet4)
            case "inet6": return column.replacingType(.inet6)
            case "vector": return column.replacingType(.vector(dimension: type.numbers.first))
            case "time", "datetime", "timestamp":
                return column.replacingFractionDigits(min(type.numbers.first ?? 0, 6))
            default: return column
            }
        }
    }
}

extension Column {
    /// Whether a table map of MariaDB may show another type than the column's own.
    var hidesItsType: Bool {
        switch type {
        case .binary(byteCount: 16), .binary(byteCount: 4), .oldTime(nil), .oldDatetime(nil),
            .oldTimestamp(nil):
            true
        case .varbinary(let byteCount): byteCount > 0 && byteCount % 4 == 0
        default: false
        }
    }
}
