import BinlogProtocol
import Foundation
import TestSupport
import Testing

@Suite("Packet framing")
struct PacketStreamTests {
    /// A payload whose bytes differ around every place where it may be cut.
    private static func payload(_ count: Int, first: UInt8 = 0) -> [UInt8] {
        var bytes = [UInt8](repeating: 0x5a, count: count)
        for mark in [0, 1, 4, 262_144, 0xff_fffe, 0xff_ffff, 0x100_0000, count - 1]
        where bytes.indices.contains(mark) {
            bytes[mark] = UInt8(truncatingIfNeeded: mark &* 7 &+ 3)
        }
        if count > 0 { bytes[0] = first }
        return bytes
    }

    /// The packets of one payload, made without the code under test.
    private static func frames(_ payload: [UInt8], sequence: inout UInt8) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = payload[...]
        while true {
            let chunk = rest.prefix(0xff_ffff)
            bytes += [
                UInt8(chunk.count & 0xff), UInt8(chunk.count >> 8 & 0xff),
                UInt8(chunk.count >> 16), sequence,
            ]
            bytes += chunk
            sequence &+= 1
            rest = rest.dropFirst(chunk.count)
            if chunk.count < 0xff_ffff { return bytes }
        }
    }

    private func connect(
        _ server: FakeServer, _ cancellation: Cancellation? = nil
    ) throws -> PacketStream {
        let socket = try Socket.connect(
            to: server.address, until: .now.advanced(by: .seconds(5)),
            cancellation: try cancellation ?? Cancellation())
        return PacketStream(Channel(socket))
    }

    private var soon: ContinuousClock.Instant { .now.advanced(by: .seconds(15)) }

    static let sizes = [
        0, 1, 2, 65_535, 262_143, 262_144, 0xff_fffe, 0xff_ffff, 0x100_0000, 17_000_000,
        2 * 0xff_ffff, 2 * 0xff_ffff + 1,
    ]

    @Test("T55: payloads around the size of a packet are joined", arguments: sizes)
    func joined(size: Int) throws {
        let server = try FakeServer { peer in
            var sequence: UInt8 = 0
            try peer.sendRaw(Self.frames(Self.payload(size), sequence: &sequence))
            try peer.sendRaw(Self.frames([9, 8, 7], sequence: &sequence))
        }
        let stream = try connect(server)
        let limit = Limits.packetBytesMax
        #expect(try stream.receive(bytesMax: limit, until: soon) == Self.payload(size))
        #expect(try stream.receive(bytesMax: limit, until: soon) == [9, 8, 7])
        try server.finish()
    }

    @Test("T55: the same with the status byte cut off", arguments: sizes.dropFirst())
    func joinedWithStatus(size: Int) throws {
        let server = try FakeServer { peer in
            var sequence: UInt8 = 0
            try peer.sendRaw(Self.frames(Self.payload(size, first: 0xab), sequence: &sequence))
            try peer.sendRaw(Self.frames([9, 8, 7], sequence: &sequence))
        }
        let stream = try connect(server)
        let limit = Limits.packetBytesMax
        let first = try stream.receiveWithStatus(bytesMax: limit, until: soon)
        #expect(first?.status == 0xab)
        #expect(first?.body == Array(Self.payload(size).dropFirst()))
        let second = try stream.receiveWithStatus(bytesMax: limit, until: soon)
        #expect(second?.status == 9)
        #expect(second?.body == [8, 7])
        try server.finish()
    }

    @Test("A packet of several chunks can be read in pieces", arguments: sizes.dropFirst())
    func pieces(size: Int) throws {
        let payload = Self.payload(size, first: 0xab)
        let server = try FakeServer { peer in
            var sequence: UInt8 = 0
            try peer.sendRaw(Self.frames(payload, sequence: &sequence))
            try peer.sendRaw(Self.frames([9, 8, 7], sequence: &sequence))
        }
        let stream = try connect(server)
        let limit = Limits.packetBytesMax
        let first = try stream.receiveInPieces(bytesMax: limit, until: soon)
        if size < 0xff_ffff {
            #expect(first == .whole(status: 0xab, body: Array(payload.dropFirst())))
        } else {
            #expect(first == .pieces(status: 0xab))
            #expect(try Self.pieces(of: stream, limit) == Array(payload.dropFirst()))
        }
        let second = try stream.receiveInPieces(bytesMax: limit, until: soon)
        #expect(second == .whole(status: 9, body: [8, 7]))
        try server.finish()
    }

    private static func pieces(of stream: PacketStream, _ limit: Int) throws -> [UInt8] {
        let space = UnsafeMutableRawBufferPointer.allocate(byteCount: 100_000, alignment: 16)
        defer { space.deallocate() }
        var bytes: [UInt8] = []
        while true {
            let count = try stream.readPiece(into: space, bytesMax: limit)
            if count == 0 { return bytes }
            bytes.append(contentsOf: space[..<count])
        }
    }

    @Test("A packet in pieces is limited like any other, and its numbers are checked")
    func badPieces() throws {
        let chunk: [UInt8] = [0xff, 0xff, 0xff, 0] + [UInt8](repeating: 1, count: 0xff_ffff)
        let cases: [(more: [UInt8], error: TransportError)] = [
            ([0xff, 0xff, 0xff, 1], .packetTooLarge(limit: 20_000_000)),
            ([5, 0, 0, 7, 1], .sequence(expected: 1, found: 7)),
            ([5, 0, 0, 1, 1], .closed(midPacket: true)),
        ]
        for (more, error) in cases {
            let server = try FakeServer { try $0.sendRaw(chunk + more) }
            let stream = try connect(server)
            _ = try stream.receiveInPieces(bytesMax: 20_000_000, until: soon)
            #expect(throws: error) { try Self.pieces(of: stream, 20_000_000) }
            try server.finish()
        }
    }

    @Test("What we send is cut the same way", arguments: [0, 5, 0xff_fffe, 0xff_ffff, 0x100_0000])
    func sent(size: Int) throws {
        let server = try FakeServer { peer in
            var sequence: UInt8 = 0
            let expected = Self.frames(Self.payload(size), sequence: &sequence)
            guard try peer.receiveRaw(expected.count) == expected else {
                throw FakeServer.Failure(description: "other bytes were sent")
            }
            guard try peer.receiveToEnd().isEmpty else {
                throw FakeServer.Failure(description: "too many bytes were sent")
            }
        }
        try connect(server).send(Self.payload(size), until: soon)
        try server.finish()
    }

    enum Cut: CaseIterable, Sendable {
        case whole, bytes, random
    }

    @Test("However the bytes are cut, the packets are the same", arguments: Cut.allCases)
    func cuts(cut: Cut) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("PacketStreamTests.cuts seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        // More than 256 packets, so that their numbers start again.
        let payloads = (0..<600).map { _ in
            Self.payload(Int.random(in: 0...40, using: &generator))
        }
        var sequence: UInt8 = 0
        var bytes: [UInt8] = []
        for payload in payloads { bytes += Self.frames(payload, sequence: &sequence) }
        let all = bytes
        let server = try FakeServer { [generator] peer in
            var generator = generator
            var rest = all[...]
            while !rest.isEmpty {
                let count: Int
                switch cut {
                case .whole: count = rest.count
                case .bytes: count = 1
                case .random: count = Int.random(in: 1...90, using: &generator)
                }
                try peer.sendRaw(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
        }
        let stream = try connect(server)
        for payload in payloads {
            #expect(try stream.receive(bytesMax: 100, until: soon) == payload)
        }
        #expect(stream.bytesReceived == UInt64(all.count))
        #expect(throws: TransportError.closed(midPacket: false)) {
            try stream.receive(bytesMax: 100, until: soon)
        }
        try server.finish()
    }

    @Test("A deadline in the middle of a packet loses nothing")
    func deadlineKeepsState() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("PacketStreamTests.deadlineKeepsState seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let payload = Self.payload(0xff_ffff + 300, first: 0)
        var cuts = [1, 3, 4, 5, 6, 100, 0xff_ffff + 3, 0xff_ffff + 4, 0xff_ffff + 6]
        for _ in 0..<5 { cuts.append(Int.random(in: 1..<0xff_ffff, using: &generator)) }
        let steps = cuts.sorted()
        let server = try FakeServer { peer in
            var sequence: UInt8 = 0
            let bytes = Self.frames(payload, sequence: &sequence)
            var start = 0
            for cut in steps + [bytes.count] {
                try peer.sendRaw(Array(bytes[start..<cut]))
                start = cut
                Thread.sleep(forTimeInterval: 0.03)
            }
        }
        let stream = try connect(server)
        var timeouts = 0
        var packet: (status: UInt8, body: [UInt8])?
        while packet == nil, timeouts < 10_000 {
            packet = try stream.receiveWithStatus(
                bytesMax: Limits.packetBytesMax, until: .now.advanced(by: .milliseconds(5)))
            if packet == nil { timeouts += 1 }
        }
        #expect(timeouts >= steps.count)
        #expect(packet?.status == 0)
        #expect(packet?.body == Array(payload.dropFirst()))
        try server.finish()
    }

    @Test("T81: a wrong packet number", arguments: [UInt8(1), 2, 255])
    func wrongSequence(number: UInt8) throws {
        let server = try FakeServer { peer in
            try peer.sendRaw(FakePeer.frame([1], sequence: number))
        }
        let stream = try connect(server)
        #expect(throws: TransportError.sequence(expected: 0, found: number)) {
            try stream.receive(bytesMax: 10, until: soon)
        }
        try server.finish()
    }

    @Test("T81: an empty packet where a status byte must be, alone or as the start of a chunk")
    func emptyPacket() throws {
        let server = try FakeServer { try $0.sendRaw([0, 0, 0, 0]) }
        let stream = try connect(server)
        #expect(throws: TransportError.emptyPacket) {
            try stream.receiveWithStatus(bytesMax: 10, until: soon)
        }
        try server.finish()
    }

    @Test("T81: closed between two packets, in a header and in a payload")
    func closed() throws {
        for (bytes, midPacket) in [
            ([], false), ([1, 0], true), ([5, 0, 0, 0], true), ([5, 0, 0, 0, 1, 2], true),
            ([0xff, 0xff, 0xff, 0, 1], true),
        ] as [([UInt8], Bool)] {
            let server = try FakeServer { try $0.sendRaw(bytes) }
            let stream = try connect(server)
            #expect(throws: TransportError.closed(midPacket: midPacket)) {
                try stream.receive(bytesMax: Limits.packetBytesMax, until: soon)
            }
            try server.finish()
        }
    }

    @Test("T84: a claimed length above the limit is refused before its bytes come")
    func limits() throws {
        let server = try FakeServer { peer in
            try peer.sendRaw([11, 0, 0, 0])
            _ = try peer.receiveToEnd()
        }
        var stream: PacketStream? = try connect(server)
        #expect(throws: TransportError.packetTooLarge(limit: 10)) {
            try stream?.receive(bytesMax: 10, until: soon)
        }
        stream = nil
        try server.finish()
    }

    @Test("T84: chunks without end stop at the limit")
    func endlessChunks() throws {
        let server = try FakeServer { peer in
            let chunk = [UInt8](repeating: 1, count: 0xff_ffff)
            do {
                for sequence in UInt8(0)...255 {
                    try peer.sendRaw(FakePeer.frame(chunk, sequence: sequence))
                }
                Issue.record("the client took 4 GiB")
            } catch is FakeServer.Failure {
                // The client left, as it should.
                return
            }
        }
        var stream: PacketStream? = try connect(server)
        let limit = 40_000_000
        #expect(throws: TransportError.packetTooLarge(limit: limit)) {
            try stream?.receive(bytesMax: limit, until: soon)
        }
        stream = nil
        try server.finish()
    }

    @Test("OJ1: silence while waiting is noticed, silence while nobody waits is not")
    func silence() throws {
        let server = try FakeServer { peer in
            try peer.send([1])
            _ = try peer.receiveToEnd()
        }
        var stream: PacketStream? = try connect(server)
        stream?.silenceLimit = .milliseconds(300)
        Thread.sleep(forTimeInterval: 0.5)
        #expect(try stream?.receive(bytesMax: 10, until: soon) == [1])
        let start = ContinuousClock.now
        var timeouts = 0
        #expect(throws: TransportError.silent(.milliseconds(300))) {
            while try stream?.receive(
                bytesMax: 10, until: .now.advanced(by: .milliseconds(50))) == nil
            {
                timeouts += 1
            }
        }
        #expect(timeouts >= 2)
        #expect(start.duration(to: .now) > .milliseconds(290))
        stream = nil
        try server.finish()
    }
}
