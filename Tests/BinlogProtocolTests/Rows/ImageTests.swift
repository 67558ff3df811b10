import BinlogProtocol
import TestSupport
import Testing

@Suite("Row images, as MySQL 9.7 wrote them")
struct ImageTests {
    /// One line a row: kind, the before image, the after image; columns not carried are left out.
    private static func trace(_ table: String) throws -> [String] {
        var lines: [String] = []
        for event in try FixtureEvents.rows(ofFile: "images.binlog")
        where event.table.table == table {
            for change in try event.rows {
                let images = [change.before, change.after].map { row in
                    row.map { text(of: $0, in: event.table) } ?? "none"
                }
                lines.append("\(event.kind) (\(images[0])) -> (\(images[1]))")
            }
        }
        return lines
    }

    private static func text(of row: Row, in table: TableMap) -> String {
        table.columns.enumerated().compactMap { index, column in
            row[index].map { value in
                switch value {
                case .integer(let number): "\(column.name)=\(number)"
                case .unsignedInteger(let number): "\(column.name)=\(number)"
                case .string(let text), .json(let text): "\(column.name)=\(text)"
                case .bytes(let bytes): "\(column.name)=\(SelectText.hex(bytes))"
                case .enumeration(let index, let label): "\(column.name)=\(index):\(label ?? "?")"
                case .set(let bits, let labels):
                    "\(column.name)=\(bits):\(labels?.joined(separator: ",") ?? "?")"
                case .null: "\(column.name)=NULL"
                default: "\(column.name)=\(value)"
                }
            }
        }.joined(separator: " ")
    }

    private static let nulls3To15 =
        "c3=NULL c4=NULL c5=NULL c6=NULL c7=NULL c8=NULL c9=NULL c10=NULL c11=NULL c12=NULL"
        + " c13=NULL c14=NULL c15=NULL"
    private static let middle = "c4=NULL c5=NULL c6=NULL c7=NULL c8=NULL"
    private static let tail = "c11=NULL c12=NULL c13=NULL c14=NULL c15=NULL"

    @Test("DT11, TYPE-CASES 0.20: 17 columns, FULL, NOBLOB and MINIMAL images")
    func partialImages() throws {
        let expected = [
            "insert (none) -> (a=1 c2=2 \(Self.nulls3To15) c16=NULL c17=17)",
            "update (a=1 c2=2 \(Self.nulls3To15) c16=NULL c17=17) -> "
                + "(a=1 c2=2 c3=text \(Self.middle) c9=NULL c10=00FF \(Self.tail) c16=16 c17=17)",
            "update (a=1 c2=2 \(Self.middle) c9=NULL \(Self.tail) c16=16 c17=17) -> "
                + "(a=1 c2=2 \(Self.middle) c9=9 \(Self.tail) c16=16 c17=17)",
            "update (a=1) -> (c16=NULL c17=18)",
            "update (a=1) -> (a=2)",
            "delete (a=2) -> (none)",
        ]
        #expect(try Self.trace("wide") == expected)
    }

