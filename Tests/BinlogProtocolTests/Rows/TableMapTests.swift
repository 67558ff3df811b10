import BinlogProtocol
import TestSupport
import Testing

@Suite("Table maps")
struct TableMapTests {
    private func verify(
        _ table: TableMapBytes, columns: [Column], at location: SourceLocation = #_sourceLocation
    ) {
        let (bytes, ends) = table.encoded
        verifyDecoder(bytes, equals: columns, validPrefixes: ends, sourceLocation: location) {
            (reader: inout ByteReader) throws(DecodingError) in
            let decoded = try TableMap(from: &reader, tableIDBytes: 6, flavor: table.flavor)
            return decoded.columns
        }
    }

    private func types(_ table: TableMapBytes) throws -> [ColumnType] {
        try table.table().columns.map(\.type)
    }

    @Test("A table of one column, and what is known without any metadata")
    func smallest() throws {
        let bytes = TableMapBytes(columns: [(3, []), (15, [0x14, 0])], nullable: [0b10])
        let table = try bytes.table()
        #expect(table.tableID == 0x1122_3344_5566)
        #expect(table.database == "shop" && table.table == "orders")
        #expect(!table.hasColumnNames && table.primaryKey.isEmpty)
        #expect(table.columns.map(\.name) == ["@1", "@2"])
        #expect(table.columns.map(\.isNullable) == [false, true])
        #expect(table.columns.map(\.isSignednessKnown) == [false, true])
        #expect(
            table.columns.map(\.type) == [
                .integer(byteCount: 4, isUnsigned: false),
                .varchar(byteCountMax: 20, charset: .unknown),
            ])
        verify(bytes, columns: table.columns)
    }

    // CREATE TABLE t (y YEAR, d DECIMAL(5,2), f FLOAT, x TEXT, t TINYINT UNSIGNED,
    //                 m MEDIUMINT UNSIGNED, e DOUBLE, b BIGINT UNSIGNED)
    @Test("GM4: signedness counts YEAR, DECIMAL, FLOAT and DOUBLE, but not TEXT")
    func signedness() throws {
        let bytes = TableMapBytes(
            columns: [
                (13, []), (246, [5, 2]), (4, [4]), (252, [2]), (1, []), (9, []), (5, [8]), (8, []),
            ], optional: [(1, [0b0001_1010])])
        let types = try types(bytes)
        #expect(types[4] == .integer(byteCount: 1, isUnsigned: true))
        #expect(types[5] == .integer(byteCount: 3, isUnsigned: true))
        #expect(types[7] == .integer(byteCount: 8, isUnsigned: true))
        let maria = TableMapBytes(
            columns: bytes.columns, optional: [(1, [0b1001_1010])])
        #expect(try self.types(maria) == types)
        verify(bytes, columns: try bytes.table().columns)
    }

    @Test(
        "TYPE-CASES 0.5: the length of a CHAR hides two bits in its type",
        arguments: [
            ([0xee, 0xfc], ColumnType.char(byteCountMax: 508, charset: .utf8mb4)),
            ([0xde, 0x00], .char(byteCountMax: 512, charset: .utf8mb4)),
            ([0xce, 0xfc], .char(byteCountMax: 1020, charset: .utf8mb4)),
            ([0xfe, 0xff], .char(byteCountMax: 255, charset: .utf8mb4)),
            ([0xf7, 0x02], .enumeration(byteCount: 2, labels: nil)),
            ([0xf8, 0x08], .set(byteCount: 8, labels: nil)),
        ] as [([UInt8], ColumnType)])
    func stringLengths(metadata: [UInt8], type: ColumnType) throws {
        let bytes = TableMapBytes(columns: [(254, metadata)], optional: [(2, [45])])
        #expect(try types(bytes) == [type])
    }

    @Test("Character sets: a default with exceptions, or one by one; BINARY and BLOB by number 63")
    func charsets() throws {
        // CHAR(10), an INT that does not count, VARCHAR(20), TEXT, an ENUM that does not count, BLOB
        let columns: [(UInt8, [UInt8])] = [
            (254, [0xfe, 40]), (3, []), (15, [80, 0]), (252, [2]), (254, [0xf7, 1]), (252, [2]),
        ]
        let expected: [ColumnType] = [
            .char(byteCountMax: 40, charset: .utf8mb4), .integer(byteCount: 4, isUnsigned: false),
            .varchar(byteCountMax: 80, charset: .latin1),
            .text(lengthByteCount: 2, charset: .utf8mb4),
            .enumeration(byteCount: 1, labels: nil), .blob(lengthByteCount: 2),
        ]
        let withDefault = TableMapBytes(
            columns: columns, optional: [(2, [0xfc, 0xff, 0x00, 1, 8, 3, 63]), (10, [45])])
        #expect(try types(withDefault) == expected)
        let oneByOne = TableMapBytes(
            columns: columns, optional: [(11, [45]), (3, [45, 8, 0xfc, 0xff, 0x00, 63])])
        #expect(try types(oneByOne) == expected)
        #expect(try oneByOne.table().columns.map(\.collationID) == [45, nil, 8, 255, 45, 63])
        let binary = TableMapBytes(
            columns: [(254, [0xfe, 16]), (15, [4, 0]), (245, [4])], optional: [(2, [63])])
        #expect(try types(binary) == [.binary(byteCount: 16), .varbinary(byteCountMax: 4), .json])
    }

    @Test("Labels, names, keys and visibility, in any order; labels in their character set")
    func fullMetadata() throws {
        let bytes = TableMapBytes(
            columns: [(254, [0xf7, 1]), (254, [0xf8, 1]), (255, [4]), (242, [4])],
            optional: [
                (6, [2, 1, 0xe9, 1, 0x62]), (13, [3]), (4, [1, 0x65, 1, 0x73, 1, 0x67, 1, 0x76]),
                (5, [1, 2, 0xc3, 0xa9]), (12, [0b1010_0000]), (11, [8, 45]), (7, [1]),
                (9, [1, 0, 0, 10]), (3, [63]),
            ])
        let table = try bytes.table()
        #expect(
            table.columns.map(\.type) == [
                .enumeration(byteCount: 1, labels: ["é", "b"]), .set(byteCount: 1, labels: ["é"]),
                .geometry(kind: 1), .vector(dimension: 3),
            ])
        #expect(table.columns.map(\.name) == ["e", "s", "g", "v"])
        #expect(table.columns.map(\.isVisible) == [true, false, true, false])
        #expect(table.primaryKey == [1, 0])
        #expect(table.hasColumnNames)
        verify(bytes, columns: table.columns)
    }

    @Test("OJ12: metadata of an unknown type is stepped over, what follows is read")
    func unknownMetadata() throws {
        let bytes = TableMapBytes(
            columns: [(1, [])], optional: [(14, [1, 2, 3]), (200, []), (1, [0x80]), (255, [9])])
        #expect(try types(bytes) == [.integer(byteCount: 1, isUnsigned: true)])
    }

    @Test("Types that are not decoded stop at their values; an unknown number stops at once")
    func unsupportedTypes() throws {
        let arrays = TableMapBytes(
            columns: [
                (0, []), (6, []), (20, [15, 4, 0, 0]), (20, [246, 10, 2]), (20, [8]),
                (20, [18, 3]),
                (20, [14]), (1, []),
            ])
        #expect(
            try types(arrays).dropLast()
                == [0, 6, 20, 20, 20, 20, 20].enumerated().map {
                    .unsupported("type \($0.element) of column @\($0.offset + 1)")
                })
        #expect(try types(arrays).last == .integer(byteCount: 1, isUnsigned: false))
        #expect(
            try types(TableMapBytes(columns: [(253, [4, 0])]))
                == [.varchar(byteCountMax: 4, charset: .unknown)])
        for code: UInt8 in [21, 128, 139, 142, 241, 243] {
            let error = #expect(throws: DecodingError.self) {
                try TableMapBytes(columns: [(code, [])]).table()
            }
            #expect(error?.code == .unsupported("column type \(code)"))
        }
    }

    @Test(
        "MD1: metadata that does not fit its columns",
        arguments: [
            ([(3, [])], [(1, [])], .truncated(needed: 1, available: 0)),
            ([(3, [])], [(1, [0x80, 0])], .trailingBytes(count: 1)),
            ([(15, [4, 0])], [(3, [])], .truncated(needed: 1, available: 0)),
            ([(15, [4, 0])], [(3, [45, 45])], .trailingBytes(count: 1)),
            ([(15, [4, 0])], [(2, [45, 1, 8])], .invalid("column index of a collation")),
            (
                [(15, [4, 0])], [(3, [0xfe, 0, 0, 0, 0, 1, 0, 0, 0])],
                .invalid("number in a table map's metadata")
            ),
            ([(3, [])], [(8, [1])], .invalid("column index of a primary key")),
            ([(3, [])], [(9, [0])], .truncated(needed: 1, available: 0)),
            (
                [(254, [0xf7, 1])], [(6, [0xfe, 255, 255, 255, 255, 255, 255, 255, 255])],
                .truncated(needed: Int.max, available: 0)
            ),
            ([(254, [0xf7, 1])], [(6, [1, 5, 0x61])], .truncated(needed: 5, available: 1)),
            ([(254, [0xf7, 3])], [], .invalid("metadata of column type 254")),
            ([(254, [0xf8, 5])], [], .invalid("metadata of column type 254")),
            ([(254, [0x01, 5])], [], .invalid("metadata of column type 254")),
            ([(252, [5])], [], .invalid("length of a BLOB's length")),
            ([(252, [0])], [], .invalid("length of a BLOB's length")),
            ([(4, [8])], [], .invalid("length of a floating-point column")),
            ([(246, [66, 0])], [], .invalid("precision and scale of a DECIMAL")),
            ([(246, [2, 3])], [], .invalid("precision and scale of a DECIMAL")),
            ([(16, [8, 0])], [], .invalid("width of a BIT")),
            ([(16, [0, 0])], [], .invalid("width of a BIT")),
            ([(16, [1, 8])], [], .invalid("width of a BIT")),
            ([(19, [7])], [], .invalid("fraction digits of a temporal column")),
            ([(20, [20])], [], .invalid("element type of a typed array")),
            ([(3, [0])], [], .trailingBytes(count: 1)),
            ([(15, [4])], [], .truncated(needed: 2, available: 1)),
        ] as [([(UInt8, [UInt8])], [(UInt8, [UInt8])], DecodingError.Code)])
    func mismatch(
        columns: [(UInt8, [UInt8])], optional: [(UInt8, [UInt8])], code: DecodingError.Code
    ) {
        let error = #expect(throws: DecodingError.self) {
            try TableMapBytes(columns: columns, optional: optional).table()
        }
        #expect(error?.code == code)
    }

    @Test(
        "MD1: hostile metadata is refused before it costs anything",
        arguments: [
            (
                [(255, [4])], [(7, [1]), (7, [1])],
                .invalid("metadata of a table map: a type comes twice")
            ),
            (
                [(3, [])], [(200, []), (200, [])],
                .invalid("metadata of a table map: a type comes twice")
            ),
            ([(3, []), (3, [])], [(8, [1, 1])], .invalid("column index of a primary key")),
            ([(3, []), (3, [])], [(9, [1, 0, 1, 0])], .invalid("column index of a primary key")),
            (
                [(254, [0xf8, 8])], [(5, [65] + [UInt8](repeating: 0, count: 65))],
                .invalid("number of labels of a column")
            ),
            (
                [(254, [0xf7, 2])],
                [(6, [0xfd, 0, 0, 1] + [UInt8](repeating: 0, count: 65_536))],
                .invalid("number of labels of a column")
            ),
        ] as [([(UInt8, [UInt8])], [(UInt8, [UInt8])], DecodingError.Code)])
    func hostileMetadata(
        columns: [(UInt8, [UInt8])], optional: [(UInt8, [UInt8])], code: DecodingError.Code
    ) {
        mismatch(columns: columns, optional: optional, code: code)
    }

    @Test("The most labels that a server allows")
    func mostLabels() throws {
        let enumeration = TableMapBytes(
            columns: [(254, [0xf7, 2])],
            optional: [(6, [0xfc, 255, 255] + [UInt8](repeating: 0, count: 65_535)), (10, [45])])
        let set = TableMapBytes(
            columns: [(254, [0xf8, 8])],
            optional: [(5, [64] + [UInt8](repeating: 0, count: 64)), (10, [45])])
        #expect(
            try types(enumeration)
                == [.enumeration(byteCount: 2, labels: Array(repeating: "", count: 65_535))])
        #expect(try types(set) == [.set(byteCount: 8, labels: Array(repeating: "", count: 64))])
    }

    @Test("More columns than a table can have")
    func tooManyColumns() {
        let columns = Array(repeating: (type: UInt8(3), metadata: [UInt8]()), count: 4097)
        let error = #expect(throws: DecodingError.self) {
            try TableMapBytes(columns: columns).table()
        }
        #expect(error?.code == .invalid("number of columns"))
    }

    @Test("A name without its end")
    func unterminatedName() {
        var bytes = TableMapBytes(columns: [(3, [])]).encoded.bytes
        bytes[13] = 1
        var reader = ByteReader(bytes)
        #expect(throws: DecodingError(.invalid("end of a name in a table map"), at: 13)) {
            try TableMap(from: &reader, tableIDBytes: 6)
        }
    }
}
