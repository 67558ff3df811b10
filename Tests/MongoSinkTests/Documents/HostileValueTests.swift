import BinlogProtocol
import TestSupport
import Testing

@testable import MongoSink

/// Any bytes in a column of any type: a value, or an error with its place, but never the end of the process.
@Suite("Values of any bytes")
struct HostileValueTests {
    private static let types: [ColumnType] =
        [
            .integer(byteCount: 3, isUnsigned: false), .integer(byteCount: 8, isUnsigned: true),
            .float, .double, .decimal(precision: 65, scale: 30), .decimal(precision: 5, scale: 5),
            .bit(count: 1), .bit(count: 64), .year, .date, .uuid, .inet4, .inet6, .json,
            .binary(byteCount: 4), .varbinary(byteCountMax: 9), .blob(lengthByteCount: 2),
            .enumeration(byteCount: 2, labels: ["a"]), .enumeration(byteCount: 1, labels: nil),
            .set(byteCount: 8, labels: ["a", "b"]), .set(byteCount: 8, labels: nil),
            .geometry(kind: nil), .vector(dimension: 1),
            .compressed(.text(lengthByteCount: 1, charset: .gbk)),
            .compressed(.blob(lengthByteCount: 1)),
            .compressed(.varchar(byteCountMax: 9, charset: .utf16)),
        ]
        + (0...6).flatMap { digits -> [ColumnType] in
            [
                .time(fractionDigits: digits), .datetime(fractionDigits: digits),
                .timestamp(fractionDigits: digits), .oldTime(fractionDigits: digits),
                .oldDatetime(fractionDigits: digits), .oldTimestamp(fractionDigits: digits),
            ]
        } + Charset.all.map { .varchar(byteCountMax: 20, charset: $0) }

    private static let heads: [[UInt8]] = [
        [], [0], [0x80], [0x89, 4], [0x81, 200], [0x8c, 0xff, 0xff], [0x0f, 0xf6], [0x01], [0x00],
    ]

    @Test("MX5: random bytes of up to 40 in every type")
    func random() {
        var generator = SeededGenerator(seed: decoderSeed)
        var values = 0
        var refusals = 0
        for type in Self.types {
            let column = Column(
                name: "c", type: type, isNullable: true, isSignednessKnown: true, collationID: nil,
                isVisible: nil, storage: .undecodable)
            let layout = ColumnLayout(column, key: BSONKey("c"))
            for _ in 0..<300 {
                let head = Self.heads.randomElement(using: &generator) ?? []
                let count = Int.random(in: 0...40, using: &generator)
                let isText = Bool.random(using: &generator)
                let bytes =
                    head
                    + (0..<count).map { _ in
                        UInt8.random(in: isText ? 0x20...0x7e : 0...255, using: &generator)
                    }
                let cell = CellRange(start: 0, count: bytes.count)
                var writer = BSONWriter()
                let mark = writer.beginDocument()
                do throws(BinlogProtocol.DecodingError) {
                    try layout.write("v", cell, of: bytes, to: &writer)
                    writer.end(mark)
                    values += 1
                } catch {
                    refusals += 1
                    // The library and the sink refuse the same values.
                    #expect(throws: BinlogProtocol.DecodingError.self, "\(type) \(bytes)") {
                        try ColumnValue(cell, of: column, in: bytes)
                    }
                    continue
                }
                #expect(throws: Never.self, "\(type) \(bytes)") {
                    try BSONDocument(writer.bytes).validate()
                    _ = try ColumnValue(cell, of: column, in: bytes)
                }
            }
        }
        #expect(values > 3000 && refusals > 3000)
    }
}
