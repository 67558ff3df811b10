import BinlogProtocol
import Foundation
import TestSupport
import Testing

@Suite("Compressed transactions that are far larger than their event")
struct TransactionPayloadSizeTests {
    /// A zstd frame of repeated bytes: three bytes for each 128 KiB, and a byte more for their value.
    private struct Frame {
        var bytes: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]

        private mutating func head(_ count: Int, type: UInt32, isLast: Bool) {
            let head = UInt32(count) << 3 | type << 1 | (isLast ? 1 : 0)
            for shift in [0, 8, 16] as [UInt32] {
                bytes.append(UInt8(truncatingIfNeeded: head >> shift))
            }
        }

        mutating func append(_ content: [UInt8], isLast: Bool = false) {
            head(content.count, type: 0, isLast: isLast)
            bytes += content
        }

        mutating func append(zeros count: Int) {
            var left = count
            while left > 0 {
                let block = min(left, 128 << 10)
                head(block, type: 1, isLast: false)
                bytes.append(0)
                left -= block
            }
        }
    }

    private static func header(_ type: UInt8, bodyBytes: Int) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt32(1_700_000_000))
        writer.write(type)
        writer.write(UInt32(7))
        writer.write(UInt32(19 + bodyBytes))
        writer.write(UInt32(0))
        writer.write(UInt16(0x80))
        return writer.bytes
    }

    /// The payload event's body; the size before compression that it claims is nonsense.
    private static func body(_ frame: Frame) -> [UInt8] {
        let claimed: [UInt8] = [3, 9, 0xfe] + Array(repeating: 0xff, count: 8)
        return [2, 1, 0] + claimed + [0] + frame.bytes
    }

    private static func plain(_ event: [UInt8]) -> [UInt8] {
        EventBuilder.event(event[4], Array(event[19..<(event.count - 4)]), hasChecksum: false)
    }

    private static func changes(_ frame: Frame) throws -> Int {
        let uuid = try #require(ServerUUID("3e11fa47-71ca-11e1-9e33-c80aa9429562"))
        var stream = ChangeStream(checksum: .crc32)
        var count = 0
        for event in [EventBuilder.gtid(uuid, 1), EventBuilder.event(40, body(frame))] {
            stream.feed(event)
            while try stream.next() != nil { count += 1 }
        }
        return count
    }

    /// The most memory that the process had at once, in MiB.
    private static func peak() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(Int(line.filter(\.isNumber))) >> 10
    }

    @Test("OJ7: two gigabytes of events out of 70 KB pass through in the memory of one event")
    func streamed() async {
        await #expect(processExitsWith: .success) {
            let events = 128
            let bodyBytes = 16 << 20
            var frame = Frame()
            frame.append(Self.plain(EventBuilder.query("BEGIN")))
            for _ in 0..<events {
                frame.append(Self.header(28, bodyBytes: bodyBytes))
                frame.append(zeros: bodyBytes)
            }
            frame.append(Self.plain(EventBuilder.xid(7)), isLast: true)
            try #require(frame.bytes.count < 100_000)
            let before = try Self.peak()
            #expect(try Self.changes(frame) == 2)
            let grown = try Self.peak() - before
            #expect(grown < 150 || Environment.isSanitized, "\(grown) MiB")
        }
    }

    @Test("OJ7: zeros are no events, and an event larger than any is refused before it is inflated")
    func refused() throws {
        var zeros = Frame()
        zeros.append(zeros: 1 << 30)
        zeros.append([0], isLast: true)
        #expect(throws: DecodingError(.invalid("event size"), at: 9)) { try Self.changes(zeros) }
        var large = Frame()
        large.append(Self.header(28, bodyBytes: 1 << 30))
        large.append(zeros: 1 << 30)
        large.append([0], isLast: true)
        #expect(throws: DecodingError(.invalid("event size"), at: 9)) { try Self.changes(large) }
    }
}
