import BinlogProtocol
import TestSupport
import Testing

@testable import MongoSink

/// Types that a table map alone does not tell, and MariaDB's: the BSON form of their values.
@Suite("BSON of columns")
struct ColumnLayoutTests {
    private func column(_ type: ColumnType) -> Column {
        Column(
            name: "c", type: type, isNullable: true, isSignednessKnown: true, collationID: nil,
            isVisible: nil, storage: .undecodable)
    }

    /// One value as relaxed Extended JSON.
    private func line(_ type: ColumnType, _ bytes: [UInt8]) throws -> String {
        let layout = ColumnLayout(column(type), key: BSONKey("c"))
        var writer = BSONWriter()
        let mark = writer.beginDocument()
        let padded = [0xff] + bytes + [0xff]
        try layout.write("value", CellRange(start: 1, count: bytes.count), of: padded, to: &writer)
        writer.end(mark)
        let document = try BSONDocument(writer.bytes)
        try document.validate()
        return try ExtendedJSON.line(document)
    }

    @Test(
        "UUID, INET4 and INET6 are the text that SELECT prints",
        arguments: [
            (.uuid, [0x12, 0x3e, 0x45, 0x67], "123e4567-0000-0000-0000-000000000000"),
            (.inet4, [10, 0, 0, 1], "10.0.0.1"), (.inet4, [], "0.0.0.0"), (.inet6, [], "::"),
            (.inet6, [0xfe, 0x80], "fe80::"),
        ] as [(ColumnType, [UInt8], String)])
    func addresses(type: ColumnType, bytes: [UInt8], text: String) throws {
        #expect(try line(type, bytes) == #"{"value":"\#(text)"}"#)
    }

    // SELECT of t3, d3, s0, s3 and s6 on MariaDB 10.11 with mysql56_temporal_format=OFF
    @Test(
        "MX7: old dates and times have the form of the new ones",
        arguments: [
            (.oldTime(fractionDigits: 3), [0x00, 0xb4, 0x40, 0x74, 0xf3], #""01:02:03.123""#),
            (
                .oldDatetime(fractionDigits: 3), [0x00, 0x41, 0xc9, 0xb4, 0x45, 0xfd, 0xc5],
                #""2012-06-21 15:45:17.765""#
            ),
            (
                .oldTimestamp(fractionDigits: 0), [0x8d, 0x41, 0xe3, 0x4f],
                #"{"$date":"2012-06-21T15:45:17Z"}"#
            ),
            (
                .oldTimestamp(fractionDigits: 3), [0x4f, 0xe3, 0x41, 0x8d, 0x02, 0xfd],
                #"{"$date":"2012-06-21T15:45:17.765Z"}"#
            ),
            (
                .oldTimestamp(fractionDigits: 6), [0x4f, 0xe3, 0x41, 0x8d, 0x0b, 0xad, 0xf8],
                #""2012-06-21T15:45:17.765432Z""#
            ),
            (.oldTimestamp(fractionDigits: 0), [0, 0, 0, 0], #""0000-00-00 00:00:00""#),
            (
                .oldTimestamp(fractionDigits: 6), [0, 0, 0, 0, 0, 0, 0],
                #""0000-00-00 00:00:00""#
            ),
        ] as [(ColumnType, [UInt8], String)])
    func oldTemporal(type: ColumnType, bytes: [UInt8], json: String) throws {
        #expect(try line(type, bytes) == #"{"value":\#(json)}"#)
    }

    // INSERT INTO c VALUES ('abc'), (''), (REPEAT('a', 100))
    @Test("COMPRESSED columns are what they are without; text that is none is Binary")
    func compressed() throws {
        let text = ColumnType.compressed(.varchar(byteCountMax: 400, charset: .utf8mb4))
        let bytes = ColumnType.compressed(.blob(lengthByteCount: 2))
        #expect(try line(text, [0, 0x61, 0x62, 0x63]) == #"{"value":"abc"}"#)
        #expect(try line(text, []) == #"{"value":""}"#)
        let long: [UInt8] = [0x89, 0x64, 0x4b, 0x4c, 0xa4, 0x3d, 0, 0]
        #expect(
            try line(text, long) == #"{"value":"\#(String(repeating: "a", count: 100))"}"#)
        #expect(
            try line(text, [0, 0xff])
                == #"{"value":{"$binary":{"base64":"/w==","subType":"00"}}}"#)
        #expect(
            try line(bytes, [0, 0x61])
                == #"{"value":{"$binary":{"base64":"YQ==","subType":"00"}}}"#)
        #expect(
            try line(bytes, []) == #"{"value":{"$binary":{"base64":"","subType":"00"}}}"#)
    }

    @Test("M4: a compressed value that announces more than 16 MB and is none is an error")
    func tooLargeDecompressed() throws {
        // 17 MiB announced by as few bytes as can hold them; they are no DEFLATE at all.
        let map = TableMapBytes(
            columns: [(140, [4])], optional: [TableMapBytes.names(["b"]), (2, [63])])
        let value: [UInt8] = [0x8c, 1, 0x10, 0, 0] + [UInt8](repeating: 0xff, count: 20_000)
        let image =
            [0] + [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value.count >> $0) } + value
        #expect(throws: DecodingError.self) {
            try EncodedLog.documents(try EncodedLog.insert(map, image))
        }
    }

    @Test("DZ17, DT10: text in other character sets; what is no text there is Binary")
    func charsets() throws {
        let gbk = ColumnType.varchar(byteCountMax: 20, charset: .gbk)
        #expect(try line(gbk, [0x81, 0x51]) == #"{"value":"丵"}"#)
        #expect(
            try line(gbk, [0x61, 0x81])
                == #"{"value":{"$binary":{"base64":"YYE=","subType":"00"}}}"#)
        #expect(
            try line(.text(lengthByteCount: 1, charset: .utf16), [0xd8, 0x3c, 0xdf, 0x54])
                == #"{"value":"🍔"}"#)
    }

    @Test(
        "Columns whose values cannot be found or read say why",
        arguments: [
            (.oldTime(fractionDigits: nil), "mysql56_temporal_format"),
            (.compressed(.json), "a type that MariaDB does not compress"),
            (.unsupported("type 20 of column c"), "type 20 of column c"),
        ] as [(ColumnType, String)])
    func refused(type: ColumnType, reason: String) {
        let error = #expect(throws: DecodingError.self) { try line(type, [0, 0, 0]) }
        #expect(error?.description.contains(reason) == true)
    }
}
