import BinlogProtocol
import TestSupport
import Testing

@Suite("Compressed transactions")
struct TransactionPayloadTests {
    private static let none: [UInt8] = [2, 3, 0xfc, 255, 0]
    private static let zstd: [UInt8] = [2, 1, 0]

    private func body(_ fields: [UInt8], _ payload: [UInt8], size: Int? = nil) -> [UInt8] {
        var number = ByteWriter()
        number.writeLengthEncodedInteger(UInt64(size ?? payload.count))
        return [1, UInt8(number.bytes.count)] + number.bytes + fields + [0] + payload
    }

    /// A zstd frame of raw blocks: what a compressor writes for what it cannot compress.
    private func frame(_ content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]
        var at = 0
        repeat {
            let count = min(100_000, content.count - at)
            let isLast = at + count == content.count
            let header = UInt32(count) << 3 | (isLast ? 1 : 0)
            for shift in [0, 8, 16] as [UInt32] {
                bytes.append(UInt8(truncatingIfNeeded: header >> shift))
            }
            bytes += content[at..<(at + count)]
            at += count
        } while at < content.count
        return bytes
    }

    private func inner(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
        EventBuilder.event(type, body, hasChecksum: false)
    }

    private func plain(_ event: [UInt8]) -> [UInt8] {
        inner(event[4], Array(event[19..<(event.count - 4)]))
    }

    private func transaction(_ sql: String = "UPDATE t SET a = 1") -> [UInt8] {
        plain(EventBuilder.query("BEGIN")) + plain(EventBuilder.query(sql))
            + plain(EventBuilder.xid(7))
    }

    private func steps(_ payload: [UInt8]) throws -> [String] {
        let uuid = try #require(ServerUUID("3e11fa47-71ca-11e1-9e33-c80aa9429562"))
        var stream = ChangeStream(checksum: .crc32)
        var steps: [String] = []
        for event in [EventBuilder.gtid(uuid, 1), EventBuilder.event(40, payload)] {
            stream.feed(event)
            while let change = try stream.next() {
                switch change {
                case .begin: steps.append("begin")
                case .statement(let statement): steps.append("\(statement.sql.utf8.count)")
                case .end(let end): steps.append("\(end)")
                default: steps.append("other")
                }
            }
        }
        return steps
    }

    private func code(_ payload: [UInt8]) -> DecodingError.Code? {
        #expect(throws: DecodingError.self) { try steps(payload) }?.code
    }

    @Test("packed or not, small or larger than what is decompressed at once")
    func good() throws {
        for length in [20, 128 << 10, 300_000, 1 << 20] {
            let events = transaction(
                "UPDATE t SET a = '" + String(repeating: "x", count: length) + "'")
            let expected = ["begin", "\(length + 19)", "committed(xid: Optional(7))"]
            #expect(try steps(body(Self.none, events)) == expected)
            #expect(try steps(body(Self.zstd, frame(events))) == expected)
        }
    }

    @Test("fields that cannot be")
    func fields() {
        let events = transaction()
        #expect(
            code(body(Self.none, events, size: events.count + 1)) == .invalid("payload size"))
        #expect(
            code(body([2, 1, 1], events)) == .unsupported("transaction compression 1"))
        #expect(code([1, 9, 3, 0]) != nil, "a field longer than the event")
        #expect(code([]) == .truncated(needed: 1, available: 0))
    }

    @Test("zstd data that is cut, goes on or is none")
    func zstd() {
        let whole = frame(transaction())
        for count in whole.indices {
            #expect(code(body(Self.zstd, Array(whole[..<count]))) != nil, "\(count)")
        }
        #expect(code(body(Self.zstd, whole + [0])) == .trailingBytes(count: 1))
        #expect(code(body(Self.zstd, whole + whole)) == .trailingBytes(count: whole.count))
        #expect(code(body(Self.zstd, transaction())) == .invalid("zstd data"))
    }

    @Test("events that cannot stand inside, or are cut")
    func inside() {
        let events = transaction()
        for type: UInt8 in [40, 15] {
            #expect(
                code(body(Self.none, inner(type, body(Self.none, events))))
                    == .invalid("event within TRANSACTION_PAYLOAD_EVENT"))
        }
        for count in 1..<events.count {
            #expect(code(body(Self.none, Array(events[..<count]))) != nil, "\(count)")
        }
    }

    @Test("a transaction without an end, and none at all")
    func noEnd() {
        let noEnd = DecodingError.Code.invalid(
            "TRANSACTION_PAYLOAD_EVENT: the transaction has no end")
        #expect(code(body(Self.none, plain(EventBuilder.query("BEGIN")))) == noEnd)
        #expect(code(body(Self.none, [])) == noEnd)
        #expect(code(body(Self.zstd, frame([]))) == noEnd)
    }
}
