import Foundation

/// From what SELECT says of a value to what must be stored, without any of the code under test.
extension ColumnKind {
    /// The expression that SELECTs a value so that its text is exact.
    func selected(_ column: String, _ options: WorkloadOptions) -> String {
        switch self {
        case .enumeration where !options.logsLabels, .set where !options.logsLabels:
            return "CAST(\(column) AS UNSIGNED)"
        // A FLOAT is printed with six digits only; widened, with all.
        case .float: return "CAST(\(column) AS DOUBLE)"
        case .bit: return "CAST(\(column) AS UNSIGNED)"
        case .json: return "HEX(CAST(\(column) AS CHAR CHARACTER SET utf8mb4))"
        case .geometry, .vector: return "HEX(\(column))"
        case .char, .varchar, .text, .enumeration, .set, .compressed:
            return isBinaryString ? "HEX(\(column))" : "HEX(CONVERT(\(column) USING utf8mb4))"
        case .binary, .varbinary, .blob: return "HEX(\(column))"
        default: return column
        }
    }

    /// What must be stored for a value whose ``selected(_:)`` prints `text`.
    func expected(_ text: String?, _ options: WorkloadOptions) throws -> AuditValue {
        guard let text else { return .null }
        if isBinaryString { return .binary(subtype: 0, try Self.unhex(text)) }
        switch self {
        case .enumeration where !options.logsLabels:
            return .int32(try AuditValue.present(Int32(text), "label's number"))
        case .set where !options.logsLabels:
            let members = try AuditValue.present(UInt64(text), "members")
            return .int64(Int64(bitPattern: members))
        case .integer(let byteCount, let isUnsigned):
            if byteCount == 8, isUnsigned { return try Self.unsigned(text) }
            let value = try AuditValue.present(Int64(text), "integer")
            return byteCount == 8 || (byteCount == 4 && isUnsigned)
                ? .int64(value) : .int32(Int32(value))
        case .year: return .int32(try AuditValue.present(Int32(text), "year"))
        case .float:
            let exact = try AuditValue.present(Double(text), "float")
            return .double(try AuditValue.present(Double("\(Float(exact))"), "float"))
        case .double: return .double(try AuditValue.present(Double(text), "double"))
        case .decimal(let precision, _):
            return precision <= 34 ? try .decimal(text: text) : .string(text)
        case .bit(let count):
            return count < 64
                ? .int64(try AuditValue.present(Int64(text), "bit")) : try Self.unsigned(text)
        case .char, .varchar, .text, .enumeration, .compressed:
            return .string(try Self.utf8(text))
        case .set:
            let labels = try Self.utf8(text).split(separator: ",").map(String.init)
            return .array(labels.map { .string($0) })
        case .binary, .varbinary, .blob: return .binary(subtype: 0, try Self.unhex(text))
        case .date, .time, .datetime, .mariaDB: return .string(text)
        case .timestamp(let digits): return try Self.timestamp(text, digits)
        case .json:
            let text = try Self.utf8(text)
            // MariaDB's JSON is text, kept as it was written.
            return options.isMariaDB ? .string(text) : try JSONExpectation.value(of: text)
        case .geometry(_, let srid):
            return .document([
                .init(name: "srid", value: .int32(Int32(srid))),
                .init(
                    name: "wkb",
                    value: .binary(subtype: 0, Array(try Self.unhex(text).dropFirst(4)))),
            ])
        case .vector:
            // The two bytes in front of the numbers are MongoDB's type (float32) and padding.
            return .binary(subtype: 9, [0x27, 0] + (try Self.unhex(text)))
        }
    }

    private static func unsigned(_ text: String) throws -> AuditValue {
        if let small = Int64(text) { return .int64(small) }
        return try .decimal(text: text)
    }

    private static func utf8(_ hex: String) throws -> String {
        try AuditValue.present(String(validating: try unhex(hex), as: UTF8.self), "UTF-8")
    }

    static func unhex(_ text: String) throws -> [UInt8] {
        let digits = Array(text.utf8)
        return try stride(from: 0, to: digits.count, by: 2).map { index in
            let pair = String(decoding: digits[index..<min(index + 2, digits.count)], as: UTF8.self)
            return try AuditValue.present(UInt8(pair, radix: 16), "hexadecimal digits")
        }
    }

    /// `2024-02-29 01:02:03.123` in UTC.
    private static func timestamp(_ text: String, _ digits: Int) throws -> AuditValue {
        if text.hasPrefix("0000") { return .string("0000-00-00 00:00:00") }
        if digits >= 4 { return .string(text.replacing(" ", with: "T") + "Z") }
        var parts = DateComponents()
        let numbers = text.split { "- :.".contains($0) }.map { Int($0) ?? -1 }
        (parts.year, parts.month, parts.day) = (numbers[0], numbers[1], numbers[2])
        (parts.hour, parts.minute, parts.second) = (numbers[3], numbers[4], numbers[5])
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let date = try AuditValue.present(calendar.date(from: parts), "timestamp")
        var milliseconds = Int64(date.timeIntervalSince1970.rounded()) * 1000
        if digits > 0 {
            milliseconds += Int64(numbers[6]) * [100, 10, 1][digits - 1]
        }
        return .date(milliseconds: milliseconds)
    }
}