    @Test("A row without any column in its image is one row: INSERT INTO nokey VALUES ()")
    func emptyImage() throws {
        #expect(
            try Self.trace("nokey") == ["insert (none) -> ()", "update (x=7 y=d) -> (x=8)"])
        #expect(
            try Self.trace("automatic") == ["insert (none) -> (id=1)", "insert (none) -> (id=2)"])
    }

    @Test("Partitions: of an update also where the row came from")
    func partitions() throws {
        let events = try FixtureEvents.rows(ofFile: "images.binlog").filter {
            $0.table.table == "parts"
        }
        #expect(events.map(\.partition) == [1, 2, 3, 3])
        #expect(events.map(\.sourcePartition) == [nil, nil, 2, nil])
        #expect(events.first?.table.primaryKey == [1, 0])
    }

    @Test("Keys with prefixes, invisible and generated columns; no columns of functional indexes")
    func hidden() throws {
        let events = try FixtureEvents.rows(ofFile: "images.binlog")
        let prefixed = try #require(events.first { $0.table.table == "prefixed" }?.table)
        #expect(prefixed.primaryKey == [1, 0])
        let hidden = try #require(events.first { $0.table.table == "hidden" }?.table)
        #expect(hidden.columns.map(\.name) == ["id", "inv", "g", "s", "j", "n"])
        #expect(hidden.columns.map(\.isVisible) == [true, false, true, true, true, true])
        #expect(hidden.columns.map(\.isNullable) == [false, true, true, true, true, true])
        #expect(
            try Self.trace("hidden")
                == ["insert (none) -> (id=1 inv=11 g=2 s=3 j=[1, 2] n=n)"])
    }

    @Test("TYPE-CASES 0.18: binlog_row_metadata FULL, then MINIMAL")
    func metadataSettings() throws {
        #expect(
            try Self.trace("labels") == [
                "insert (none) -> (e1=1:a e2=1:c s1=3:x,y v1=v1 v2=v2 v3=v3 v4=v4 u=4294967295)",
                "insert (none) -> (@1=2:? @2=1:? @3=3:? @4=v1 @5=v2 @6=v3 @7=v4 @8=4294967295)",
            ])
        let tables = try FixtureEvents.rows(ofFile: "images.binlog").map(\.table).filter {
            $0.table == "labels"
        }
        #expect(tables.map(\.hasColumnNames) == [true, false])
        #expect(tables.map { $0.columns[7].isSignednessKnown } == [true, true])
        #expect(tables.map { $0.columns[4].collationID } == [8, 8])
        #expect(tables.map { $0.columns[0].collationID } == [255, nil])
    }

    @Test("A character set that is not known stops at its values, not at the table")
    func unknownCharset() throws {
        let map = TableMapBytes(
            columns: [(15, [10, 0]), (254, [0xf7, 1]), (15, [10, 0])],
            optional: [
                TableMapBytes.names(["r", "e", "v"]), (3, [0xfc, 0x88, 0x13, 45]),
                (11, [0xfc, 0x88, 0x13]), (6, [1, 1, 0x61]),
            ])
        let table = try map.table()
        #expect(
            table.columns[0].type
                == .varchar(byteCountMax: 10, charset: .other(collationID: 5000)))
        #expect(
            table.columns[1].type
                == .unsupported("text in collation 5000 in the labels of ENUM column e"))
        #expect(throws: BinlogProtocol.DecodingError(.unsupported("text in collation 5000"), at: 0))
        {
            try ColumnValue(CellRange(start: 0, count: 1), of: table.columns[0], in: [0x61])
        }
        #expect(
            try ColumnValue(CellRange(start: 0, count: 1), of: table.columns[2], in: [0x61])
                == .string("a"))
    }

    // INSERT INTO foreigntext VALUES (1, 'ж', 'ж', 'plain'), (2, NULL, NULL, 'plain')
    @Test("A column and labels in koi8r")
    func foreignText() throws {
        let event = try #require(
            try FixtureEvents.rows(ofFile: "images.binlog").first {
                $0.table.table == "foreigntext"
            })
        var cursor = RowCursor(event)
        #expect(try cursor.next())
        #expect(
            try ColumnValue(cursor.after[1], of: event.table.columns[1], in: event.storage)
                == .string("ж"))
        #expect(
            try ColumnValue(cursor.after[2], of: event.table.columns[2], in: event.storage)
                == .enumeration(index: 1, label: "ж"))
        #expect(try cursor.next())
        #expect(cursor.after[1].isNull && cursor.after[2].isNull)
        #expect(
            try ColumnValue(cursor.after[3], of: event.table.columns[3], in: event.storage)
                == .string("plain"))
        #expect(try !cursor.next())
    }

    @Test("GM1: one table map, several rows events, only the last ends the statement")
    func statementEnd() throws {
        let events = try FixtureEvents.rows(ofFile: "images.binlog").filter {
            $0.table.table == "many"
        }
        #expect(events.map(\.isStatementEnd) == [false, false, false, false, true])
        #expect(
            try events.flatMap { try $0.rows }.map { $0.after?[0] } == (1...10).map { .integer($0) }
        )
    }
}
