import BinlogProtocol
import Foundation

@testable import MongoSink

/// A BSON value as tests compare it: type and bits, so that 1 and 1.0 and "1" differ.
indirect enum AuditValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case int32(Int32)
    case int64(Int64)
    case double(bits: UInt64)
    case decimal(isNegative: Bool, coefficient: UInt128, exponent: Int)
    /// UTF-8, because Swift's strings are equal when only their normal form is.
    case utf8([UInt8])
    case binary(subtype: UInt8, [UInt8])
    case date(milliseconds: Int64)
    case array([AuditValue])
    case document([Member])

    /// A field of a document; their order counts.
    struct Member: Hashable, Sendable {
        let name: String
        let value: AuditValue

        static func == (one: Self, other: Self) -> Bool {
            one.name.utf8.elementsEqual(other.name.utf8) && one.value == other.value
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(Array(name.utf8))
            hasher.combine(value)
        }
    }

    struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }

    init(_ element: BSONElement) throws {
        switch element.type {
        case .null: self = .null
        case .bool: self = .bool(element.bool == true)
        case .int32: self = .int32(Int32(try Self.present(element.integer, "int32")))
        case .int64: self = .int64(try Self.present(element.integer, "int64"))
        case .double: self = .double(bits: element.floatingPoint.bitPattern)
        case .string: self = .utf8(Array(element.stringBytes))
        case .utcDateTime:
            self = .date(milliseconds: try Self.present(element.utcDateTime, "date"))
        case .binary:
            let bytes = Array(try Self.present(element.binary, "binary"))
            self = .binary(subtype: element.valueBytes[element.value.lowerBound + 4], bytes)
        case .decimal128:
            guard
                case .finite(let isNegative, let coefficient, let exponent) =
                    element.decimal128.parts
            else { throw Unexpected(description: "a decimal that is no number") }
            self = .decimal(isNegative: isNegative, coefficient: coefficient, exponent: exponent)
        case .document, .array:
            let members = try Self.members(try Self.present(element.document, "document"))
            self = element.type == .array ? .array(members.map(\.value)) : .document(members)
        default:
            throw Unexpected(description: "a value of type \(element.type)")
        }
    }

    static func members(_ document: BSONDocument) throws -> [Member] {
        var cursor = document.elements()
        var members: [Member] = []
        while let element = try cursor.next() {
            members.append(Member(name: element.name, value: try AuditValue(element)))
        }
        return members
    }

    static func present<T>(_ value: T?, _ what: String) throws -> T {
        guard let value else { throw Unexpected(description: "\(what) is missing") }
        return value
    }

    static func string(_ text: String) -> AuditValue { .utf8(Array(text.utf8)) }

    static func double(_ value: Double) -> AuditValue { .double(bits: value.bitPattern) }

    /// A decimal with the scale that its text has.
    static func decimal(text: String) throws -> AuditValue {
        let isNegative = text.hasPrefix("-")
        let digits = isNegative ? text.dropFirst() : text[...]
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1].count : 0
        let coefficient = try present(UInt128(parts.joined()), "decimal")
        return .decimal(isNegative: isNegative, coefficient: coefficient, exponent: -fraction)
    }

    subscript(name: String) -> AuditValue? {
        guard case .document(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    var text: String? {
        if case .utf8(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    var number: Int64? {
        switch self {
        case .int32(let value): Int64(value)
        case .int64(let value): value
        default: nil
        }
    }

    var fields: [Member] {
        if case .document(let members) = self { members } else { [] }
    }
}

extension AuditValue: CustomStringConvertible {
    var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int32(let value): "int32 \(value)"
        case .int64(let value): "int64 \(value)"
        case .double(let bits): "double \(Double(bitPattern: bits))"
        case .decimal(let isNegative, let coefficient, let exponent):
            "decimal \(isNegative ? "-" : "")\(coefficient)e\(exponent)"
        case .utf8(let bytes): "\(String(decoding: bytes, as: UTF8.self).debugDescription)"
        case .binary(let subtype, let bytes): "binary \(subtype) \(bytes)"
        case .date(let milliseconds): "date \(milliseconds)"
        case .array(let items): "\(items)"
        case .document(let members):
            "{" + members.map { "\($0.name): \($0.value)" }.joined(separator: ", ") + "}"
        }
    }
}
