/// Cuts the byte stream into packets and joins what was split.
///
///     ┌───────────────┬─────────────┬─────────┐
///     │ length u24 LE │ sequence u8 │ payload │   length 0xffffff: the payload goes on in the
///     └───────────────┴─────────────┴─────────┘   next packet, which may be empty
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html
///
/// A deadline that passes in the middle of a packet loses nothing: the next call goes on.
package final class PacketStream {
    package let channel: Channel
    private var reader: PacketReader
    private var frameWriter: FrameWriter?

    /// With a limit, waiting that long in all without receiving one byte throws `silent`.
    package var silenceLimit: Duration? {
        get { reader.silenceLimit }
        set { reader.silenceLimit = newValue }
    }
    /// All bytes received, of headers too; compressed ones as they came, inside TLS those of the clear text.
    package var bytesReceived: UInt64 { reader.bytesReceived }

    package init(_ channel: Channel) {
        self.channel = channel
        reader = PacketReader(channel)
    }

    /// Packet numbers start again at 0 with each command.
    package func startCommand() {
        reader.sequence = 0
        reader.frames?.sequence = 0
    }

    /// From here on both sides put their packets into frames, which `compression` makes smaller.
    package func startCompression(_ compression: Compression) throws(TransportError) {
        guard !reader.hasUnusedBytes else { throw .bytesBeforeCompression }
        guard let codec = FrameCodec(compression) else { throw .noMemory }
        reader.frames = FrameReader(channel, codec)
        frameWriter = FrameWriter(codec: codec)
    }

    package func startTLS(
        _ options: TLSOptions, host: String?, until deadline: ContinuousClock.Instant
    ) throws(TransportError) {
        guard !reader.hasUnusedBytes else { throw .plainTextBeforeTLS }
        try channel.startTLS(options, host: host, until: deadline)
    }

    package func send(
        _ payload: [UInt8], until deadline: ContinuousClock.Instant
    ) throws(TransportError) {
        var at = 0
        var chunkBytes: Int
        repeat {
            chunkBytes = min(PacketReader.chunkBytesMax, payload.count - at)
            var writer = ByteWriter()
            writer.write(UInt64(chunkBytes), bytes: 3)
            writer.write(reader.sequence)
            writer.write(payload[at..<(at + chunkBytes)])
            reader.sequence &+= 1
            at += chunkBytes
            var failure: TransportError?
            framed(writer.bytes).withUnsafeBytes { bytes in
                do throws(TransportError) {
                    try channel.write(bytes, until: deadline)
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
        } while chunkBytes == PacketReader.chunkBytesMax
    }

    private func framed(_ packet: [UInt8]) -> [UInt8] {
        guard let frameWriter, let frames = reader.frames else { return packet }
        return frameWriter.frames(around: packet, sequence: &frames.sequence)
    }

    /// The next whole payload, or nil when the deadline passed first.
    package func receive(
        bytesMax: Int, until deadline: ContinuousClock.Instant
    ) throws(TransportError) -> [UInt8]? {
        try reader.receive(bytesMax: bytesMax, until: deadline)
    }

    /// The next payload cut after its first byte, so that an event need not be copied to lose it.
    ///
    /// A stream read with this function must be read with it to its end.
    package func receiveWithStatus(
        bytesMax: Int, until deadline: ContinuousClock.Instant
    ) throws(TransportError) -> (status: UInt8, body: [UInt8])? {
        let packet = try reader.receiveWithStatus(
            inPieces: false, bytesMax: bytesMax, until: deadline)
        guard case .whole(let status, let body) = packet else { return nil }
        return (status, body)
    }

    /// The same, except for a packet that goes on in a second chunk (16 MB and more): its body is then read with
    /// ``readPiece(into:bytesMax:)``, to its end and before anything else.
    package func receiveInPieces(
        bytesMax: Int, until deadline: ContinuousClock.Instant
    ) throws(TransportError) -> StatusPacket? {
        try reader.receiveWithStatus(inPieces: true, bytesMax: bytesMax, until: deadline)
    }

    /// Reads on in the packet that ``receiveInPieces(bytesMax:until:)`` gave the status of.
    ///
    /// - Returns: the number of bytes, at least 1; 0 behind the packet's end.
    package func readPiece(
        into space: UnsafeMutableRawBufferPointer, bytesMax: Int
    ) throws(TransportError) -> Int {
        try reader.readPiece(into: space, bytesMax: bytesMax)
    }
}

/// A packet of the log, cut after its first byte.
package enum StatusPacket: Sendable, Equatable {
    case whole(status: UInt8, body: [UInt8])
    /// The body is too large to be held and not read yet.
    case pieces(status: UInt8)
}
