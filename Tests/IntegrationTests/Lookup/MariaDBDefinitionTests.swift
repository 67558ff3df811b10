import TestSupport
import Testing

@testable import BinlogProtocol

/// What `information_schema` of a real MariaDB server answers.
@Suite("Definitions of MariaDB's tables")
struct MariaDBDefinitionTests {
    @Test("its own types, invisible columns, system versioning, and a table that is gone")
    func definitions() throws {
        let server = try Services.standard(.mariadb)
        let root = try server.root()
        let name = "definitions\(UInt32.random(in: 0...999_999_999))"
        try run(
            root,
            [
                "CREATE DATABASE \(name)",
                """
                CREATE TABLE \(name).t (a INT UNSIGNED, u UUID, i INET6, c TEXT COMPRESSED CHARACTER SET latin1,
                  h INT INVISIBLE, PRIMARY KEY (u, a))
                """,
                "CREATE TABLE \(name).v (id INT PRIMARY KEY) WITH SYSTEM VERSIONING",
            ])
        let schema = InformationSchema(
            try server.options(
                user: server.rootUser, password: server.rootPassword, flavor: .mariadb),
            of: try SourceInfo.read(root), cancellation: try Cancellation())
        let table = try #require(try schema.definition(of: name, "t"))
        #expect(
            table.columns.map(\.type) == [
                "int(10) unsigned", "uuid", "inet6", "text /*M!100301 COMPRESSED*/", "int(11)",
            ])
        #expect(table.columns.map(\.isVisible) == [true, true, true, true, false])
        #expect(table.columns.map(\.collationID) == [nil, nil, nil, 8, nil])
        #expect(table.primaryKey == [1, 0])
        let versioned = try #require(try schema.definition(of: name, "v"))
        #expect(versioned.columns.map(\.name) == ["id", "row_start", "row_end"])
        #expect(versioned.primaryKey == [0, 2])
        #expect(try schema.definition(of: name, "T") == nil)
        try run(root, ["DROP DATABASE \(name)"])
        #expect(try schema.definition(of: name, "t") == nil)
        try schema.close()
    }
}
