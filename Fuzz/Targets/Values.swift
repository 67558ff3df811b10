import BinlogProtocol

@testable import MongoSink

let valueTypes: [ColumnType] =
    [
        .float, .double, .decimal(precision: 65, scale: 30), .decimal(precision: 5, scale: 5),
        .decimal(precision: 10, scale: 0), .bit(count: 1), .bit(count: 64), .year, .date, .uuid,
        .inet4, .inet6, .json, .binary(byteCount: 4), .varbinary(byteCountMax: 9),
        .blob(lengthByteCount: 2), .enumeration(byteCount: 2, labels: ["a"]),
        .enumeration(byteCount: 1, labels: nil), .set(byteCount: 8, labels: ["a", "b"]),
        .set(byteCount: 8, labels: nil), .geometry(kind: nil), .vector(dimension: 1),
        .compressed(.text(lengthByteCount: 1, charset: .gbk)),
        .compressed(.blob(lengthByteCount: 1)),
        .compressed(.varchar(byteCountMax: 9, charset: .utf16)), .unsupported("x"),
        .oldTime(fractionDigits: nil), .oldDatetime(fractionDigits: nil),
        .oldTimestamp(fractionDigits: nil),
    ]
    + [1, 2, 3, 4, 8].flatMap { count -> [ColumnType] in
        [
            .integer(byteCount: count, isUnsigned: false),
            .integer(byteCount: count, isUnsigned: true),
        ]
    }
    + (0...6).flatMap { digits -> [ColumnType] in
        [
            .time(fractionDigits: digits), .datetime(fractionDigits: digits),
            .timestamp(fractionDigits: digits), .oldTime(fractionDigits: digits),
            .oldDatetime(fractionDigits: digits), .oldTimestamp(fractionDigits: digits),
        ]
    } + Charset.all.map { .varchar(byteCountMax: 20, charset: $0) }

/// One value of any type: the library and the sink read it, or both refuse it.
///
///     type u8, value
func fuzzValues(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let type = valueTypes[Int(input.byte()) % valueTypes.count]
    let value = input.rest()
    let column = Column(
        name: "c", type: type, isNullable: true, isSignednessKnown: true, collationID: nil,
        isVisible: nil, storage: .undecodable)
    let storage = [0xa5, 0xa5, 0xa5] + value + [0xa5, 0xa5]
    let cell = CellRange(start: 3, count: value.count)
    var isCompressed = false
    if case .compressed = type { isCompressed = true }
    var writer = BSONWriter()
    let mark = writer.beginDocument()
    var isWritten = false
    do throws(BinlogProtocol.DecodingError) {
        try ColumnLayout(column, key: BSONKey("c")).write("v", cell, of: storage, to: &writer)
        writer.end(mark)
        isWritten = true
    } catch {
        requireOffset(error, within: storage.count)
    }
    if isWritten {
        requireSize(writer.count, of: value.count, factor: isCompressed ? 3 * 1032 + 1 : 16)
        do {
            try BSONDocument(writer.bytes).validate()
        } catch {
            require(false, "BSON of \(type): \(error)")
        }
    }
    var isRead = false
    do throws(BinlogProtocol.DecodingError) {
        _ = try ColumnValue(cell, of: column, in: storage)
        isRead = true
    } catch {
        requireOffset(error, within: storage.count)
    }
    require(isRead == isWritten, "the library and the sink agree on \(type)")
}

/// Text in any collation.
///
///     collation u16, text
func fuzzCharsets(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let charset = Charset(collationID: input.integer(bytes: 2))
    let text = input.rest()
    var output: [UInt8] = []
    do throws(BinlogProtocol.DecodingError) {
        let isText = try charset.appendUTF8(
            CellRange(start: 0, count: text.count), in: text, to: &output)
        require(isText || output.isEmpty, "nothing appended for what is no text in \(charset)")
        require(output.count <= 3 * text.count, "size of text in \(charset)")
        require(
            String(validating: output, as: UTF8.self) != nil, "UTF-8 of text in \(charset)")
    } catch {
        requireOffset(error, within: text.count)
    }
}
