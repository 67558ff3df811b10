import BinlogProtocol
import TestSupport
import Testing

@Suite("MariaDB's events")
struct MariaDBEventTests {
    private static func gtid(
        _ sequence: UInt64, domain: UInt32 = 3, flags: UInt8, _ rest: [UInt8] = []
    ) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(sequence)
        writer.write(domain)
        writer.write(flags)
        writer.write(rest)
        return writer.bytes
    }

    private static let xa: [UInt8] = [1, 0, 0, 0, 2, 1, 0x78, 0x31, 0x62]

    @Test("GTID_EVENT: plain, in a group commit, of an XA transaction, with a tail")
    func gtidEvent() throws {
        let id = try #require(
            XAIdentifier(
                formatID: 1, globalTransactionID: [0x78, 0x31], branchQualifier: [0x62]))
        let cases: [([UInt8], DomainTransaction.Flags, UInt64?, XAIdentifier?)] = [
            (Self.gtid(9, flags: 12), [.transactional, .allowParallel], nil, nil),
            (Self.gtid(9, flags: 2, [7, 0, 0, 0, 0, 0, 0, 0]), [.groupCommitID], 7, nil),
            (Self.gtid(9, flags: 64, Self.xa), [.preparedXA], nil, id),
            (
                Self.gtid(9, flags: 130, [7, 0, 0, 0, 0, 0, 0, 0] + Self.xa + [1, 1, 0, 0]),
                [.groupCommitID, .completedXA], 7, id
            ),
        ]
        for (body, flags, commitID, xa) in cases {
            guard case .gtid(let event) = try EventDecoderHarness.decodeBody(162, body) else {
                Issue.record("not a GTID event")
                continue
            }
            #expect(event.gtid?.description == "3-7-9")
            #expect(event.domainTransaction?.flags == flags)
            #expect(event.domainTransaction?.commitID == commitID)
            #expect(event.domainTransaction?.xa == xa)
        }
    }

    @Test("GTID_EVENT: numbers and lengths that cannot be")
    func gtidHostile() {
        for body in [
            Self.gtid(0, flags: 0), Self.gtid(UInt64(Int64.max), flags: 0),
            Self.gtid(.max, flags: 0),
            Self.gtid(1, flags: 64, [1, 0, 0, 0, 65, 0]),
            Self.gtid(1, flags: 64, [1, 0, 0, 0, 200, 200] + Array(repeating: 0, count: 400)),
        ] {
            #expect(throws: DecodingError.self) { try EventDecoderHarness.decodeBody(162, body) }
        }
        let whole = Self.gtid(1, flags: 66, [7, 0, 0, 0, 0, 0, 0, 0] + Self.xa)
        for count in whole.indices {
            #expect(throws: DecodingError.self) {
                try EventDecoderHarness.decodeBody(162, Array(whole[..<count]))
            }
        }
        EventDecoderHarness.corrupt(162, whole)
    }

    private static func list(count: UInt32, _ entries: [(UInt32, UInt32, UInt64)]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(count)
        for (domain, server, sequence) in entries {
            writer.write(domain)
            writer.write(server)
            writer.write(sequence)
        }
        return writer.bytes
    }

    @Test("GTID_LIST_EVENT: the last entry of a domain counts; the flags are no count")
    func gtidList() throws {
        let body = Self.list(count: 0x1000_0003, [(0, 2, 90), (0, 1, 80), (5, 1, 1)])
        guard case .gtidList(let list) = try EventDecoderHarness.decodeBody(163, body) else {
            Issue.record("not a list")
            return
        }
        #expect(list.position.description == "0-1-80,5-1-1")
        #expect(list.count == 3)
        EventDecoderHarness.corrupt(163, body)
        // Seen on MariaDB 10.11 and 11.8 in the first file.
        _ = try EventDecoderHarness.decodeBody(163, Self.list(count: 0, []) + [0, 0])
        for bad in [
            Self.list(count: 2, [(0, 1, 1)]), Self.list(count: 0, [(0, 1, 1)]),
            Self.list(count: 0, []) + [0, 1],
            Self.list(count: 0x0fff_ffff, []), Self.list(count: 1, [(0, 1, .max)]),
        ] {
            #expect(throws: DecodingError.self) { try EventDecoderHarness.decodeBody(163, bad) }
        }
    }

    @Test("ANNOTATE_ROWS_EVENT: the text has no length before it")
    func annotation() throws {
        guard
            case .rowsQuery(let query) = try EventDecoderHarness.decodeBody(
                160, Array("INSERT 1".utf8))
        else {
            Issue.record("not a statement")
            return
        }
        #expect(query.sql == "INSERT 1")
    }

    /// `zlib.compress(b"UPDATE t SET a=1", 9)` of Python.
    private static let compressed = hexBytes(
        "78da0b0d70710c7155285108760d5148b435040026250453")

    @Test("DT7 QUERY_COMPRESSED_EVENT: the SQL alone is compressed")
    func compressedQuery() throws {
        let head: [UInt8] = [5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0x64, 0]
        let body = head + [0x81, 16] + Self.compressed
        func decode(_ body: [UInt8]) throws -> String? {
            guard case .query(let query) = try EventDecoderHarness.decodeBody(165, body) else {
                return nil
            }
            return query.sql
        }
        #expect(try decode(body) == "UPDATE t SET a=1")
        for bad: [UInt8] in [
            [], [0x81], [0x81, 15] + Self.compressed, [0x81, 17] + Self.compressed,
            [0x80] + Self.compressed, [0x01, 16] + Self.compressed, [0x91, 16] + Self.compressed,
            [0x85, 0, 0, 0, 0, 16] + Self.compressed, [0x81, 16] + Self.compressed.dropLast(),
            [0x81, 16] + Self.compressed + [0],
            [0x84, 0x3f, 0xff, 0xff, 0xff] + Self.compressed,
        ] {
            #expect(throws: DecodingError.self) { try decode(head + bad) }
        }
        EventDecoderHarness.corrupt(165, body)
    }

    @Test("START_ENCRYPTION_EVENT says what to do")
    func encryption() {
        let error = #expect(throws: DecodingError.self) {
            try EventDecoderHarness.decodeBody(164, [1, 1, 0, 0, 0])
        }
        #expect("\(error as Any)".contains("decrypts"))
    }
}
