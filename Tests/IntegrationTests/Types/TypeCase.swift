import BinlogProtocol
import TestSupport

/// A column type with literals at its edges, and how to ask the server for what it stored.
struct TypeCase: Sendable {
    /// How the stored value is selected to be compared with ``SelectText``.
    enum Form: String, Sendable {
        case plain = "CAST(v AS CHAR)"
        case double = "CAST(v AS DOUBLE)"
        case number = "v + 0"
        case text = "HEX(CONVERT(v USING utf8mb4))"
        case bytes = "HEX(v)"
        case label = "CONCAT(CAST(v AS UNSIGNED), ':', HEX(CONVERT(v USING utf8mb4)))"
        /// UUID, INET4 and INET6, which the log holds without their type.
        case address = "HEX(CAST(v AS CHAR))"
    }

    let sql: String
    let form: Form
    let literals: [String]
    /// What `information_schema` says of a column whose type the log does not tell.
    var hidden: ColumnType?

    static func of(_ kind: Services.Kind) -> [TypeCase] {
        numbers + temporals + strings + labels + geometries + (kind == .mysql ? mySQL : mariaDB)
            + (kind == .mariadb118 ? mariaDB11 : [])
    }

    private static let numbers: [TypeCase] = [
        TypeCase(sql: "TINYINT", form: .plain, literals: ["-128", "-1", "0", "127"]),
        TypeCase(sql: "TINYINT UNSIGNED", form: .plain, literals: ["0", "130", "255"]),
        TypeCase(sql: "BOOLEAN", form: .plain, literals: ["TRUE", "FALSE"]),
        TypeCase(sql: "SMALLINT", form: .plain, literals: ["-32768", "32767"]),
        TypeCase(sql: "SMALLINT UNSIGNED", form: .plain, literals: ["0", "65535"]),
        TypeCase(sql: "MEDIUMINT", form: .plain, literals: ["-8388608", "-8", "8", "8388607"]),
        TypeCase(sql: "MEDIUMINT UNSIGNED", form: .plain, literals: ["0", "16777215"]),
        TypeCase(sql: "INT", form: .plain, literals: ["-2147483648", "0", "2147483647"]),
        TypeCase(sql: "INT UNSIGNED", form: .plain, literals: ["0", "3230202323", "4294967295"]),
        TypeCase(sql: "INT(10) ZEROFILL", form: .number, literals: ["42"]),
        TypeCase(
            sql: "BIGINT", form: .plain, literals: ["-9223372036854775808", "9223372036854775807"]),
        TypeCase(
            sql: "BIGINT UNSIGNED", form: .plain,
            literals: ["0", "9223372036854775808", "18446744073709551615"]),
        TypeCase(
            sql: "DOUBLE", form: .double,
            literals: [
                "0", "-8.9", "0.00005", "8589934592.123", "1.7976931348623157e308",
                "-2.2250738585072014e-308", "5e-324", "123456789.09876543", "1e16", "1e-16",
            ]),
        TypeCase(sql: "YEAR", form: .plain, literals: ["0", "1901", "2155", "'69'", "'78'"]),
        TypeCase(sql: "BIT(1)", form: .number, literals: ["0", "1"]),
        TypeCase(sql: "BIT", form: .number, literals: ["1"]),
        TypeCase(sql: "BIT(9)", form: .number, literals: ["b'101100111'", "511"]),
        TypeCase(sql: "BIT(28)", form: .number, literals: ["b'0111101101010101011110000111'"]),
        TypeCase(
            sql: "BIT(64)", form: .number,
            literals: ["0", "5461", "x'7fffffffffffffff'", "x'ffffffffffffffff'"]),
        decimal(4, 2, ["-10.55", "12345", "-123.45", "0"]),
        decimal(15, 14, ["0.0123456789012345678912345"]),
        decimal(30, 5, ["1234500009876.5"]), decimal(13, 2, ["-0.000000012345"]),
        decimal(30, 30, ["0.000000000000001", "-0.999999999999999999999999999999"]),
        decimal(30, 20, ["0.00000000000000000001"]), decimal(5, 5, ["0.5", "-0.00001"]),
        decimal(65, 0, ["99999999999999999999999999999999999999999999999999999999999999999"]),
        decimal(
            65, 30,
            [
                "99999999999999999999999999999999999.999999999999999999999999999999",
                "-99999999999999999999999999999999999.999999999999999999999999999999",
                "-0.000000000000000000000000000001", "0",
            ]),
        decimal(40, 16, ["-123456234234234757655.1234567890123456"]),
    ]

