package import BinlogProtocol

/// Values in the form of the SELECT statements beside the fixtures.
package enum SelectText {
    package static func of(_ row: Row, in table: TableMap) -> [String?] {
        table.columns.indices.map { index in
            row[index].flatMap { of($0, table.columns[index].type) }
        }
    }

    package static func of(_ value: ColumnValue, _ type: ColumnType) -> String? {
        switch value {
        case .null: nil
        case .integer(let number): "\(number)"
        case .unsignedInteger(let number), .bits(let number): "\(number)"
        case .float(let number): doubleText(Double(number))
        case .double(let number): doubleText(number)
        case .decimal(let text), .date(let text), .time(let text), .datetime(let text): text
        case .json(let text): text
        case .jsonDifferences(let differences): "\(differences)"
        case .year(let year): year == 0 ? "0000" : "\(year)"
        case .timestamp(let instant): timestampText(instant, type)
        case .string(let text): hex(Array(text.utf8))
        case .bytes(let bytes): hex(bytes)
        case .enumeration(let index, let label): "\(index):" + hex(Array((label ?? "?").utf8))
        case .set(let bits, let labels):
            "\(bits):" + hex(Array((labels ?? ["?"]).joined(separator: ",").utf8))
        case .geometry(let srid, let wellKnownBinary):
            hex((0..<4).map { UInt8(truncatingIfNeeded: srid >> (8 * $0)) } + wellKnownBinary)
        case .vector(let values):
            hex(
                values.flatMap { value in
                    (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
                })
        }
    }

    private static func doubleText(_ value: Double) -> String {
        var text: [UInt8] = []
        DoubleText.append(value, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static func timestampText(_ instant: Timestamp?, _ type: ColumnType) -> String {
        let digits: Int
        switch type {
        case .timestamp(let count), .oldTimestamp(let count?): digits = count
        default: return "?"
        }
        guard let instant else {
            return "0000-00-00 00:00:00" + (digits > 0 ? "." : "")
                + String(repeating: "0", count: digits)
        }
        var text: [UInt8] = []
        instant.append(fractionDigits: digits, separator: " ", suffix: nil, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    package static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
