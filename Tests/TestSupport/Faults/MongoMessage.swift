internal import BinlogProtocol
internal import Foundation
internal import MongoSink

/// One message of MongoDB's wire protocol.
///
///     length i32 │ requestID i32 │ responseTo i32 │ opCode i32 │ …
///     OP_MSG:         flags u32 │ { kind u8 │ section }…
///     OP_COMPRESSED:  original opCode i32 │ uncompressed size i32 │ compressor u8 │ …
struct MongoMessage {
    let bytes: [UInt8]

    private static let headerBytes = 16
    private static let bytesMax = 48_000_000
    private static let opMessage: Int32 = 2013
    private static let opCompressed: Int32 = 2012

    /// The next message of a line; nil when the other side left.
    init?(from line: LoopbackLine) throws {
        guard let header = try line.receive(Self.headerBytes) else { return nil }
        let length = Int(Self.int32(header, 0))
        guard (Self.headerBytes...Self.bytesMax).contains(length) else {
            throw FakeServer.Failure(description: "a message of \(length) bytes")
        }
        if length == Self.headerBytes {
            bytes = header
        } else {
            guard let body = try line.receive(length - Self.headerBytes) else { throw LineEnded() }
            bytes = header + body
        }
    }

    var requestID: Int32 { Self.int32(bytes, 4) }
    private var opcode: Int32 { Self.int32(bytes, 12) }

    private static func int32(_ bytes: [UInt8], _ offset: Int) -> Int32 {
        guard bytes.count >= offset + 4 else { return 0 }
        return (0..<4).reduce(0) { $0 | Int32(bitPattern: UInt32(bytes[offset + $1]) << ($1 * 8)) }
    }

    /// The command's own document; nil for what drivers say before they know the server, and inside
    /// a compressor of which we know only the name.
    func command() throws -> BSONDocument? {
        let noCompressor: UInt8 = 0
        var start = Self.headerBytes
        if opcode == Self.opCompressed {
            guard bytes.count > 25, bytes[24] == noCompressor,
                Self.int32(bytes, 16) == Self.opMessage
            else { return nil }
            start = 25
        } else if opcode != Self.opMessage {
            return nil
        }
        start += 4
        while start < bytes.count {
            let kind = bytes[start]
            if kind == 0 { return try BSONDocument(bytes, in: (start + 1)..<bytes.count) }
            start += 1 + max(4, Int(Self.int32(bytes, start + 1)))
        }
        return nil
    }

    /// How many documents it carries beside the command's own, which is how drivers send inserts.
    func documentCount() throws -> Int {
        guard opcode == Self.opMessage else { return 0 }
        var count = 0
        var start = Self.headerBytes + 4
        while start < bytes.count {
            let kind = bytes[start]
            let end = start + 1 + max(4, Int(Self.int32(bytes, start + 1)))
            guard end <= bytes.count else { break }
            if kind == 1, let nameEnd = bytes[(start + 5)..<end].firstIndex(of: 0) {
                var next = nameEnd + 1
                while next < end {
                    next = try BSONDocument(bytes, in: next..<end).range.upperBound
                    count += 1
                }
            }
            start = end
        }
        return count
    }

    /// Whether drivers compress it: then it is none of those that they send on their own.
    var isCompressed: Bool { opcode == Self.opCompressed }

    /// The answer to this message.
    func answer(_ document: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        let head: [Int32] = [
            Int32(Self.headerBytes + 5 + document.count), requestID, requestID, Self.opMessage, 0,
        ]
        for number in head { writer.write(UInt64(UInt32(bitPattern: number)), bytes: 4) }
        writer.write(UInt8(0))
        writer.write(document)
        return writer.bytes
    }
}
