import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// The frames of the compressed protocol, and the packets inside.
@Suite("Compressed protocol")
struct CompressedProtocolTests {
    private func connect(
        _ server: FakeServer, _ compression: Compression
    ) throws -> PacketStream {
        let socket = try Socket.connect(
            to: server.address, until: soon, cancellation: Cancellation())
        let stream = PacketStream(Channel(socket))
        try stream.startCompression(compression)
        return stream
    }

    private var soon: ContinuousClock.Instant { .now.advanced(by: .seconds(30)) }

    @Test(
        "GM12: two packets and the start of a third in a verbatim frame, the rest in a compressed one"
    )
    func splitPacket() throws {
        for (form, compression) in [
            (CompressedFrames.Form.zlib, Compression.zlib), (.zstd, .zstd),
        ] {
            let server = try FakeServer { peer in
                // The packets' own numbers start anew within a frame, and are nobody's business.
                let third = FakePeer.frame(Array("the third".utf8), sequence: 9)
                let first =
                    FakePeer.frame([1, 2, 3], sequence: 1) + FakePeer.frame([], sequence: 1)
                try peer.sendRaw(
                    CompressedFrames.frame(
                        first + third.prefix(6), sequence: 0, form: .verbatim)
                        + CompressedFrames.frame(
                            third.dropFirst(6) + FakePeer.frame([7], sequence: 1), sequence: 1,
                            form: form)
                        + CompressedFrames.frame([], sequence: 2, form: .verbatim)
                        + CompressedFrames.frame(
                            FakePeer.frame([8, 9], sequence: 77), sequence: 3, form: .verbatim))
            }
            let stream = try connect(server, compression)
            for payload in [[1, 2, 3], [], Array("the third".utf8), [7]] as [[UInt8]] {
                #expect(try stream.receive(bytesMax: 100, until: soon) == payload)
            }
            let last = try stream.receiveWithStatus(bytesMax: 100, until: soon)
            #expect(last?.status == 8)
            #expect(last?.body == [9])
            #expect(throws: TransportError.closed(midPacket: false)) {
                try stream.receive(bytesMax: 100, until: soon)
            }
            try server.finish()
        }
    }

    @Test("However packets lie in frames and frames in the stream, they are the same")
    func cuts() throws {
        print("CompressedProtocolTests.cuts seed \(decoderSeed)")
        for (form, compression) in [
            (CompressedFrames.Form.zlib, Compression.zlib), (.zstd, .zstd),
        ] {
            var generator = SeededGenerator(seed: decoderSeed)
            let payloads = (0..<700).map { index in
                (0..<Int.random(in: 0...(index % 50 == 0 ? 300_000 : 90), using: &generator)).map {
                    UInt8(truncatingIfNeeded: $0 &* 31 &+ index)
                }
            }
            var packets: [UInt8] = []
            for payload in payloads { packets += FakePeer.frame(payload, sequence: 5) }
            var frames: [UInt8] = []
            var number: UInt8 = 0
            var rest = packets[...]
            while !rest.isEmpty {
                // Some frames are larger than any buffer, most are small.
                let largest = number % 40 == 0 ? 600_000 : 4000
                let part = rest.prefix(Int.random(in: 1...largest, using: &generator))
                let form = Bool.random(using: &generator) ? form : .verbatim
                frames += CompressedFrames.frame(Array(part), sequence: number, form: form)
                number &+= 1
                rest = rest.dropFirst(part.count)
            }
            let all = frames
            let server = try FakeServer { [generator] peer in
                var generator = generator
                var rest = all[...]
                while !rest.isEmpty {
                    let part = rest.prefix(Int.random(in: 1...9000, using: &generator))
                    try peer.sendRaw(Array(part))
                    rest = rest.dropFirst(part.count)
                }
            }
            let stream = try connect(server, compression)
            for payload in payloads {
                #expect(try stream.receive(bytesMax: 400_000, until: soon) == payload)
            }
            #expect(stream.bytesReceived == UInt64(all.count))
            try server.finish()
        }
    }

    @Test("The largest frames, stored and squeezed, and a packet over two of them")
    func largest() throws {
        let size = 0xff_ffff
        let server = try FakeServer { peer in
            let payload = [UInt8](repeating: 0x61, count: size)
            var packets = FakePeer.frame(payload, sequence: 0)
            packets += FakePeer.frame([0x61, 0x62], sequence: 1)
            try peer.sendRaw(
                CompressedFrames.frame(Array(packets.prefix(4)), sequence: 0, form: .verbatim))
            try peer.sendRaw(
                CompressedFrames.frame(
                    payload: CompressedFrames.repeatedZstd(0x61, count: size), sequence: 1,
                    claimed: size))
            try peer.sendRaw(
                CompressedFrames.frame(Array(packets.suffix(6)), sequence: 2, form: .zstd))
            packets = FakePeer.frame([UInt8](repeating: 7, count: size - 2000), sequence: 0)
            // With what zstd adds, that is as long as a frame can be.
            try peer.sendRaw(CompressedFrames.frame(packets, sequence: 3, form: .zstd))
        }
        let stream = try connect(server, .zstd)
        let packet = try stream.receive(bytesMax: Limits.packetBytesMax, until: soon)
        #expect(packet == [UInt8](repeating: 0x61, count: size + 1) + [0x62])
        let second = try stream.receive(bytesMax: Limits.packetBytesMax, until: soon)
        #expect(second == [UInt8](repeating: 7, count: size - 2000))
        try server.finish()
    }

    @Test("Known bytes of zlib and of zstd")
    func known() throws {
        // python3: zlib.compress(b'\x60\0\0\0' + b'a' * 96); zstd --no-check of the same
        for (compression, hex) in [
            (Compression.zlib, "789c4b60606048a43100000a7d24c1"),
            (.zstd, "28b52ffd20645d000028600000006101003c012d"),
        ] {
            let server = try FakeServer { peer in
                let bytes = hexBytes(hex)
                try peer.sendRaw(
                    CompressedFrames.frame(payload: bytes, sequence: 0, claimed: 100))
            }
            let stream = try connect(server, compression)
            let packet = try stream.receive(bytesMax: 1000, until: soon)
            #expect(packet == [UInt8](repeating: 0x61, count: 96))
            try server.finish()
        }
    }

    @Test(
        "What we send: short packets verbatim, long ones compressed, the largest over several frames",
        arguments: [Compression.zlib, .zstd], [1, 45, 46, 1000, 0xff_fffe, 0xff_ffff, 0x100_0123])
    func sent(compression: Compression, size: Int) throws {
        let payload = [UInt8](repeating: 0x5a, count: size)
        let packetCount = size / 0xff_ffff + 1
        let server = try FakeServer { peer in
            var headers: [(sequence: UInt8, decompressed: Int)] = []
            var frames: [[UInt8]] = []
            var total = 0
            while total < size + 4 * packetCount {
                let header = try peer.receiveRaw(7).map { Int($0) }
                let length = header[0] | header[1] << 8 | header[2] << 16
                let decompressed = header[4] | header[5] << 8 | header[6] << 16
                frames.append(try peer.receiveRaw(length))
                headers.append((UInt8(header[3]), decompressed))
                let content = decompressed == 0 ? length : decompressed
                total += content
                guard (decompressed == 0) == (content < 50), length < 100_000 else {
                    throw FakeServer.Failure(description: "\(length) bytes for \(decompressed)")
                }
            }
            guard headers.map(\.sequence) == Array(0..<UInt8(headers.count)) else {
                throw FakeServer.Failure(description: "frames have wrong numbers")
            }
            // What comes back must be what was sent: the reader undoes what the writer did.
            for (index, frame) in frames.enumerated() {
                try peer.sendRaw(
                    CompressedFrames.frame(
                        payload: frame, sequence: UInt8(frames.count + index),
                        claimed: headers[index].decompressed))
            }
        }
        let stream = try connect(server, compression)
        stream.startCommand()
        try stream.send(payload, until: soon)
        #expect(try stream.receive(bytesMax: Limits.packetBytesMax, until: soon) == payload)
        try server.finish()
    }

    /// The error that these bytes end in.
    private func failure(
        _ bytes: [UInt8], _ compression: Compression
    ) throws -> TransportError? {
        let server = try FakeServer { try $0.sendRaw(bytes) }
        let stream = try connect(server, compression)
        var failure: TransportError?
        while failure == nil {
            do throws(TransportError) {
                _ = try stream.receive(bytesMax: 1_000_000, until: soon)
            } catch {
                failure = error
            }
        }
        try server.finish()
        return failure
    }

    @Test("GM12: frames with a wrong number, a wrong length, garbage, or none of it")
    func malformed() throws {
        let packet = FakePeer.frame([UInt8](repeating: 3, count: 200), sequence: 0)
        for (form, compression) in [
            (CompressedFrames.Form.zlib, Compression.zlib), (.zstd, .zstd),
        ] {
            let good = CompressedFrames.frame(packet, sequence: 0, form: form)
            let wrongNumber = CompressedFrames.frame(packet, sequence: 2, form: form)
            #expect(
                try failure(wrongNumber, compression) == .sequence(expected: 0, found: 2))
            for claimed in [1, 203, 205, 0xff_ffff] {
                let frame = CompressedFrames.frame(
                    packet, sequence: 0, form: form, claimed: claimed)
                #expect(
                    try failure(frame, compression)
                        == .compressedFrame(
                            decompressedBytes: claimed, before: UInt64(frame.count)))
            }
            for payload in [Array(good.dropFirst(7)) + [0], Array(good.dropFirst(8)), [], [0]] {
                let frame = CompressedFrames.frame(payload: payload, sequence: 0, claimed: 204)
                #expect(
                    try failure(frame, compression)
                        == .compressedFrame(decompressedBytes: 204, before: UInt64(frame.count)))
            }
            for count in [1, 6, 7, 8, good.count - 1] {
                #expect(
                    try failure(Array(good.prefix(count)), compression)
                        == .closed(midPacket: true))
            }
            #expect(try failure(good, compression) == .closed(midPacket: false))
        }
    }

    @Test("Any byte may be another one: packets or an error, never a trap")
    func corrupt() throws {
        var generator = SeededGenerator(seed: decoderSeed)
        let packet = FakePeer.frame([UInt8](repeating: 3, count: 90), sequence: 0)
        for (form, compression) in [
            (CompressedFrames.Form.zlib, Compression.zlib), (.zstd, .zstd),
        ] {
            let good =
                CompressedFrames.frame(packet, sequence: 0, form: form)
                + CompressedFrames.frame(packet, sequence: 1, form: .verbatim)
            for _ in 0..<100 {
                var bytes = good
                let index = Int.random(in: bytes.indices, using: &generator)
                bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
                #expect(try failure(bytes, compression) != nil)
            }
        }
    }

    @Test("The largest packet allowed is no larger inside of frames")
    func limit() throws {
        let bomb = CompressedFrames.repeatedZstd(0xff, count: 0xff_ffff)
        let frames = CompressedFrames.frame(payload: bomb, sequence: 0, claimed: 0xff_ffff)
        #expect(try failure(frames, .zstd) == .packetTooLarge(limit: 1_000_000))
    }

    @Test("Bytes in the old form where frames must begin")
    func early() throws {
        let server = try FakeServer { peer in
            try peer.sendRaw(
                FakePeer.frame([1], sequence: 0) + FakePeer.frame([2], sequence: 1))
        }
        let socket = try Socket.connect(
            to: server.address, until: soon, cancellation: Cancellation())
        let stream = PacketStream(Channel(socket))
        try server.finish()
        #expect(try stream.receive(bytesMax: 10, until: soon) == [1])
        #expect(throws: TransportError.bytesBeforeCompression) {
            try stream.startCompression(.zlib)
        }
    }
}
