import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import sdl

/// What `sdl decode --format events` says of each kind of event.
@Suite struct EventListingTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private static func bytes(_ build: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter()
        build(&writer)
        return writer.bytes
    }

    /// USER_VAR_EVENT with a value; nil is NULL.
    private static func variable(
        _ name: String, _ value: (type: UInt8, collation: UInt32, bytes: [UInt8], flags: UInt8)?
    ) -> [UInt8] {
        bytes {
            $0.write(UInt32(name.utf8.count))
            $0.write(name.utf8)
            $0.write(UInt8(value == nil ? 1 : 0))
            guard let value else { return }
            $0.write(value.type)
            $0.write(value.collation)
            $0.write(UInt32(value.bytes.count))
            $0.write(value.bytes)
            $0.write(value.flags)
        }
    }

    private static func number(_ value: UInt64) -> [UInt8] { bytes { $0.write(value) } }

    /// EXECUTE_LOAD_QUERY_EVENT of file 3, which replaces rows.
    private static let load = bytes {
        $0.write(UInt32(8))
        $0.write(UInt32(2))
        $0.write(UInt8(4))
        $0.write(UInt16(0))
        $0.write(UInt16(0))
        $0.write(UInt32(3))
        $0.write(UInt32(10))
        $0.write(UInt32(19))
        $0.write(UInt8(2))
        $0.writeNulTerminated("shop")
        $0.write("LOAD DATA INFILE 'x' INTO TABLE t".utf8)
    }

    struct Body: Sendable, CustomTestStringConvertible {
        let type: UInt8
        let body: [UInt8]
        let lines: [String]
        var testDescription: String { "\(EventType(rawValue: type)) \(lines)" }

        init(_ type: UInt8, _ body: [UInt8], _ lines: String...) {
            self.type = type
            self.body = body
            self.lines = lines
        }
    }

    static let bodies = [
        Body(5, [2] + number(7), "INSERT_ID 7"),
        Body(5, [1] + number(8), "LAST_INSERT_ID 8"),
        Body(13, number(11) + number(12), "seeds 11, 12"),
        Body(14, variable("n", nil), "@n = NULL"),
        Body(14, variable("s", (0, 255, Array("a\"ß\n".utf8), 0)), #"@s = "a\"ß\n" (utf8mb4)"#),
        Body(14, variable("l", (0, 8, [0xe9], 0)), #"@l = "é" (latin1)"#),
        Body(14, variable("b", (0, 63, [1, 0xff], 0)), "@b = X'01ff' (binary)"),
        Body(14, variable("i", (2, 63, number(.max), 0)), "@i = -1 (INT)"),
        Body(
            14, variable("u", (2, 63, number(.max), 1)), "@u = 18446744073709551615 (INT UNSIGNED)"),
        Body(14, variable("r", (1, 63, number((1.5).bitPattern), 0)), "@r = 1.5 (REAL)"),
        Body(14, variable("d", (4, 63, [3, 1, 0x80 + 12, 5], 0)), "@d = 12.5 (DECIMAL)"),
        Body(17, [3, 0, 0, 0, 1, 2], "file 3, 2 bytes of it"),
        Body(9, [3, 0, 0, 0, 1], "file 3, 1 bytes of it"),
        Body(11, [3, 0, 0, 0], "file 3"),
        Body(
            18, load, "file 3, named at 10 to 19 of the sql, duplicates: replace",
            "thread 8, execution time 2 s, error 0", #"schema "shop""#,
            "sql LOAD DATA INFILE 'x' INTO TABLE t"),
        Body(27, Array("bin.000002".utf8), "file bin.000002"),
        Body(
            41, [1, 3] + Array("b.2".utf8) + [2, 3, 0xfc, 0x39, 0x05, 0],
            "file b.2, position 1337"),
        Body(
            38, [0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0x78, 0x31, 0x62],
            "xa X'7831',X'62',1, prepared"),
        Body(
            38, [1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x78],
            "xa X'78',X'',1, committed in one phase"),
        Body(4, number(4) + Array("bin.000003".utf8), "next file bin.000003, position 4"),
        Body(34, Array(repeating: 0, count: 25), "gtid anonymous", "flags none"),
        Body(36, [0xca, 0xfe], "body ca fe"),
        Body(
            162, number(42) + [1, 0, 0, 0, 0x0e] + number(99), "gtid 1-7-42",
            "flags GROUP_COMMIT_ID|TRANSACTIONAL|ALLOW_PARALLEL", "commit id 99"),
        Body(
            162, number(43) + [0, 0, 0, 0, 0x44, 1, 0, 0, 0, 1, 0, 0x78], "gtid 0-7-43",
            "flags TRANSACTIONAL|PREPARED_XA", "xa X'78',X'',1"),
        Body(
            163,
            [2, 0, 0, 0x10, 0, 0, 0, 0, 1, 0, 0, 0] + number(5) + [0, 0, 0, 0, 2, 0, 0, 0]
                + number(6),
            "before this file: 0-2-6", "flags UNTIL_REACHED", "entry 0-1-5", "entry 0-2-6"),
        Body(161, [3, 0, 0, 0] + Array("b.1".utf8), "oldest file needed b.1"),
        Body(160, Array("DELETE FROM t".utf8), "sql DELETE FROM t"),
    ]

    @Test(arguments: bodies)
    func aBody(_ example: Body) throws {
        let listing = try Listing(
            events: [EventBuilder.event(example.type, example.body)], in: folder)
        #expect(listing.refusedCount == 0, "\(listing.firstRefusal as Any)")
        let header = try #require(
            listing.lines.firstIndex { $0.contains(" \(EventType(rawValue: example.type)) ") })
        let body = listing.trimmed[(header + 1)...]
        #expect(body.filter { !$0.hasPrefix("end by the header") } == ArraySlice(example.lines))
    }

    @Test func theHeadersLine() throws {
        let event = EventBuilder.event(16, Self.number(9), flags: 0xc4a0, logPosition: 99)
        let listing = try Listing(events: [event], in: folder)
        let line =
            "listed.binlog:127 end 158 2023-11-14T22:13:20Z XID_EVENT server 7 size 31 "
            + "flags ARTIFICIAL|IGNORABLE|SKIP_REPLICATION|0x4400"
        #expect(listing.lines.suffix(3) == [line, "    end by the header 99", "    xid 9"])
    }

    /// Lines of real events, each with what made it.
    @Test func theEventsOfAServer() throws {
        let listing = try Listing(of: try Fixtures.bytes("mysql-9.7.binlog"), in: folder)
        #expect(listing.refusedCount == 0)
        #expect(listing.end == nil)
        for line in [
            "server version 9.7.4-2", "checksum CRC32", "before this file: none",
            "gtid 01f6ace5-e796-11f1-ae28-02fc00000001:1", "last committed 0, sequence number 1",
            "immediate commit 2026-11-23T23:31:29.409086Z", "transaction length 185",
            "immediate server version 90704", #"databases "shop""#, "sql CREATE DATABASE shop",
            "default_collation_for_utf8mb4 utf8mb4 (255)", "table shop.orders, id 122",
            "id INT UNSIGNED NOT NULL", #"status ENUM("new","paid","sent") collation 255 NOT NULL"#,
            "note VARCHAR of 240 bytes utf8mb4 collation 255 NULL", "primary key id",
            "insert, flags STMT_END|USE_SQL_FOREIGN_KEY", "flags BIT_LEN_EXACT",
            "columns after: all 18", "row 1 after",
            #"status = "new" (1)"#,
            "total = 12.50", #"flags = ("a","c") (0x5)"#, "raw = X'ff010000'",
            "big = 18446744073709551615", "bits = b'101100111'", "total = NULL",
            "seen = 2026-11-23T10:30:00.125Z", "took = -00:00:01.10", "compression ZSTD",
            "payload 524 bytes, uncompressed 1715",
            #"doc = {"": true, "a": [1, 2.5, null, {"b": "x"}]}"#,
        ] {
            #expect(listing.trimmed.contains(line), "\(line)")
        }
        // Those of a compressed transaction stand a step deeper.
        let inner = try #require(listing.lines.first { $0.hasPrefix("    payload:288 end 515 ") })
        #expect(inner.contains(" TABLE_MAP_EVENT "))
        #expect(listing.lines.contains("            id INT UNSIGNED NOT NULL"))
    }

    @Test func partialImagesAndDifferences() throws {
        let images = try Listing(of: try Fixtures.bytes("Rows/images.binlog"), in: folder)
        for line in [
            "partition 3, from partition 2", "columns 8, names are not in the log",
            "inv INT NULL INVISIBLE", "primary key k, id",
        ] {
            #expect(images.trimmed.contains(line), "\(line)")
        }
        let partial = try Listing(of: try Fixtures.bytes("Rows/partial.binlog"), in: folder)
        let document = try #require(
            partial.trimmed.firstIndex { $0.hasPrefix(#"doc = {"a": 2, "#) })
        #expect(
            partial.lines[(document + 1)...].prefix(2) == [
                "            replace $.a = 2", #"            replace $."q r" = "changed""#,
            ])
        #expect(partial.trimmed.contains("doc: only what changed is in the log"))
    }

    /// Each status variable with the bytes that a server writes for it.
    @Test(
        arguments: [
            ([0, 0, 0, 8, 4], "flags2 NOT_AUTOCOMMIT|NO_FOREIGN_KEY_CHECKS"),
            ([1, 4, 0, 0x20, 0, 0, 0, 0, 0], "sql_mode ANSI_QUOTES|STRICT_TRANS_TABLES"),
            ([2, 3, 0x73, 0x74, 0x64, 0], #"catalog "std""#),
            ([3, 2, 0, 1, 0], "auto_increment_increment 2, offset 1"),
            (
                [4, 8, 0, 33, 0, 255, 0],
                "character_set_client latin1 (8), collation_connection utf8mb3 (33), "
                    + "collation_server utf8mb4 (255)"
            ),
            ([5, 3, 0x55, 0x54, 0x43], #"time_zone "UTC""#), ([7, 1, 0], "lc_time_names 1"),
            ([8, 8, 0], "collation_database latin1 (8)"),
            ([9, 3, 0, 0, 0, 0, 0, 0, 0], "tables updated 0x3"),
            ([10, 1, 0, 0, 0], "data written by the source 1"),
            ([11, 1, 0x61, 1, 0x25], #"invoker "a" at "%""#),
            ([12, 2, 0x61, 0, 0x62, 0], #"databases "a", "b""#),
            ([12, 254], "databases too many to be named"), ([13, 1, 2, 0], "microseconds 513"),
            ([16, 1], "explicit_defaults_for_timestamp 1"),
            ([17, 9, 0, 0, 0, 0, 0, 0, 0], "xid of the definition 9"),
            ([18, 45, 0], "default_collation_for_utf8mb4 utf8mb4 (45)"),
            ([19, 1], "sql_require_primary_key 1"), ([20, 1], "default_table_encryption 1"),
            ([128, 1, 0, 0], "microseconds 1"),
            ([129, 5, 0, 0, 0, 0, 0, 0, 0], "xid of the definition 5"),
            ([130, 4, 6, 0, 0, 0, 0, 0, 0, 0], "gtid flags COMMIT_ALTER, of 6"),
            ([131, 1, 8, 0, 47, 0], "character_set_collations latin1 (8) = latin1 (47)"),
            ([99, 1, 2], "status variable 99, not known: 63 01 02"),
        ] as [([UInt8], String)])
    func aStatusVariable(_ bytes: [UInt8], _ line: String) throws {
        let body = Self.bytes {
            $0.write(UInt32(5))
            $0.write(UInt32(0))
            $0.write(UInt8(0))
            $0.write(UInt16(1062))
            $0.write(UInt16(bytes.count))
            $0.write(bytes)
            $0.writeNulTerminated("")
            $0.write("FLUSH LOGS".utf8)
        }
        let listing = try Listing(events: [EventBuilder.event(2, body)], in: folder)
        #expect(
            listing.trimmed.suffix(4) == [
                "thread 5, execution time 0 s, error 1062", #"schema """#, line, "sql FLUSH LOGS",
            ])
    }

    @Test func anIncidentIsToldAndTheListingGoesOn() throws {
        let message = Array("lost".utf8)
        let incident = EventBuilder.event(26, [1, 0, UInt8(message.count)] + message)
        let listing = try Listing(events: [incident, EventBuilder.xid(3)], in: folder)
        #expect(listing.trimmed.contains("incident 1 LOST_EVENTS"))
        #expect(listing.trimmed.contains(#"message "lost""#))
        #expect(listing.lines.last == "    xid 3")
        #expect(listing.refusedCount == 1)
    }

    @Test func aTypeThatNobodyKnowsIsListedAndTheListingGoesOn() throws {
        let unknown = EventBuilder.event(99, Array(1...40))
        let listing = try Listing(events: [unknown, EventBuilder.xid(3)], in: folder)
        #expect(listing.refusedCount == 1)
        #expect(listing.firstRefusal?.position == 127)
        #expect(
            listing.trimmed.contains(
                "not decoded: event type 99 at byte 4 is not supported (byte 131 of the file)"))
        let hex = (1...32).map { String(format: "%02x", $0) }.joined(separator: " ")
        #expect(listing.trimmed.contains("body \(hex) (32 of 40 bytes)"))
        #expect(listing.lines.last == "    xid 3")
    }

    @Test func behindTheStartOfEncryptionNothingIsRead() throws {
        let start = EventBuilder.event(164, [1] + Array(repeating: 7, count: 16))
        let listing = try Listing(events: [start, EventBuilder.xid(3)], in: folder)
        #expect(listing.end?.description.contains("is encrypted from byte 167 on") == true)
        #expect(!listing.text.contains("xid"))
    }

    /// Secrets stay out, also of what is shown of an event that cannot be decoded.
    @Test func secretsAreReplaced() throws {
        let sql = "CREATE USER a IDENTIFIED BY 'hunter2'"
        var damaged = EventBuilder.query(sql)
        damaged[20] ^= 1
        let listing = try Listing(
            events: [
                EventBuilder.query(sql), damaged, EventBuilder.event(29, [9] + Array(sql.utf8)),
            ], in: folder)
        #expect(listing.trimmed.filter { $0 == "sql CREATE USER a IDENTIFIED BY '***'" }.count == 2)
        #expect(listing.refusedCount == 1)
        #expect(!listing.text.contains("hunter2"))
        let secret = "hunter2".utf8.map { String(format: "%02x", $0) }
        #expect(!listing.text.contains(secret.joined(separator: " ")))
    }

    @Test func nothingOfAnEventCanDriveATerminal() throws {
        let listing = try Listing(
            events: [EventBuilder.query("SELECT '\u{1b}[2J\n\u{202e}'", schema: "\u{7}")],
            in: folder)
        #expect(listing.lines.last == #"    sql SELECT '\x1b[2J\n\u{202e}'"#)
        #expect(listing.text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
    }
}
