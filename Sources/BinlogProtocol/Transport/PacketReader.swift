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
    /// Bytes that the packet's chunks claimed so far.
    private var packetBytes = 0
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
        inPieces: Bool, bytesMax: Int, until deadline: ContinuousClock.Instant
    ) throws(TransportError) -> StatusPacket? {
        let received = try receive(
            takesStatus: true, inPieces: inPieces, bytesMax: bytesMax, until: deadline)
        if case .nothing = received { return nil }
        guard let first = status else { throw .emptyPacket }
        status = nil
        guard case .packet(let body) = received else { return .pieces(status: first) }
        return .whole(status: first, body: body)
    }

    mutating func receive(
        bytesMax: Int, until deadline: ContinuousClock.Instant
    ) throws(TransportError) -> [UInt8]? {
        let received = try receive(
            takesStatus: false, inPieces: false, bytesMax: bytesMax, until: deadline)
        guard case .packet(let body) = received else { return nil }
        return body
    }

    private enum Received {
        case nothing
        case packet([UInt8])
        /// A packet of several chunks begins, which is to be read with `readPiece`.
        case beginning
    }

    private mutating func receive(
        takesStatus: Bool, inPieces: Bool, bytesMax: Int, until deadline: ContinuousClock.Instant
    ) throws(TransportError) -> Received {
        while true {
            if chunkBytesLeft == 0 {
                if isInPacket, chunkIsLast {
                    isInPacket = false
                    let packet = partial
                    partial = []
                    return .packet(packet)
                }
                guard try fill(atLeast: 4, until: deadline) else { return .nothing }
                try readHeader(bytesMax: bytesMax)
                if !takesStatus || status != nil { continue }
                // The status byte is the first of the packet's first chunk.
                if chunkBytesLeft == 0 { throw .emptyPacket }
            }
            guard try fill(atLeast: 1, until: deadline) else { return .nothing }
            if takesStatus, status == nil {
                status = buffer.takeByte()
                chunkBytesLeft -= 1
                if inPieces, !chunkIsLast { return .beginning }
            }
            let count = min(chunkBytesLeft, buffer.count)
            if count == chunkBytesLeft, chunkIsLast, partial.isEmpty {
                // The usual case: one chunk, all of it here, copied once.
                chunkBytesLeft = 0
                isInPacket = false
                return .packet(buffer.take(count))
            }
            if partial.isEmpty {
                partial.reserveCapacity(min(chunkBytesLeft, PacketReader.reservedBytesMax))
            }
            buffer.move(count, to: &partial)
            chunkBytesLeft -= count
        }
    }

    /// Reads on in a packet that began with `StatusPacket.pieces`: at least one byte, or 0 behind its end.
    mutating func readPiece(
        into space: UnsafeMutableRawBufferPointer, bytesMax: Int
    ) throws(TransportError) -> Int {
        while isInPacket {
            if chunkBytesLeft == 0 {
                if chunkIsLast {
                    isInPacket = false
                    break
                }
                try fill(atLeast: 4)
                try readHeader(bytesMax: bytesMax)
                continue
            }
            try fill(atLeast: 1)
            let room = UnsafeMutableRawBufferPointer(rebasing: space.prefix(chunkBytesLeft))
            let count = buffer.copy(to: room)
            chunkBytesLeft -= count
            return count
        }
        return 0
    }

    /// Waits as long as the connection is alive.
    private mutating func fill(atLeast count: Int) throws(TransportError) {
        while !(try fill(atLeast: count, until: .now.advanced(by: .seconds(3600)))) {}
    }

    private mutating func readHeader(bytesMax: Int) throws(TransportError) {
        let header = buffer.header()
        let length = Int(header & 0xff_ffff)
        let number = UInt8(truncatingIfNeeded: header >> 24)
        // Inside of frames, servers number their packets anew from the frame's number after each flush.
        guard number == sequence || frames != nil else {
            throw .sequence(expected: sequence, found: number)
        }
        if !isInPacket { packetBytes = 0 }
        guard length <= bytesMax - packetBytes else { throw .packetTooLarge(limit: bytesMax) }
        packetBytes += length
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
