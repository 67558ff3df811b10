import BinlogProtocol
import TestSupport
import Testing

@Suite("Statements in several events")
struct StatementContextTests {
    // SET @u='secret value'; INSERT INTO ai(v) VALUES (@u)
    private static let variable = hexBytes(
        "01000000 75 00 00 2d000000 0c000000 7365637265742076616c7565")
    // SET @n=NULL
    private static let nullVariable = hexBytes("01000000 6e 01")
    // LOAD DATA INFILE '/tmp/out1.txt' INTO TABLE ai(v), its file with 38 bytes
    private static let block = hexBytes("01000000 7365637265742076616c7565 0a31")

    private static func load(_ sql: String, file: UInt32) -> [UInt8] {
        var body = ByteWriter()
        body.write(UInt32(12))
        body.write(UInt32(0))
        body.write(UInt8(2))
        body.write(UInt16(0))
        body.write(UInt16(5))
        body.write(file)
        body.write(UInt32(9))
        body.write(UInt32(37))
        body.write(UInt8(0))
        body.write([0, 0, 0, 0, 0])
        body.writeNulTerminated("pr")
        body.write(sql.utf8)
        return body.bytes
    }

    private func statements(_ events: [[UInt8]]) throws -> [Statement] {
        let uuid = try #require(ServerUUID("3e11fa47-71ca-11e1-9e33-c80aa9429562"))
        return try changes(
            of: [EventBuilder.gtid(uuid, 1), EventBuilder.query("BEGIN")] + events
        ).compactMap { if case .statement(let statement) = $0 { statement } else { nil } }
    }

    @Test("numbers, seeds and variables belong to the statement behind them and to no other")
    func context() throws {
        let found = try statements([
            EventBuilder.event(5, hexBytes("01 0100000000000000")),
            EventBuilder.event(5, hexBytes("02 0200000000000000")),
            EventBuilder.event(13, hexBytes("dc87fe0d00000000 29e99f2e00000000")),
            EventBuilder.event(14, Self.variable), EventBuilder.event(14, Self.nullVariable),
            EventBuilder.query("INSERT INTO t VALUES (1)"),
            EventBuilder.query("INSERT INTO t VALUES (2)"),
        ])
        let context = try #require(found.first?.context)
        #expect(context.lastInsertID == 1)
        #expect(context.insertID == 2)
        #expect(context.randomSeeds?.first == 0x0dfe_87dc)
        #expect(context.randomSeeds?.second == 0x2e9f_e929)
        #expect(context.userVariables == ["u", "n"])
        #expect(found.last?.context.isEmpty == true)
    }

    @Test("DZ10, DT5: LOAD DATA in statement format is a statement with its file's length")
    func loadData() throws {
        let sql = "LOAD DATA INFILE '/tmp/a' INTO TABLE `ai` (`v`)"
        let found = try statements([
            EventBuilder.event(17, Self.block), EventBuilder.event(9, Self.block),
            EventBuilder.event(17, hexBytes("02000000 01")),
            EventBuilder.event(11, hexBytes("02000000")),
            EventBuilder.event(18, Self.load(sql, file: 1)),
            EventBuilder.event(18, Self.load("COMMIT", file: 2)),
        ])
        #expect(found.map(\.sql) == [sql, "COMMIT"])
        #expect(found.map(\.kind) == [.dml, .dml])
        #expect(found.map(\.database) == ["pr", "pr"])
        #expect(found.map(\.table) == ["ai", nil])
        #expect(found.map(\.context.fileByteCount) == [28, nil])
    }

    @Test("parts of statements outside a transaction stop")
    func order() {
        for (type, body) in [
            (UInt8(13), Array(repeating: UInt8(0), count: 16)), (17, Self.block),
            (18, Self.load("LOAD DATA", file: 1)),
        ] {
            var stream = ChangeStream(checksum: .crc32)
            stream.feed(EventBuilder.event(type, body))
            #expect(throws: DecodingError.self) { try stream.next() }
        }
    }

    @Test("the number of files and of names is bounded")
    func bounds() throws {
        let names = (0..<1100).map { number in
            EventBuilder.event(
                14, JSONBytes.u32(4) + Array("v\(number + 100)".utf8.prefix(4)) + [1])
        }
        let found = try statements(names + [EventBuilder.query("DO 1")])
        #expect(found.first?.context.userVariables.count == 1000)
        #expect(throws: DecodingError.self) {
            try statements((0..<1001).map { EventBuilder.event(17, JSONBytes.u32($0)) })
        }
    }

    @Test("INTVAR_EVENT, RAND_EVENT, USER_VAR_EVENT and the events of LOAD DATA")
    func events() {
        verifyDecoder(hexBytes("02 0200000000000000"), equals: "insertID 2") {
            reader throws(DecodingError) in
            let event = try IntVarEvent(from: &reader)
            return "\(event.kind) \(event.value)"
        }
        verifyDecoder(hexBytes("dc87fe0d00000000 29e99f2e00000000"), equals: 0x2e9f_e929) {
            reader throws(DecodingError) in try RandEvent(from: &reader).second
        }
        verifyDecoder(Self.nullVariable, equals: "n") { reader throws(DecodingError) in
            try UserVarEvent(from: &reader).name
        }
        let flagged = Self.variable + [1]
        verifyDecoder(flagged, equals: "u", validPrefixes: [Self.variable.count]) {
            reader throws(DecodingError) in try UserVarEvent(from: &reader).name
        }
        verifyDecoder([1, 0, 0, 0], equals: 1) { reader throws(DecodingError) in
            try DeleteFileEvent(from: &reader).fileID
        }
        let load = Self.load("LOAD DATA", file: 7)
        for count in 0..<(load.count - 9) {
            #expect(throws: DecodingError.self) {
                try EventDecoderHarness.decodeBody(18, Array(load[..<count]))
            }
        }
        for (type, body) in [(UInt8(14), flagged), (18, load), (17, Self.block), (5, [1])] {
            EventDecoderHarness.corrupt(type, body)
        }
    }

    @Test("AC1: an incident stops with its number and the length of its message")
    func incident() {
        let body = hexBytes("0100 0b") + Array("lost events".utf8)
        let error = #expect(throws: DecodingError.self) {
            try EventDecoderHarness.decodeBody(26, body)
        }
        #expect(error?.code == .incident(number: 1, messageByteCount: 11))
        let wrapped = error.map { BinlogError($0) }
        #expect(wrapped?.code == .undecodable)
        #expect(wrapped?.message.contains("incident 1, with a message of 11 bytes") == true)
        #expect(wrapped?.message.contains("lost events") == true)
        for wrong in [Array(body.dropLast()), body + [1], body + [1, 2, 3, 4, 5]] {
            let error = #expect(throws: DecodingError.self) {
                try EventDecoderHarness.decodeBody(26, wrong)
            }
            #expect(error?.code != .incident(number: 1, messageByteCount: 11))
        }
        // As MySQL 9.7 writes it: with a checksum of its own behind the message.
        let checked = #expect(throws: DecodingError.self) {
            try EventDecoderHarness.decodeBody(26, body + [0x14, 0x8d, 0xf9, 0xf9])
        }
        #expect(checked?.code == .incident(number: 1, messageByteCount: 11))
    }
}
