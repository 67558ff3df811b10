import TestSupport
import Testing

@testable import BinlogProtocol

@Suite("Definitions from outside the log")
struct TableDefinitionTests {
    typealias Column = TableDefinition.Column

    // CREATE TABLE t (id INT UNSIGNED NOT NULL, s VARCHAR(20) CHARACTER SET latin1, n DECIMAL(10,2),
    //   e ENUM('a','b')) under binlog_row_metadata=MINIMAL
    private static let minimal = TableMapBytes(
        columns: [(3, []), (15, [20, 0]), (246, [10, 2]), (254, [247, 1])], nullable: [0x0e],
        optional: [(1, [0x80]), (2, [8])])

    private static let same = [
        Column(name: "id", type: "int unsigned", isNullable: false),
        Column(
            name: "s", type: "varchar(20)", isNullable: true, collationID: 8, byteCountMax: 20,
            isVisible: false),
        Column(name: "n", type: "decimal(10,2)", isNullable: true),
        Column(name: "e", type: "enum('a','b')", isNullable: true, collationID: 255),
    ]

    @Test("PY7: names, key and visibility come from the definition; MZ3: labels do not")
    func lookup() throws {
        let logged = try Self.minimal.table()
        #expect(logged.schema == .none && logged.needsDefinition)
        let table = logged.settled(
            with: TableDefinition(columns: Self.same, primaryKey: [1, 0]))
        #expect(table.schema == .lookup && table.hasColumnNames && !table.needsDefinition)
        #expect(table.columns.map(\.name) == ["id", "s", "n", "e"])
        #expect(table.primaryKey == [1, 0])
        #expect(table.columns.map(\.isVisible) == [true, false, true, true])
        #expect(
            table.columns.map(\.type) == [
                .integer(byteCount: 4, isUnsigned: true),
                .varchar(byteCountMax: 20, charset: .latin1), .decimal(precision: 10, scale: 2),
                .enumeration(byteCount: 1, labels: nil),
            ])
    }

    @Test("without metadata in the log signs and collations come from the definition")
    func noMetadata() throws {
        var bytes = Self.minimal
        bytes.optional = []
        let logged = try bytes.table()
        #expect(!logged.columns[0].isSignednessKnown)
        let table = logged.settled(with: TableDefinition(columns: Self.same))
        #expect(table.columns[0].isSignednessKnown)
        #expect(table.columns[0].type == .integer(byteCount: 4, isUnsigned: true))
        #expect(table.columns[1].type == .varchar(byteCountMax: 20, charset: .latin1))
        #expect(table.columns[3].collationID == 255)
    }

    /// Each change to a definition that agreed, by what a table map shows of it.
    private static let changes: [(name: String, change: @Sendable (inout [Column]) -> Void)] = [
        ("GM3: a column more", { $0.append($0[2]) }),
        ("GM3: a column fewer", { $0.removeLast() }),
        ("GM2: another order", { $0.swapAt(0, 1) }),
        ("another type", { $0[0].type = "bigint unsigned" }),
        ("another sign", { $0[0].type = "int" }),
        ("NULL allowed", { $0[0].isNullable = true }),
        ("longer", { $0[1].byteCountMax = 21 }),
        ("another collation", { $0[1].collationID = 255 }),
        ("bytes instead of text", { $0[1].type = "varbinary(20)" }),
        ("another scale", { $0[2].type = "decimal(10,3)" }),
        ("another precision", { $0[2].type = "decimal(11,2)" }),
        (
            "MZ3: as many labels as need two bytes",
            { columns in
                let labels = (0..<256).map { "'\($0)'" }.joined(separator: ",")
                columns[3].type = "enum(\(labels))"
            }
        ),
        ("a SET", { $0[3].type = "set('a','b')" }),
        ("a type that nobody knows", { $0[2].type = "quaternion" }),
        ("an empty type", { $0[2].type = "" }),
    ]

    @Test("what does not agree names nothing", arguments: changes.map(\.name))
    func mismatch(name: String) throws {
        let change = try #require(Self.changes.first { $0.name == name }).change
        var columns = Self.same
        change(&columns)
        let table = try Self.minimal.table().settled(
            with: TableDefinition(columns: columns, primaryKey: [0]))
        #expect(table.schema == .mismatch && !table.hasColumnNames && !table.needsDefinition)
        #expect(table.columns.map(\.name) == ["@1", "@2", "@3", "@4"])
        #expect(table.primaryKey.isEmpty)
        // What the log itself says stays.
        #expect(table.columns[0].type == .integer(byteCount: 4, isUnsigned: true))
    }

    @Test("a key that cannot be one", arguments: [[4], [-1], [0, 0]])
    func wrongKey(key: [Int]) throws {
        let definition = TableDefinition(columns: Self.same, primaryKey: key)
        #expect(try Self.minimal.table().settled(with: definition).schema == .mismatch)
    }

    @Test("no definition: nothing is added and nobody is asked again")
    func none() throws {
        let table = try Self.minimal.table().settled(with: nil)
        #expect(table.schema == .none && !table.needsDefinition)
        #expect(table.columns.map(\.name) == ["@1", "@2", "@3", "@4"])
    }

    @Test("UUID, INET4 and INET6 of MariaDB, also where the log has the names")
    func mariaDBTypes() throws {
        let definition = TableDefinition(
            columns: [("u", "uuid"), ("i", "inet6"), ("j", "inet4"), ("b", "binary(16)")].map {
                Column(name: $0, type: $1, isNullable: false)
            })
        let types: [ColumnType] = [.uuid, .inet6, .inet4, .binary(byteCount: 16)]
        for hasNames in [true, false] {
            var bytes = TableMapBytes(
                columns: [16, 16, 4, 16].map { (254, [254, $0]) }, optional: [(2, [63])])
            bytes.flavor = .mariadb
            if hasNames { bytes.optional.append(TableMapBytes.names(["u", "i", "j", "b"])) }
            let logged = try bytes.table()
            #expect(logged.needsDefinition)
            let table = logged.settled(with: definition)
            #expect(table.columns.map(\.type) == types)
            #expect(table.schema == (hasNames ? .log : .lookup))
            bytes.flavor = .mysql
            #expect(try bytes.table().needsDefinition == !hasNames)
        }
    }

    @Test("a type as information_schema spells it")
    func declaredTypes() {
        let label = DeclaredType(#"enum('a','b''c','d\\e','x,)y','\'') unsigned"#)
        #expect(label.word == "enum" && label.labelCount == 5 && label.isUnsigned)
        #expect(DeclaredType("DECIMAL(10,2) ZEROFILL").numbers == [10, 2])
        #expect(DeclaredType("decimal(10,2) zerofill").isUnsigned)
        #expect(!DeclaredType("int").isUnsigned)
        #expect(DeclaredType("text /*M!100301 COMPRESSED*/").isCompressed)
        #expect(DeclaredType("bit(99999999999999999999)").numbers == [1 << 40])
        #expect(DeclaredType(#"set('a\"#).labelCount == 1)
    }
}
