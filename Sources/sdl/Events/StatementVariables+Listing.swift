internal import BinlogProtocol

extension IntVarEvent {
    func list(to text: ListingText) {
        text.line("\(kind == .insertID ? "INSERT_ID" : "LAST_INSERT_ID") \(value)")
    }
}

extension RandEvent {
    func list(to text: ListingText) {
        text.line("seeds \(first), \(second)")
    }
}

extension UserVarEvent {
    /// - Parameter body: the event's body, for the value, which decoding leaves out.
    func list(_ body: ByteReader, to text: ListingText) throws(DecodingError) {
        var reader = body
        try reader.skip(Int(try reader.read(UInt32.self)))
        guard try reader.read(UInt8.self) == 0 else {
            text.line("@\(name) = NULL")
            return
        }
        let typeOffset = reader.offset
        let type: UInt8 = try reader.read()
        let collation: UInt32 = try reader.read()
        let length: UInt32 = try reader.read()
        let value = try reader.slice(Int(length))
        let unsigned: UInt8 = 1
        let isUnsigned = reader.isAtEnd ? false : try reader.read() & unsigned != 0
        text.line(
            "@\(name) = \(try Self.text(type, value, isUnsigned, Int(collation), typeOffset))")
    }

    private static func text(
        _ type: UInt8, _ value: ByteReader, _ isUnsigned: Bool, _ collation: Int, _ offset: Int
    ) throws(DecodingError) -> String {
        var value = value
        switch type {
        case 0:
            let charset = Charset(collationID: collation)
            let range = value.offset..<value.end
            guard range.upperBound <= Int(Int32.max) else {
                throw DecodingError(.invalid("length of a user variable"), at: offset)
            }
            let cell = CellRange(start: range.lowerBound, count: range.count)
            var text: [UInt8] = []
            guard charset != .binary, try charset.appendUTF8(cell, in: value.storage, to: &text)
            else { return "\(ListingText.hexLiteral(value.readRemaining())) (\(charset))" }
            return Escaping.jsonString(String(decoding: text, as: UTF8.self)) + " (\(charset))"
        case 1:
            let bits: UInt64 = try value.read()
            try value.finish()
            return "\(Double(bitPattern: bits)) (REAL)"
        case 2:
            let bits: UInt64 = try value.read()
            try value.finish()
            return isUnsigned ? "\(bits) (INT UNSIGNED)" : "\(Int64(bitPattern: bits)) (INT)"
        case 4:
            let precision: UInt8 = try value.read()
            let scale: UInt8 = try value.read()
            let cell = CellRange(start: value.offset, count: value.remaining)
            var text: [UInt8] = []
            try cell.appendDecimal(
                precision: Int(precision), scale: Int(scale), in: value.storage, to: &text)
            return String(decoding: text, as: UTF8.self) + " (DECIMAL)"
        default:
            throw DecodingError(.unsupported("type \(type) of a user variable"), at: offset)
        }
    }
}
