internal import BinlogProtocol

/// The status variables of a QUERY event, by name; ``QueryStatus`` has those that decoding needs.
enum StatusVariables {
    /// Lists each; what stands behind one that is not known is listed as bytes.
    static func list(_ reader: inout ByteReader, to text: ListingText) throws(DecodingError) {
        while !reader.isAtEnd {
            let offset = reader.offset
            let code: UInt8 = try reader.read()
            guard let line = try line(code, &reader) else {
                let rest = reader.storage[offset..<reader.end]
                text.line("status variable \(code), not known: \(ListingText.spacedHex(rest))")
                return
            }
            text.line(line)
        }
    }

    private static func line(
        _ code: UInt8, _ reader: inout ByteReader
    ) throws(DecodingError) -> String? {
        switch code {
        case 0: return "flags2 \(flags2(try reader.read()))"
        case 1: return "sql_mode \(sqlMode(try reader.read()))"
        case 2:
            let catalog = try shortText(&reader)
            try reader.skip(1)
            return "catalog \(catalog)"
        case 3:
            let increment: UInt16 = try reader.read()
            return "auto_increment_increment \(increment), offset \(try reader.read(UInt16.self))"
        case 4:
            return "character_set_client \(try collation(&reader)), "
                + "collation_connection \(try collation(&reader)), "
                + "collation_server \(try collation(&reader))"
        case 5: return "time_zone \(try shortText(&reader))"
        case 6: return "catalog \(try shortText(&reader))"
        case 7: return "lc_time_names \(try reader.read(UInt16.self))"
        case 8: return "collation_database \(try collation(&reader))"
        case 9: return "tables updated 0x\(String(try reader.read(UInt64.self), radix: 16))"
        case 10: return "data written by the source \(try reader.read(UInt32.self))"
        case 11: return "invoker \(try shortText(&reader)) at \(try shortText(&reader))"
        case 12: return "databases \(try databases(&reader))"
        case 13, 128: return "microseconds \(try reader.readUInt24())"
        case 16: return "explicit_defaults_for_timestamp \(try reader.read(UInt8.self))"
        case 17, 129: return "xid of the definition \(try reader.read(UInt64.self))"
        case 18: return "default_collation_for_utf8mb4 \(try collation(&reader))"
        case 19: return "sql_require_primary_key \(try reader.read(UInt8.self))"
        case 20: return "default_table_encryption \(try reader.read(UInt8.self))"
        case 130: return try gtidFlags(&reader)
        case 131: return try characterSetCollations(&reader)
        default: return nil
        }
    }

    private static func shortText(_ reader: inout ByteReader) throws(DecodingError) -> String {
        let bytes = try reader.readBytes(Int(try reader.read(UInt8.self)))
        return Escaping.jsonString(String(decoding: bytes, as: UTF8.self))
    }

    private static func collation(_ reader: inout ByteReader) throws(DecodingError) -> String {
        let id = Int(try reader.read(UInt16.self))
        return "\(Charset(collationID: id)) (\(id))"
    }

    private static func databases(_ reader: inout ByteReader) throws(DecodingError) -> String {
        let tooMany: UInt8 = 254
        let count: UInt8 = try reader.read()
        if count == tooMany { return "too many to be named" }
        var names: [String] = []
        for _ in 0..<count {
            let name = String(decoding: try reader.readNulTerminatedBytes(), as: UTF8.self)
            names.append(Escaping.jsonString(name))
        }
        return names.joined(separator: ", ")
    }

    /// MariaDB: how an ALTER TABLE in two parts goes on.
    private static func gtidFlags(_ reader: inout ByteReader) throws(DecodingError) -> String {
        let flags: UInt8 = try reader.read()
        let names: KeyValuePairs<UInt64, String> = [
            2: "START_ALTER", 4: "COMMIT_ALTER", 8: "ROLLBACK_ALTER",
        ]
        let text = "gtid flags \(ListingText.flags(UInt64(flags), names))"
        let hasNumber = flags & (4 | 8) != 0
        return hasNumber ? "\(text), of \(try reader.read(UInt64.self))" : text
    }

    private static func characterSetCollations(
        _ reader: inout ByteReader
    ) throws(DecodingError) -> String {
        var pairs: [String] = []
        for _ in 0..<(try reader.read(UInt8.self)) {
            pairs.append("\(try collation(&reader)) = \(try collation(&reader))")
        }
        return "character_set_collations \(pairs.joined(separator: ", "))"
    }

    private static func flags2(_ bits: UInt32) -> String {
        ListingText.flags(
            UInt64(bits),
            [
                1 << 14: "AUTO_IS_NULL", 1 << 19: "NOT_AUTOCOMMIT",
                1 << 26: "NO_FOREIGN_KEY_CHECKS", 1 << 27: "RELAXED_UNIQUE_CHECKS",
            ])
    }

    private static func sqlMode(_ bits: UInt64) -> String {
        ListingText.flags(
            bits,
            [
                1 << 0: "REAL_AS_FLOAT", 1 << 1: "PIPES_AS_CONCAT", 1 << 2: "ANSI_QUOTES",
                1 << 3: "IGNORE_SPACE", 1 << 5: "ONLY_FULL_GROUP_BY",
                1 << 6: "NO_UNSIGNED_SUBTRACTION", 1 << 7: "NO_DIR_IN_CREATE", 1 << 9: "ORACLE",
                1 << 18: "ANSI", 1 << 19: "NO_AUTO_VALUE_ON_ZERO", 1 << 20: "NO_BACKSLASH_ESCAPES",
                1 << 21: "STRICT_TRANS_TABLES", 1 << 22: "STRICT_ALL_TABLES",
                1 << 23: "NO_ZERO_IN_DATE", 1 << 24: "NO_ZERO_DATE",
                1 << 25: "ALLOW_INVALID_DATES", 1 << 26: "ERROR_FOR_DIVISION_BY_ZERO",
                1 << 27: "TRADITIONAL", 1 << 28: "NO_AUTO_CREATE_USER",
                1 << 29: "HIGH_NOT_PRECEDENCE", 1 << 30: "NO_ENGINE_SUBSTITUTION",
                1 << 31: "PAD_CHAR_TO_FULL_LENGTH",
            ])
    }
}
