/// Puts packets into frames of the compressed protocol; ``FrameReader`` says what those look like.
struct FrameWriter {
    static let payloadBytesMax = 0xff_ffff
    /// Less is not worth it; the number is that of the servers.
    static let compressedBytesMin = 50

    let codec: FrameCodec

    /// The frames around `packet`, numbered from `sequence` on.
    func frames(around packet: [UInt8], sequence: inout UInt8) -> [UInt8] {
        var writer = ByteWriter()
        var at = 0
        while at < packet.count {
            let end = min(packet.count, at + FrameWriter.payloadBytesMax)
            let piece = packet[at..<end]
            let compressed =
                piece.count >= FrameWriter.compressedBytesMin ? codec.compress(piece) : nil
            writer.write(UInt64(compressed?.count ?? piece.count), bytes: 3)
            writer.write(sequence)
            writer.write(UInt64(compressed == nil ? 0 : piece.count), bytes: 3)
            if let compressed { writer.write(compressed) } else { writer.write(piece) }
            sequence &+= 1
            at = end
        }
        return writer.bytes
    }
}
