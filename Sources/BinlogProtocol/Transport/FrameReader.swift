/// Takes the frames of the compressed protocol apart: what was inside of them is the stream of packets.
///
///     ┌───────────────┬─────────────┬───────────────────────────┬─────────┐
///     │ length u24 LE │ sequence u8 │ decompressed length u24   │ payload │   decompressed length 0:
///     └───────────────┴─────────────┴───────────────────────────┴─────────┘   not compressed
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_compression_packet.html
///
/// A frame holds any part of the stream: several packets, and the beginning or the end of others. Memory is bounded by
/// the two lengths, which have 24 bits each, and reserved when the payload is there.
final class FrameReader {
    private enum State {
        case header
        case verbatim(bytesLeft: Int)
        case compressed(bytes: Int, decompressedBytes: Int)
        /// What had no room in the caller's buffer, from `offset` on.
        case decompressed(offset: Int)
    }

    static let headerBytes = 7
    private static let receiveBufferBytes = 256 << 10
    /// A claimed length reserves no more than this; beyond it memory follows what was received.
    private static let reservedBytesMax = 1 << 20

    private let channel: Channel
    private let codec: FrameCodec
    private var received = ReceiveBuffer(capacity: FrameReader.receiveBufferBytes)
    private var state = State.header
    /// The payload of a frame larger than `received`, as far as it came.
    private var gathered: [UInt8] = []
    private var decompressed: [UInt8] = []
    /// The number of the next frame in either direction.
    var sequence: UInt8 = 0
    /// All bytes received, compressed as they were.
    private(set) var bytesReceived: UInt64 = 0

    init(_ channel: Channel, _ codec: FrameCodec) {
        self.channel = channel
        self.codec = codec
    }

    /// Whether a frame has begun and not all of it was handed out.
    var isInFrame: Bool {
        if case .header = state { return received.count > 0 }
        return true
    }

    /// As ``Channel/read(into:)``: the content of frames, without waiting.
    func read(into space: UnsafeMutableRawBufferPointer) throws(TransportError) -> Channel.Progress
    {
        while true {
            switch state {
            case .header:
                guard received.count >= FrameReader.headerBytes else {
                    if let wait = try fill() { return wait }
                    continue
                }
                try readHeader()
            case .verbatim(bytesLeft: 0):
                state = .header
            case .verbatim(let bytesLeft):
                return try readVerbatim(bytesLeft, into: space)
            case .compressed(let bytes, let decompressedBytes):
                if let wait = try gather(bytes) { return wait }
                if try decompress(bytes, to: decompressedBytes, into: space) {
                    return .bytes(decompressedBytes)
                }
            case .decompressed(let offset):
                let count = min(space.count, decompressed.count - offset)
                decompressed.withUnsafeBytes {
                    space.copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: $0[offset...].prefix(count)))
                }
                let isAll = offset + count == decompressed.count
                if isAll { decompressed = [] }
                state = isAll ? .header : .decompressed(offset: offset + count)
                return .bytes(count)
            }
        }
    }

    private func readHeader() throws(TransportError) {
        let header = received.header()
        let length = Int(header & 0xff_ffff)
        let number = UInt8(truncatingIfNeeded: header >> 24)
        guard number == sequence else {
            throw .sequence(expected: sequence, found: number)
        }
        sequence &+= 1
        received.skip(4)
        var decompressedLength = 0
        for shift in [0, 8, 16] { decompressedLength |= Int(received.takeByte()) << shift }
        state =
            decompressedLength == 0
            ? .verbatim(bytesLeft: length)
            : .compressed(bytes: length, decompressedBytes: decompressedLength)
    }

    private func readVerbatim(
        _ bytesLeft: Int, into space: UnsafeMutableRawBufferPointer
    ) throws(TransportError) -> Channel.Progress {
        let room = UnsafeMutableRawBufferPointer(rebasing: space.prefix(bytesLeft))
        let progress: Channel.Progress
        if received.count > 0 {
            progress = .bytes(received.copy(to: room))
        } else {
            progress = try channel.read(into: room)
            if case .bytes(let count) = progress { bytesReceived &+= UInt64(count) }
        }
        if case .bytes(let count) = progress { state = .verbatim(bytesLeft: bytesLeft - count) }
        return progress
    }

    /// Receives what there is; the reason to wait when there is nothing.
    private func fill() throws(TransportError) -> Channel.Progress? {
        let progress = try channel.read(into: received.space())
        guard case .bytes(let count) = progress else { return progress }
        received.didReceive(count)
        bytesReceived &+= UInt64(count)
        return nil
    }

    /// Receives a whole payload, into `gathered` when `received` is too small for it.
    private func gather(_ bytes: Int) throws(TransportError) -> Channel.Progress? {
        guard bytes > FrameReader.receiveBufferBytes else {
            while received.count < bytes {
                if let wait = try fill() { return wait }
            }
            return nil
        }
        gathered.reserveCapacity(min(bytes, FrameReader.reservedBytesMax))
        while gathered.count < bytes {
            if received.count == 0, let wait = try fill() { return wait }
            received.move(min(bytes - gathered.count, received.count), to: &gathered)
        }
        return nil
    }

    /// Whether there was room in `space`; else the bytes are in `decompressed`.
    private func decompress(
        _ bytes: Int, to decompressedBytes: Int, into space: UnsafeMutableRawBufferPointer
    ) throws(TransportError) -> Bool {
        let hasRoom = decompressedBytes <= space.count
        let isGood: Bool
        if hasRoom {
            isGood = decompress(
                bytes,
                into: UnsafeMutableRawBufferPointer(rebasing: space.prefix(decompressedBytes)))
        } else {
            var outcome = false
            decompressed = [UInt8](unsafeUninitializedCapacity: decompressedBytes) { room, count in
                outcome = decompress(bytes, into: UnsafeMutableRawBufferPointer(room))
                count = outcome ? decompressedBytes : 0
            }
            isGood = outcome
        }
        guard isGood else {
            throw .compressedFrame(
                decompressedBytes: decompressedBytes, before: bytesReceived - UInt64(received.count)
            )
        }
        state = hasRoom ? .header : .decompressed(offset: 0)
        return hasRoom
    }

    private func decompress(_ bytes: Int, into room: UnsafeMutableRawBufferPointer) -> Bool {
        if gathered.isEmpty {
            return received.withFirst(bytes) { codec.decompress($0, into: room) }
        }
        defer { gathered = [] }
        return gathered.withUnsafeBytes { codec.decompress($0, into: room) }
    }
}
