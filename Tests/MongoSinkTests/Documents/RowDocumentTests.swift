import BinlogProtocol
import MongoSink
import TestSupport
import Testing

@Suite("Documents of rows")
struct RowDocumentTests {
    /// The `chg` of each row of a made-up table, as Extended JSON.
    private func changes(_ map: TableMapBytes, _ images: [UInt8]) throws -> [String] {
        try EncodedLog.documents(try EncodedLog.insert(map, images)).map { document in
            try ExtendedJSON.line(try #require(try document.document("chg")))
        }
    }

    /// `op`, `meta` and `chg` of the rows of one table of a fixture file.
    private func rows(ofTable table: String, inFile name: String) throws -> [String] {
        let file = try BinlogFile(path: Fixtures.path("Rows/\(name)"))
        var events: [[UInt8]] = []
        while let event = try file.nextEvent() { events.append(event) }
        let documents = try EncodedLog.documents(
            events, DocumentOptions { $0 != "mysql" && $1 == table })
        return try documents.filter { try $0.string("op") != "ddl" }.map { document in
            let fields = try ["op", "meta", "chg"].compactMap { try document.element($0) }
            return try ExtendedJSON.line(
                BSONDocument(
                    BSONWriter.document { writer in
                        for field in fields {
                            writer.append(
                                BSONKey(field.name), type: field.type, value: field.valueBytes)
                        }
                    }))
        }
    }

    @Test("DT11: FULL, NOBLOB and MINIMAL images")
    func images() throws {
        let meta = #""meta":{"db":"images","tbl":"wide","pk":1}"#
        #expect(
            try rows(ofTable: "wide", inFile: "images.binlog").dropFirst() == [
                #"{"op":"u",\#(meta),"chg":{"c3":{"f":null,"t":"text"},"c10":{"f":null,"t":{"$binary":{"base64":"AP8=","subType":"00"}}},"c16":{"f":null,"t":16}}}"#,
                #"{"op":"u",\#(meta),"chg":{"c9":{"f":null,"t":9}}}"#,
                #"{"op":"u",\#(meta),"chg":{"c16":{"t":null},"c17":{"t":18}}}"#,
                #"{"op":"u","meta":{"db":"images","tbl":"wide","pk":2,"pkBefore":1},"chg":{"a":{"f":1,"t":2}}}"#,
                #"{"op":"d","meta":{"db":"images","tbl":"wide","pk":2},"chg":{"a":{"f":2}}}"#,
            ])
    }

    @Test("without labels ENUM is its index and SET its bits")
    func withoutLabels() throws {
        let rows = try rows(ofTable: "labels", inFile: "images.binlog")
        #expect(
            rows.last
                == #"{"op":"i","meta":{"db":"images","tbl":"labels","pk":null},"chg":{"@1":{"t":2},"@2":{"t":1},"@3":{"t":3},"@4":{"t":"v1"},"@5":{"t":"v2"},"@6":{"t":"v3"},"@7":{"t":"v4"},"@8":{"t":4294967295}}}"#
        )
    }

    @Test("text that is none in its character set is Binary, of which nothing is lost")
    func invalidText() throws {
        let map = TableMapBytes(
            columns: [(15, [40, 0]), (15, [40, 0])],
            optional: [TableMapBytes.names(["a", "b"]), (3, [45, 11])])
        #expect(
            try changes(map, [0, 2, 0x61, 0xff, 1, 0x80]) == [
                #"{"a":{"t":{"$binary":{"base64":"Yf8=","subType":"00"}}},"b":{"t":{"$binary":{"base64":"gA==","subType":"00"}}}}"#
            ])
    }

    @Test("ENUM: index 0 is the empty string, above the labels is an error")
    func enumeration() throws {
        let map = TableMapBytes(
            columns: [(254, [0xf7, 1])],
            optional: [TableMapBytes.names(["e"]), (6, [2, 1, 0x61, 1, 0x62]), (10, [45])])
        #expect(
            try changes(map, [0, 0, 0, 2]) == [#"{"e":{"t":""}}"#, #"{"e":{"t":"b"}}"#])
        #expect(throws: DecodingError.self) { try changes(map, [0, 3]) }
    }

    @Test("GEOMETRY is its SRID and its well-known binary, VECTOR a vector of floats")
    func geometryAndVector() throws {
        let map = TableMapBytes(
            columns: [(255, [1]), (242, [1])],
            optional: [TableMapBytes.names(["g", "v"]), (7, [1]), (13, [1])])
        #expect(
            try changes(map, [0, 6, 0xe6, 0x10, 0, 0, 1, 2, 4, 0, 0, 0x80, 0x3f]) == [
                #"{"g":{"t":{"srid":4326,"wkb":{"$binary":{"base64":"AQI=","subType":"00"}}}},"v":{"t":{"$binary":{"base64":"JwAAAIA/","subType":"09"}}}}"#
            ])
        #expect(throws: DecodingError.self, "a vector of no whole floats") {
            try changes(map, [0, 4, 0, 0, 0, 0, 3, 0, 0, 0])
        }
    }

    @Test("L2: names that are one after their escapes get numbers")
    func collidingNames() throws {
        let map = TableMapBytes(
            columns: Array(repeating: (1, []), count: 5),
            optional: [
                (1, [0]), TableMapBytes.names(["a.b", "a．b", "$x", "＄x", "a.b#2"]),
            ])
        #expect(
            try changes(map, [0, 1, 2, 3, 4, 5]) == [
                #"{"a．b":{"t":1},"a．b#2":{"t":2},"＄x":{"t":3},"＄x#2":{"t":4},"a．b#2#2":{"t":5}}"#
            ])
    }

    @Test(
        "M4, DT8: a change that would pass 16 MB says where its value is; one that just fits is whole"
    )
    func tooLarge() throws {
        let map = TableMapBytes(
            columns: [(252, [4])], optional: [TableMapBytes.names(["b"]), (2, [63])])
        func size(_ count: Int) throws -> Int64? {
            let image =
                [0] + [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: count >> $0) }
                + [UInt8](repeating: 7, count: count)
            let documents = try EncodedLog.documents(try EncodedLog.insert(map, image))
            #expect(documents.count == 1)
            return try documents.first?.integer("chg", "b", "t", "$oversize", "bytes")
        }
        #expect(try size(BSONLimits.changeBytesMax - 400) == nil)
        for count in [BSONLimits.changeBytesMax - 100, 40 << 20] {
            #expect(try size(count) == Int64(count))
        }
    }
}
