import BinlogProtocol
import TestSupport
import Testing

/// What MariaDB's table maps have beyond MySQL's; the bytes are those of 10.11 and 11.8.
@Suite("Table maps of MariaDB")
struct MariaDBTableMapTests {
    // CREATE TABLE y (id INT PRIMARY KEY, a TINYINT UNSIGNED, y YEAR, b TINYINT, f FLOAT UNSIGNED, g GEOMETRY,
    //   p POINT, tx TEXT, e ENUM('é','日本'), d DECIMAL(10,2) UNSIGNED, inv INT INVISIBLE,
    //   gen INT AS (id+1) STORED, gv INT AS (id+1) VIRTUAL, j JSON) CHARSET utf8mb4
    private static let wide = hexBytes(
        "1a000000000001000178000179000e03010d0104fffffcfef6030303fc0904040402f7010a0204fe3f"
            + "01026c0003043f3f2d2e0702000104230269640161017901620166016701700274780165016403696e76"
            + "0367656e026776016a0a012d060b0202c3a906e697a5e69cac080100")

    private func table(_ bytes: [UInt8]) throws(DecodingError) -> TableMap {
        var reader = ByteReader(bytes)
        let table = try TableMap(from: &reader, tableIDBytes: 6, flavor: .mariadb)
        try reader.finish()
        return table
    }

    @Test(
        "0.1, MX8: YEAR is unsigned, GEOMETRY has a character set, labels"
    )
    func wide() throws {
        let table = try table(Self.wide)
        #expect(
            table.columns.map(\.type) == [
                .integer(byteCount: 4, isUnsigned: false), .integer(byteCount: 1, isUnsigned: true),
                .year, .integer(byteCount: 1, isUnsigned: false), .float, .geometry(kind: 0),
                .geometry(kind: 1), .text(lengthByteCount: 2, charset: .utf8mb4),
                .enumeration(byteCount: 1, labels: ["é", "日本"]),
                .decimal(precision: 10, scale: 2), .integer(byteCount: 4, isUnsigned: false),
                .integer(byteCount: 4, isUnsigned: false),
                .integer(byteCount: 4, isUnsigned: false),
                .text(lengthByteCount: 4, charset: .utf8mb4),
            ])
        #expect(table.columns.suffix(4).map(\.name) == ["inv", "gen", "gv", "j"])
        verifyDecoder(
            Self.wide, equals: table.columns, validPrefixes: [41, 45, 51, 55, 92, 95, 108]
        ) { (reader: inout ByteReader) throws(DecodingError) in
            try TableMap(from: &reader, tableIDBytes: 6, flavor: .mariadb).columns
        }
    }

    // CREATE TABLE c (id INT PRIMARY KEY, v VARCHAR(100) COMPRESSED, w VARCHAR(1000) COMPRESSED,
    //   t TINYTEXT COMPRESSED, b BLOB COMPRESSED, m MEDIUMTEXT COMPRESSED, l LONGBLOB COMPRESSED,
    //   vb VARBINARY(300) COMPRESSED, z INT, vl VARCHAR(20) COMPRESSED CHARACTER SET latin1)
    @Test("COMPRESSED columns: types 140 and 141")
    func compressed() throws {
        let table = try table(
            hexBytes(
                "19000000000001000178000163000a038d8d8c8c8c8c8d038d0c6500e903010203042d011500fe03"
                    + "010100020708033f053f063f04170269640176017701740162016d016c027662017a02766c080100"
            ))
        #expect(
            table.columns.map(\.type) == [
                .integer(byteCount: 4, isUnsigned: false),
                .compressed(.varchar(byteCountMax: 100, charset: .latin1)),
                .compressed(.varchar(byteCountMax: 1000, charset: .latin1)),
                .compressed(.text(lengthByteCount: 1, charset: .latin1)),
                .compressed(.blob(lengthByteCount: 2)),
                .compressed(.text(lengthByteCount: 3, charset: .latin1)),
                .compressed(.blob(lengthByteCount: 4)),
                .compressed(.varbinary(byteCountMax: 300)),
                .integer(byteCount: 4, isUnsigned: false),
                .compressed(.varchar(byteCountMax: 20, charset: .latin1)),
            ])
    }

    @Test(
        "UUID, INET4, INET6 look like BINARY and VECTOR like VARBINARY until they are known"
    )
    func fixedStrings() throws {
        let bytes = TableMapBytes(
            columns: [
                (254, [0xfe, 16]), (254, [0xfe, 4]), (254, [0xfe, 16]), (15, [12, 0]), (3, []),
            ], optional: [(2, [63])], flavor: .mariadb)
        let columns = try bytes.table().columns
        #expect(
            columns.dropLast().map(\.type) == [
                .binary(byteCount: 16), .binary(byteCount: 4), .binary(byteCount: 16),
                .varbinary(byteCountMax: 12),
            ])
        #expect(columns[0].replacingType(.uuid).type == .uuid)
        #expect(columns[1].replacingType(.inet4).type == .inet4)
        #expect(columns[2].replacingType(.inet6).type == .inet6)
        #expect(columns[3].replacingType(.vector(dimension: 3)).type == .vector(dimension: 3))
        for type in [ColumnType.uuid, .inet4, .inet6, .vector(dimension: nil), .json] {
            #expect(columns[4].replacingType(type) == columns[4])
        }
        #expect(columns[1].replacingType(.uuid) == columns[1])
        #expect(columns[0].replacingType(.uuid).storage == columns[0].storage)
    }

    @Test("MX7: old dates and times have a fraction that the log does not tell, except MySQL's")
    func oldTemporal() throws {
        var bytes = TableMapBytes(columns: [(11, []), (12, []), (7, [])], flavor: .mariadb)
        let columns = try bytes.table().columns
        #expect(
            columns.map(\.type) == [
                .oldTime(fractionDigits: nil), .oldDatetime(fractionDigits: nil),
                .oldTimestamp(fractionDigits: nil),
            ])
        #expect(columns.map(\.storage) == [.undecodable, .undecodable, .undecodable])
        #expect(
            columns[0].refusal
                == "column @1: the form of before MariaDB 10.1, whose fraction the"
                + " log does not tell (ALTER TABLE ... FORCE with"
                + " mysql56_temporal_format=ON gives it the new one)"
        )
        let known = columns.map { $0.replacingFractionDigits(3) }
        #expect(
            known.map(\.type) == [
                .oldTime(fractionDigits: 3), .oldDatetime(fractionDigits: 3),
                .oldTimestamp(fractionDigits: 3),
            ])
        #expect(known.map(\.storage) == [.fixed(5), .fixed(7), .fixed(6)])
        #expect(known.allSatisfy { $0.refusal == nil && $0.replacingType(.uuid) == $0 })
        bytes.flavor = .mysql
        #expect(
            try bytes.table().columns.map(\.type) == [
                .oldTime(fractionDigits: 0), .oldDatetime(fractionDigits: 0),
                .oldTimestamp(fractionDigits: 0),
            ])
        #expect(try bytes.table().columns.map(\.storage) == [.fixed(3), .fixed(8), .fixed(4)])
    }
}
