import BinlogProtocol
import TestSupport
import Testing

@Suite("MariaDB's transactions")
struct MariaDBChangeTests {
    private static func gtid(_ sequence: UInt64, flags: UInt8, _ rest: [UInt8] = []) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(sequence)
        writer.write(UInt32(0))
        writer.write(flags)
        writer.write(rest)
        return EventBuilder.event(162, writer.bytes)
    }

    private static let alter = EventBuilder.query("ALTER TABLE t ADD c INT")

    @Test("An ALTER in two parts makes one document, a failed one makes none")
    func alterInTwoParts() throws {
        let further: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
        let done = try changes(of: [
            Self.gtid(1, flags: 1, [2]), Self.alter, Self.gtid(2, flags: 1, [4] + further),
            Self.alter,
        ])
        let failed = try changes(of: [
            Self.gtid(1, flags: 1, [2]), Self.alter, Self.gtid(2, flags: 1, [8] + further),
            Self.alter,
        ])
        func statements(_ changes: [Change]) -> Int {
            changes.count { if case .statement = $0 { true } else { false } }
        }
        func ends(_ changes: [Change]) -> Int {
            changes.count { if case .end = $0 { true } else { false } }
        }
        #expect(statements(done) == 1 && ends(done) == 2)
        #expect(statements(failed) == 0 && ends(failed) == 2)
    }

    @Test("A GTID takes the place of BEGIN; a transaction alone ends with its statement")
    func group() throws {
        let changes = try changes(of: [
            Self.gtid(7, flags: 12), EventBuilder.query("INSERT INTO t VALUES (1)"),
            EventBuilder.xid(5), Self.gtid(8, flags: 1), EventBuilder.query("DROP TABLE t"),
        ])
        #expect(changes.count == 6)
        guard case .begin(let start) = changes[0], case .end(let end) = changes[2],
            case .end(.committed(nil)) = changes[5]
        else {
            Issue.record("\(changes)")
            return
        }
        #expect(start.id == "0-7-7")
        #expect(end == .committed(xid: 5))
    }

    @Test("TF1: a list of GTIDs made for the stream is no beginning of a file, and has no time")
    func artificialList() throws {
        var list = ByteWriter()
        list.write(UInt32(1))
        list.write(UInt32(0))
        list.write(UInt32(1))
        list.write(UInt64(80))
        var stream = ChangeStream(checksum: .crc32)
        for (flags, timestamp) in [(0x20, 0), (0, 0), (0x20, 1_700_000_000)] as [(UInt16, UInt32)] {
            stream.feed(EventBuilder.event(163, list.bytes, flags: flags, timestamp: timestamp))
            #expect(try stream.next() == nil)
            #expect(stream.previousGTIDs == nil)
            #expect(stream.lastEventTime == nil)
        }
        stream.feed(EventBuilder.event(163, list.bytes))
        #expect(try stream.next() == nil)
        #expect(stream.previousGTIDs?.description == "0-1-80")
        #expect(stream.lastEventTime == 1_700_000_000)
    }
}
