import BinlogProtocol
import TestSupport
import Testing

@Suite("Event bodies")
struct EventBodyTests {
    // The bytes are the server's own, as printed in the tests of another reader.
    static let taggedBytes = hexBytes(
        """
        02 76 00 00 02 02 25 02 dc f0 09 02 30 f9 03 22 bd 03 ad 02 21 02 44 44 5a 68 51 03 22 \
        04 04 06 0c 66 6f 6f 62 61 7a 08 00 0a 04 0c 7f 15 83 22 2d 5c 2e 06 10 49 03 12 c3 02 0b
        """)

    @Test("GTID_TAGGED_LOG_EVENT")
    func tagged() throws {
        let uuid = try #require(ServerUUID("896e7882-18fe-11ef-ab88-22222d34d411"))
        let expected = GTIDEvent(
            gtid: GTID(source: GTID.Source(uuid: uuid, checkedTag: "foobaz"), number: 1),
            originalCommitTime: 1_739_823_289_369_365, immediateCommitTime: 1_739_823_289_369_365,
            transactionLength: 210,
            scheduling: GTIDEvent.Scheduling(
                flags: 1, lastCommitted: 0, sequenceNumber: 1, immediateServerVersion: 90_200))
        let event = try EventDecoderHarness.decodeBody(42, Self.taggedBytes)
        guard case .gtid(let gtid) = event else {
            Issue.record("not a GTID event")
            return
        }
        #expect(gtid == expected)
    }

