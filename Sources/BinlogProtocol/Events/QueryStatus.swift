/// What the status variables of a QUERY event say of how its statement is to be read.
///
///     { code u8, value }…   a value's length follows from its code alone
///
///     0 flags 4 │ 1 sql_mode 8 │ 2 catalog u8, text, NUL │ 3 auto_increment 4 │ 4 charsets 3 × u16
///     5 time_zone u8, text │ 6 catalog u8, text │ 7 lc_time_names 2 │ 8 charset_database 2
///     9 tables updated 8 │ 10 data written 4
/// Servers write them in the order 0, 1, 6, 3, 4, …; behind a code that is not known nothing can be found.
package struct QueryStatus: Equatable, Sendable {
    /// `sql_mode`.
    package private(set) var sqlMode: SQLMode = []
    /// `character_set_client`; unknown when the server did not say.
    package private(set) var charset = Charset.unknown

    package init() {}

    package init(from reader: inout ByteReader) throws(DecodingError) {
        while !reader.isAtEnd {
            switch try reader.read(UInt8.self) {
            case 0, 3, 10: try reader.skip(4)
            case 1: sqlMode = SQLMode(rawValue: try reader.read())
            case 2: try reader.skip(Int(try reader.read(UInt8.self)) + 1)
            case 4:
                charset = Charset(collationID: Int(try reader.read(UInt16.self)))
                try reader.skip(4)
            case 5, 6: try reader.skip(Int(try reader.read(UInt8.self)))
            case 7, 8: try reader.skip(2)
            case 9: try reader.skip(8)
            default: return
            }
        }
    }
}

extension Charset {
    /// A statement of a connection with this character set; nil when it is not certain how to read it.
    package func statementInUTF8(_ statement: [UInt8]) -> [UInt8]? {
        let all = 0..<statement.count
        let isASCII = UTF8Validation.endOfASCII(statement.span, all) == all.upperBound
        if isASCII, self != .swe7 { return statement }
        switch self {
        case .utf8mb4, .utf8mb3, .ascii, .binary, .unknown:
            return UTF8Validation.isValid(statement.span, all) ? statement : nil
        default:
            guard let text = decode(statement).map({ Array($0.utf8) }) else { return nil }
            // Statements that the server makes up itself are in UTF-8 whatever the connection says.
            return text == statement || !UTF8Validation.isValid(statement.span, all) ? text : nil
        }
    }
}