    private static func decimal(_ precision: Int, _ scale: Int, _ literals: [String]) -> TypeCase {
        TypeCase(sql: "DECIMAL(\(precision),\(scale))", form: .plain, literals: literals)
    }

    static let temporals: [TypeCase] =
        [
            TypeCase(
                sql: "DATE", form: .plain,
                literals: [
                    "'2010-10-03'", "'0000-00-00'", "'2024-00-10'", "'2024-05-00'", "'0000-05-10'",
                    "'9999-12-31'", "'1000-01-01'",
                ])
        ]
        + (0...6).flatMap { digits in
            [
                TypeCase(
                    sql: "TIME(\(digits))", form: .plain,
                    literals: [
                        "'838:59:59'", "'-838:59:59'", "'-00:00:01'", "'-00:01:00'",
                        "'-00:00:00.000001'", "'-00:00:00.99'", "'-838:59:58.123456'",
                        "'15:22:33.123456'", "'-15:22:33.9'", "'00:00:00'", "'-01:59:59.001'",
                    ]),
                TypeCase(
                    sql: "DATETIME(\(digits))", form: .plain,
                    literals: [
                        "'9999-12-31 23:59:59'", "'1000-01-01 00:00:00.000001'",
                        "'0000-00-00 00:00:00'", "'2016-00-28 15:30:42'", "'2016-10-00 00:00:00'",
                        "'0000-00-01 15:04:05'", "'1989-03-21 01:02:03.777777'",
                        "'2024-03-31 02:30:00.5'",
                    ]),
                TypeCase(
                    sql: "TIMESTAMP(\(digits)) NULL", form: .plain,
                    literals: [
                        "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'", "0",
                        "'1985-10-13 10:22:23.567891'", "'2017-03-21 14:25:09.7654'",
                    ]),
            ]
        }

    private static let strings: [TypeCase] =
        [
            "CHAR(12)", "CHAR(255)", "VARCHAR(63)", "VARCHAR(64)", "VARCHAR(2000)", "TINYTEXT",
            "TEXT",
            "MEDIUMTEXT", "LONGTEXT",
        ].map {
            TypeCase(
                sql: "\($0) CHARACTER SET utf8mb4", form: .text,
                literals: ["''", "'a'", "'é€𠜎🍔'", "REPEAT('x', 12)", "'trail  '", "'nul \\0 in'"])
        } + [
            TypeCase(
                sql: "VARCHAR(20) CHARACTER SET latin1", form: .text,
                literals: ["'é€'", "CONVERT(x'8081' USING latin1)"]),
            TypeCase(
                sql: "BINARY(4)", form: .bytes,
                literals: ["x'ff010000'", "x'00'", "x'01020304'", "''", "x'0080ff'"]),
            TypeCase(sql: "BINARY(255)", form: .bytes, literals: ["x'00'", "x'0080ff'"]),
        ]
        + ["VARBINARY(20)", "VARBINARY(300)", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB"].map {
            TypeCase(
                sql: $0, form: .bytes,
                literals: ["''", "x'ff010000'", "x'0080ff'", "REPEAT('y', 20)"])
        }

    private static let labels: [TypeCase] =
        [
            TypeCase(
                sql: "ENUM('é','日本','a,b','it''s') CHARACTER SET utf8mb4", form: .label,
                literals: ["'é'", "'日本'", "3", "4", "'none of them'"]),
            TypeCase(
                sql: "ENUM(\((1...300).map { "'\($0)'" }.joined(separator: ",")))", form: .label,
                literals: ["'1'", "'255'", "'256'", "'300'"]),
        ]
        + [1, 3, 9, 17, 33, 64].map { count in
            TypeCase(
                sql: "SET(\((1...count).map { "'m\($0)'" }.joined(separator: ",")))", form: .label,
                literals: ["''", "'m1'", "'m\(count)'", "'m\(count),m1'", "18446744073709551615"])
        }

    private static let geometries: [TypeCase] = [
        "POINT(1 1)", "LINESTRING(0 0, 1 1)", "POLYGON((0 0, 1 0, 1 1, 0 0))",
        "GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(0 0, 2 2))",
    ].map {
        TypeCase(
            sql: "GEOMETRY", form: .bytes,
            literals: ["ST_GeomFromText('\($0)')", "ST_GeomFromText('\($0)', 4326)"])
    }