    @Test("GTID_TAGGED_LOG_EVENT: an original commit time of 0 is none")
    func taggedWithoutOriginalTime() throws {
        // Field 7 (0e as a varint) with the value 0 before field 8 (10).
        let index = try #require(
            Self.taggedBytes.indices.last {
                Self.taggedBytes[$0...].starts(with: [0x10, 0x49, 0x03])
            })
        var bytes = Self.taggedBytes
        bytes.insert(contentsOf: [0x0e, 0x00], at: index)
        bytes[1] += 2 << 1
        guard case .gtid(let gtid) = try EventDecoderHarness.decodeBody(42, bytes) else {
            Issue.record("not a GTID event")
            return
        }
        #expect(gtid.originalCommitTime == 1_739_823_289_369_365)
    }

    @Test("GTID_TAGGED_LOG_EVENT: every prefix, a trailing byte and seeded corruption")
    func taggedHostile() {
        for count in Self.taggedBytes.indices {
            #expect(throws: DecodingError.self) {
                try EventDecoderHarness.decodeBody(42, Array(Self.taggedBytes[..<count]))
            }
        }
        #expect(throws: DecodingError.self) {
            try EventDecoderHarness.decodeBody(42, Self.taggedBytes + [0])
        }
        EventDecoderHarness.corrupt(42, Self.taggedBytes)
    }

    @Test(
        "GTID_TAGGED_LOG_EVENT: an unknown field is an error unless the server calls it ignorable")
    func taggedUnknownField() throws {
        // Field 12 (18 as a varint) with the value 0; the message grows by two bytes (59 to 61).
        var bytes = Self.taggedBytes + [0x18, 0x00]
        bytes[1] = 61 << 1
        _ = try EventDecoderHarness.decodeBody(42, bytes)
        bytes[2] = 12 << 1
        #expect(throws: DecodingError(.unsupported("field 12 of GTID_TAGGED_LOG_EVENT"), at: 78)) {
            try EventDecoderHarness.decodeBody(42, bytes)
        }
    }

    @Test("GTID_LOG_EVENT of 5.7 and of 8.0, with and without an original commit time")
    func gtid() throws {
        let uuid = try #require(ServerUUID("3e11fa47-71ca-11e1-9e33-c80aa9429562"))
        var head = ByteWriter()
        head.write(UInt8(1))
        head.write(uuid.bytes)
        head.write(Int64(23))
        head.write(UInt8(2))
        head.write(Int64(0))
        head.write(Int64(1))
        func decode(_ tail: [UInt8]) throws -> GTIDEvent? {
            guard case .gtid(let event) = try EventDecoderHarness.decodeBody(33, head.bytes + tail)
            else { return nil }
            return event
        }
        let old = try #require(try decode([]))
        #expect(old.gtid?.description == "\(uuid):23")
        #expect(old.originalCommitTime == nil)
        var same = ByteWriter()
        same.write(1_700_000_000_000_001, bytes: 7)
        #expect(try decode(same.bytes)?.originalCommitTime == 1_700_000_000_000_001)
        var both = ByteWriter()
        both.write(1_700_000_000_000_001 | 1 << 55, bytes: 7)
        both.write(1_600_000_000_000_002, bytes: 7)
        both.writeLengthEncodedInteger(.max)
        both.write(UInt32(90_704) | 1 << 31)
        both.write(UInt32(80_000))
        both.write(UInt64(9))
        let replicated = try #require(try decode(both.bytes))
        #expect(replicated.originalCommitTime == 1_600_000_000_000_002)
        #expect(replicated.immediateCommitTime == 1_700_000_000_000_001)
        #expect(replicated.transactionLength == .max, "DZ6: eight bytes of length")
        var unknown = ByteWriter()
        unknown.write(1_700_000_000_000_001 | 1 << 55, bytes: 7)
        unknown.write(0, bytes: 7)
        #expect(
            try decode(unknown.bytes)?.originalCommitTime == 1_700_000_000_000_001,
            "a replica of 5.7 does not know when the transaction was committed there")
        let none: UInt64? = nil
        #expect(try decode([0, 0, 0, 0, 0, 0, 0])?.originalCommitTime == none)
        EventDecoderHarness.corrupt(33, head.bytes + both.bytes)
    }

    @Test(
        "GTID_LOG_EVENT: the number 0 and the largest number are no GTIDs",
        arguments: [0, -1, Int64.max])
    func badNumber(_ number: Int64) throws {
        let uuid = try #require(ServerUUID("3e11fa47-71ca-11e1-9e33-c80aa9429562"))
        let event = EventBuilder.gtid(uuid, number)
        var decoder = EventDecoder(checksum: .crc32)
        #expect(throws: DecodingError(.invalid("transaction number"), at: 36)) {
            try decoder.decode(event)
        }
    }

    @Test(
        "varints of mysql::serialization",
        arguments: [
            ([0xfb, 0xff, 0x07], UInt64(65535)), ([0x00], 0), ([0xfe], 127), ([0x01, 0x02], 128),
            ([0xff] + Array(repeating: 0xff, count: 8), .max),
        ] as [([UInt8], UInt64)])
    func unsigned(_ bytes: [UInt8], _ value: UInt64) {
        verifyDecoder(bytes, equals: value) { reader throws(DecodingError) in
            try Serialization.readUnsigned(from: &reader)
        }
    }

    @Test(
        "signed varints of mysql::serialization",
        arguments: [
            ([0xf3, 0xff, 0x0f], Int64(65535)), ([0xeb, 0xff, 0x0f], -65535),
            ([0xfb, 0xff, 0x0f], -65536),
        ] as [([UInt8], Int64)])
    func signed(_ bytes: [UInt8], _ value: Int64) {
        verifyDecoder(bytes, equals: value) { reader throws(DecodingError) in
            try Serialization.readSigned(from: &reader)
        }
    }

    @Test("PY1: QUERY_EVENT with status variables of any kind keeps schema and statement")
    func query() throws {
        var body = ByteWriter()
        body.write(UInt32(88))
        body.write(UInt32(0))
        body.write(UInt8(4))
        body.write(UInt16(0))
        // A code that nobody knows, then bytes that look like a schema.
        body.write(UInt16(6))
        body.write([200, 1, 2, 0, 65, 66])
        body.writeNulTerminated("shop")
        body.write("INSERT INTO t VALUES ('\u{e9}')".utf8)
        guard case .query(let query) = try EventDecoderHarness.decodeBody(2, body.bytes) else {
            Issue.record("not a query event")
            return
        }
        #expect(query.schema == "shop")
        #expect(query.sql == "INSERT INTO t VALUES ('é')")
        #expect(query.threadID == 88)
        EventDecoderHarness.corrupt(2, body.bytes)
    }

    @Test("RS4: bytes that are not UTF-8 in a statement are no failure")
    func queryBytes() throws {
        var event = EventBuilder.query("SELECT 'x'")
        event[event.count - 6] = 0xff
        var decoder = EventDecoder(checksum: .crc32)
        guard case .query(let query) = try decoder.decode(EventBuilder.sealed(event)).body else {
            Issue.record("not a query event")
            return
        }
        #expect(query.sql == "SELECT '\u{fffd}'")
    }

    @Test(
        "QUERY_EVENT: the statement is read in the character set of its connection",
        arguments: [
            ([0x67, 0xf6], 8, "gö", [0x67, 0xc3, 0xb6]), ([0x67, 0xf6], 45, "g\u{fffd}", nil),
            ([0x67, 0xc3, 0xb6], 255, "gö", [0x67, 0xc3, 0xb6]),
            // The server's own statements are in UTF-8 even for a connection in latin1: both can be meant.
            ([0x67, 0xc3, 0xb6], 8, "gö", nil),
            // koi8r, and a collation that nobody knows
            ([0xd6], 7, "ж", [0xd0, 0xb6]), ([0x67], 7, "g", [0x67]),
            ([0xd6], 5000, "\u{fffd}", nil),
        ] as [([UInt8], UInt16, String, [UInt8]?)])
    func queryCharset(_ sql: [UInt8], _ collation: UInt16, _ text: String, _ utf8: [UInt8]?) throws
    {
        var decoder = EventDecoder(checksum: .crc32)
        let event = EventBuilder.query(sql, collation: collation, sqlMode: 1 << 20)
        guard case .query(let query) = try decoder.decode(event).body else {
            Issue.record("not a query event")
            return
        }
        #expect(query.sql == text)
        #expect(query.utf8 == utf8)
        #expect(query.charset == Charset(collationID: Int(collation)))
        #expect(query.status.sqlMode == .noBackslashEscapes)
        #expect(query.schema == "shop")
    }

    @Test("ROWS_QUERY_LOG_EVENT: the length byte says nothing")
    func rowsQuery() throws {
        let text = String(repeating: "a", count: 300)
        guard
            case .rowsQuery(let query) = try EventDecoderHarness.decodeBody(
                29, [44] + Array(text.utf8))
        else {
            Issue.record("not a rows query")
            return
        }
        #expect(query.sql == text)
    }

    @Test("heartbeats of both versions")
    func heartbeat() throws {
        guard
            case .heartbeat(let old) = try EventDecoderHarness.decodeBody(27, Array("bin.1".utf8)),
            case .heartbeat(let new) = try EventDecoderHarness.decodeBody(
                41, [1, 5] + Array("bin.1".utf8) + [2, 3, 0xfc, 0x34, 0x12, 9, 1, 0, 0])
        else {
            Issue.record("not heartbeats")
            return
        }
        #expect(old.file == "bin.1" && old.position == nil)
        #expect(new.file == "bin.1" && new.position == 0x1234)
        EventDecoderHarness.corrupt(
            41, [1, 5] + Array("bin.1".utf8) + [2, 3, 0xfc, 0x34, 0x12, 0])
    }
}

/// Drives one event body through the real decoder.
enum EventDecoderHarness {
    static func decodeBody(_ type: UInt8, _ body: [UInt8]) throws -> BinlogEvent.Body {
        var decoder = EventDecoder(checksum: .crc32)
        return try decoder.decode(EventBuilder.event(type, body)).body
    }

    /// Seeded corruption: errors are fine, traps end the run.
    static func corrupt(_ type: UInt8, _ body: [UInt8]) {
        var random = SeededGenerator(seed: decoderSeed)
        for _ in 0..<500 {
            var bytes = body
            bytes[Int.random(in: bytes.indices, using: &random)] = .random(
                in: 0...255, using: &random)
            do {
                _ = try decodeBody(type, bytes)
            } catch is DecodingError {
                continue
            } catch {
                Issue.record("\(error)")
            }
        }
    }
}
