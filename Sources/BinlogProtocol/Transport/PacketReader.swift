/// Cuts received bytes into packets and joins what was split.
///
/// A value, so that one packet costs one check of exclusive access and not one for each field.
struct PacketReader: ~Copyable {
    static let chunkBytesMax = 0xff_ffff
    private static let receiveBufferBytes = 256 << 10
    /// A claimed length reserves no more than this; beyond it memory follows what was received.
    private static let reservedBytesMax = 1 << 20

    private let channel: Channel
    /// Once the protocol is compressed: what takes its frames apart.
    var frames: FrameReader?
    private var buffer = ReceiveBuffer(capacity: PacketReader.receiveBufferBytes)
    /// The number of the next packet in either direction.
    var sequence: UInt8 = 0

    /// The packet that is being put together.
    private var partial: [UInt8] = []
    private var chunkBytesLeft = 0
    private var isInPacket = false
    private var chunkIsLast = false
    private var status: UInt8?

    var silenceLimit: Duration?
    private var silentFor = Duration.zero
    private(set) var bytesReceived: UInt64 = 0

    init(_ channel: Channel) {
        self.channel = channel
    }

    /// Whether bytes were received that belong to no packet handed out.
    var hasUnusedBytes: Bool { buffer.count > 0 || isInPacket }

    mutating func receiveWithStatus(
        bytesMax: Int, until deadline: ContinuousClock.Instant
    ) throws(TransportError) -> (status: UInt8, body: [UInt8])? {
        guard let body = try receive(takesStatus: true, bytesMax: bytesMax, until: deadline) else {
            return nil
        }
        guard let first = status else { throw .emptyPacket }
        status = nil
        return (first, body)
    }

    mutating func receive(
        takesStatus: Bool, bytesMax: Int, until deadline: ContinuousClock.Instant
    ) throws(TransportError) -> [UInt8]? {
        while true {
            if chunkBytesLeft == 0 {
                if isInPacket, chunkIsLast {
                    isInPacket = false
                    let packet = partial
                    partial = []
                    return packet
                }
                guard try fill(atLeast: 4, until: deadline) else { return nil }
                try readHeader(bytesMax: bytesMax)
                if !takesStatus || status != nil { continue }
                // The status byte is the first of the packet's first chunk.
                if chunkBytesLeft == 0 { throw .emptyPacket }
            }
            guard try fill(atLeast: 1, until: deadline) else { return nil }
            if takesStatus, status == nil {
                status = buffer.takeByte()
                chunkBytesLeft -= 1
            }
            let count = min(chunkBytesLeft, buffer.count)
            if count == chunkBytesLeft, chunkIsLast, partial.isEmpty {
                // The usual case: one chunk, all of it here, copied once.
                chunkBytesLeft = 0
                isInPacket = false
                return buffer.take(count)
            }
            if partial.isEmpty {
                partial.reserveCapacity(min(chunkBytesLeft, PacketReader.reservedBytesMax))
            }
            buffer.move(count, to: &partial)
            chunkBytesLeft -= count
        }
    }

    private mutating func readHeader(bytesMax: Int) throws(TransportError) {
        let header = buffer.header()
        let length = Int(header & 0xff_ffff)
        let number = UInt8(truncatingIfNeeded: header >> 24)
        // Inside of frames, servers number their packets anew from the frame's number after each flush.
        guard number == sequence || frames != nil else {
            throw .sequence(expected: sequence, found: number)
        }
        guard length <= bytesMax - partial.count else { throw .packetTooLarge(limit: bytesMax) }
        buffer.skip(4)
        sequence = number &+ 1
        chunkBytesLeft = length
        chunkIsLast = length != PacketReader.chunkBytesMax
        isInPacket = true
    }

    /// False when the deadline passed before `count` bytes were there.
    private mutating func fill(
        atLeast count: Int, until deadline: ContinuousClock.Instant
    ) throws(TransportError) -> Bool {
        while buffer.count < count {
            let progress: Channel.Progress
            do {
                progress = try read()
            } catch .closed {
                throw .closed(
                    midPacket: isInPacket || buffer.count > 0 || frames?.isInFrame == true)
            }
            switch progress {
            case .bytes(let received): buffer.didReceive(received)
            case .wait(let readiness):
                guard try wait(for: readiness, until: deadline) else { return false }
            }
        }
        return true
    }

    private mutating func read() throws(TransportError) -> Channel.Progress {
        let progress: Channel.Progress
        var received: UInt64 = 0
        if let frames {
            let before = frames.bytesReceived
            progress = try frames.read(into: buffer.space())
            received = frames.bytesReceived - before
        } else {
            progress = try channel.read(into: buffer.space())
            if case .bytes(let count) = progress { received = UInt64(count) }
        }
        if received > 0 {
            bytesReceived &+= received
            silentFor = .zero
        }
        return progress
    }

    private mutating func wait(
        for readiness: Socket.Readiness, until deadline: ContinuousClock.Instant
    ) throws(TransportError) -> Bool {
        guard let silenceLimit else { return try channel.wait(for: readiness, until: deadline) }
        let started = ContinuousClock.now
        let silenceEnd = started.advanced(by: silenceLimit - silentFor)
        if try channel.wait(for: readiness, until: min(deadline, silenceEnd)) { return true }
        // Only time spent waiting counts: while the caller is busy, bytes may lie unread.
        silentFor += started.duration(to: .now)
        if silentFor >= silenceLimit { throw .silent(silenceLimit) }
        return false
    }
}