    private static let mySQL: [TypeCase] = [
        TypeCase(
            sql: "FLOAT", form: .double,
            literals: ["0", "-0.5", "16777216", "3.1415927", "0.1", "3.4028235e38"]),
        TypeCase(
            sql: "VECTOR(3)", form: .bytes,
            literals: ["TO_VECTOR('[1.1,2.2,3.3]')", "TO_VECTOR('[1,-1,0]')"]),
        TypeCase(
            sql: "JSON", form: .plain,
            literals: [
                "'3'", "'\"x\"'", "'null'", "'true'", "'{}'", "'[]'", #"'{"":1,"a":{"":[]}}'"#,
                "'[1.0, -0.0, 1e16, 1e-16, 5e-324, 18446744073709551615, 18446744073709551616]'",
                "'[-1, 32767, 32768, -32769, 2147483648, -2147483649]'",
                "CAST(-0.000000001 AS JSON)",
                "JSON_ARRAY(CAST(123456789.1234 AS DECIMAL(13,4)), 9.00)",
                "CAST(CAST('2015-01-15 23:24:25.12' AS DATETIME(3)) AS JSON)",
                "CAST(CAST('-838:59:59' AS TIME) AS JSON)", "CAST(x'cafe' AS JSON)",
                "CAST(CAST('2015-01-15' AS DATE) AS JSON)",
                "CONCAT('[', REPEAT('[', 99), REPEAT(']', 99), ']')",
                "CONCAT('{', REPEAT('\"a\":{', 99), REPEAT('}', 99), '}')",
                "JSON_ARRAY(REPEAT('a', 127), REPEAT('b', 128), REPEAT('c', 16384))",
                #"'{"k\\u0000y":1, "q\\"uote":"\\b\\f\\n\\r\\t\\u0001"}'"#,
            ]),
    ]

    private static let mariaDB: [TypeCase] =
        [
            TypeCase(
                sql: "FLOAT", form: .double, literals: ["0", "-0.5", "16777216", "0.25"]),
            TypeCase(sql: "JSON", form: .text, literals: [#"'{"a": 1}'"#, "'[1.0]'"]),
            TypeCase(
                sql: "UUID", form: .address,
                literals: [
                    "'00112233-4455-6677-8899-aabbccddeeff'",
                    "'123e4567-e89b-12d3-a456-426655440000'",
                    "'01890a5d-ac96-774b-bcce-b302099a8057'",
                    "'550e8400-e29b-41d4-a716-446655440000'",
                    "'00000000-0000-0000-0000-000000000000'",
                    "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
                    "'00112233-4455-8677-1899-aabbccddeeff'",
                ], hidden: .uuid),
            TypeCase(
                sql: "INET4", form: .address,
                literals: ["'1.2.3.4'", "'255.255.255.255'", "'0.0.0.0'", "'10.0.0.0'"],
                hidden: .inet4),
            TypeCase(
                sql: "INET6", form: .address,
                literals: [
                    "'::1'", "'::'", "'::ffff:1.2.3.4'", "'2001:db8::ff00:42:8329'", "'::1.2.3.4'",
                    "'fe80:0:0:1::'", "'1:0:0:2:0:0:0:3'", "'1:0:2:3:4:5:6:7'", "'1:2:3:4:5:6:7:0'",
                    "'0:0:1:0:0:1:0:0'", "'::ffff:0:0'", "'::0:1:2'", "'::1:2:3'", "'1::'",
                    "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'",
                ], hidden: .inet6),
        ]
        + ["VARCHAR(200)", "VARCHAR(2000)", "TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT"].map {
            TypeCase(
                sql: "\($0) COMPRESSED CHARACTER SET utf8mb4", form: .text,
                literals: ["''", "'abc'", "REPEAT('é', 100)"])
        }
        + ["VARBINARY(300)", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB"].map {
            TypeCase(
                sql: "\($0) COMPRESSED", form: .bytes,
                literals: ["''", "x'00'", "x'ff00'", "REPEAT('ab', 120)"])
        }

    private static let mariaDB11: [TypeCase] = [
        TypeCase(
            sql: "VECTOR(3)", form: .bytes,
            literals: ["VEC_FromText('[1.1,2.2,3.3]')", "VEC_FromText('[1,-1,0]')"],
            hidden: .vector(dimension: 3)),
        TypeCase(
            sql: "TIMESTAMP(6) NULL", form: .plain,
            literals: ["'2038-01-19 03:14:08'", "'2106-02-07 06:28:15.999999'"]),
    ]
}
