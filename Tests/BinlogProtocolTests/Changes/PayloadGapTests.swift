import TestSupport
import Testing

@testable import BinlogProtocol

@Suite("Gaps in compressed transactions")
struct PayloadGapTests {
    private let uuid: ServerUUID

    init() throws {
        uuid = try #require(ServerUUID("3e11fa47-71ca-11e1-9e33-c80aa9429562"))
    }

    /// The event without its checksum, as a payload holds it.
    private func plain(_ event: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(event[0..<9])
        writer.write(UInt32(event.count - 4))
        writer.write(event[13..<(event.count - 4)])
        return writer.bytes
    }

    private func steps(_ payload: [UInt8], then rest: [[UInt8]] = []) throws -> [String] {
        var stream = ChangeStream(checksum: .crc32)
        stream.onUndecodable = .gap
        var steps: [String] = []
        // No fields but the end of them: the payload is not compressed.
        let event = EventBuilder.event(40, payload)
        for event in [EventBuilder.gtid(uuid, 1), event] + rest {
            stream.feed(event)
            while let change = try stream.next() {
                switch change {
                case .begin(let start): steps.append("begin \(start.gtid?.number ?? 0)")
                case .gap(let gap): steps.append("gap \(gap.event) \(gap.bytes.count)")
                case .statement: steps.append("statement")
                case .end(let end): steps.append("\(end)")
                default: steps.append("other")
                }
            }
        }
        return steps
    }

    @Test("an event within it: the rest is read")
    func inner() throws {
        let inner =
            plain(EventBuilder.query("BEGIN")) + plain(EventBuilder.event(99, [1, 2]))
            + plain(EventBuilder.query("UPDATE t SET a = 1")) + plain(EventBuilder.xid(7))
        #expect(
            try steps([0] + inner) == [
                "begin 1", "gap event type 99 21", "statement", "committed(xid: Optional(7))",
            ])
    }

    @Test("T85: it cannot be unpacked, or not to its end")
    func packing() throws {
        let next = EventBuilder.transaction(uuid, 2)
        let after = ["begin 2", "committed(xid: Optional(2))"]
        // An unknown way of packing it.
        #expect(
            try steps([2, 1, 7, 0, 1, 2, 3], then: next)
                == ["begin 1", "gap TRANSACTION_PAYLOAD_EVENT 30", "committed(xid: nil)"] + after)
        // No zstd.
        #expect(
            try steps([2, 1, 0, 0, 1, 2, 3, 4, 5], then: next)
                == ["begin 1", "gap TRANSACTION_PAYLOAD_EVENT 32", "committed(xid: nil)"] + after)
        let half =
            plain(EventBuilder.query("BEGIN")) + plain(EventBuilder.query("UPDATE t SET a = 1"))
            + plain(EventBuilder.xid(7)).dropLast()
        #expect(
            try steps([0] + half, then: next)
                == [
                    "begin 1", "statement", "gap TRANSACTION_PAYLOAD_EVENT \(half.count + 24)",
                    "committed(xid: nil)",
                ] + after)
        // An XA transaction of which nobody knows whether it was only prepared.
        let xa =
            plain(EventBuilder.query("XA START X'61',X'',1"))
            + plain(EventBuilder.query("UPDATE t SET a = 1")) + [1, 2, 3]
        #expect(try steps([0] + xa).last?.hasPrefix("prepared") == true)
        // Nothing in it ends the transaction, though all of it can be read.
        #expect(throws: DecodingError.self) {
            try steps([0] + plain(EventBuilder.query("BEGIN")))
        }
    }
}
