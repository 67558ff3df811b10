internal import BinlogProtocol

extension ColumnValue {
    /// The value as one reads it in a statement: numbers and times bare, text in double quotes, bytes in hexadecimal.
    func listing(_ type: ColumnType) -> String {
        switch self {
        case .null: return "NULL"
        case .integer(let value): return "\(value)"
        case .unsignedInteger(let value): return "\(value)"
        case .float(let value): return "\(value)"
        case .double(let value): return "\(value)"
        case .bits(let bits): return "b'\(String(bits, radix: 2))'"
        case .year(let year): return "\(year)"
        case .decimal(let text), .date(let text), .time(let text), .datetime(let text),
            .json(let text):
            return text
        case .timestamp(nil): return "0000-00-00 00:00:00"
        case .timestamp(let time?): return Self.text(time, type)
        case .string(let text): return Escaping.jsonString(text)
        case .bytes(let bytes): return ListingText.hexLiteral(bytes)
        case .enumeration(let index, let label):
            return label.map { "\(Escaping.jsonString($0)) (\(index))" } ?? "(\(index))"
        case .set(let bits, let labels):
            let names = labels.map { labels in
                "(" + labels.map { Escaping.jsonString($0) }.joined(separator: ",") + ") "
            }
            return (names ?? "") + "(0x\(String(bits, radix: 16)))"
        case .jsonDifferences(let differences): return "\(differences.count) differences"
        case .geometry(let srid, let bytes):
            return "SRID \(srid) \(ListingText.hexLiteral(bytes))"
        case .vector(let values):
            return "[" + values.map { "\($0)" }.joined(separator: ", ") + "]"
        }
    }

    private static func text(_ time: Timestamp, _ type: ColumnType) -> String {
        let digits: Int =
            switch type {
            case .timestamp(let digits), .oldTimestamp(let digits?): digits
            default: 6
            }
        var text: [UInt8] = []
        time.append(fractionDigits: digits, to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
