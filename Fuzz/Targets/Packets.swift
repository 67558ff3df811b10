import Foundation

@testable import BinlogProtocol

/// The bytes of a connection, cut into packets, with and without the frames of the compressed protocol.
///
///     options u8, bytes, or with frames { form u8, length u16, contents }…
func fuzzPackets(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let options = input.byte()
    let compression = [Compression.none, .zlib, .zstd, .none][Int(options & 3)]
    var sent: [UInt8] = []
    var unpacked = 0
    var isKnown = true
    if compression == .none || options & 4 != 0 {
        sent = input.rest()
        unpacked = sent.count
        isKnown = compression == .none
    } else {
        var sequence: UInt8 = 0
        while !input.isAtEnd {
            let form = input.byte()
            let contents = input.part()
            let frame = frame(form, contents, compression, &sequence)
            sent += frame.bytes
            unpacked += frame.unpacked
        }
    }
    // More than a socket holds would need a second thread.
    guard sent.count <= 100_000 else { return }
    receive(sent, compression, takesStatus: options & 8 != 0, bytesMax: isKnown ? unpacked : nil)
}

/// A frame; forms: 1 compressed, 2 wrong sequence, 4 wrong size.
private func frame(
    _ form: UInt8, _ contents: [UInt8], _ compression: Compression, _ sequence: inout UInt8
) -> (bytes: [UInt8], unpacked: Int) {
    var packed = contents
    if form & 1 != 0 {
        packed =
            compression == .zlib ? EventRecords.zlib(contents) : EventRecords.zstd(contents)
    }
    var writer = ByteWriter()
    writer.write(UInt64(packed.count), bytes: 3)
    writer.write(form & 2 != 0 ? sequence &+ 1 : sequence)
    let claimed = (form & 1 != 0 ? contents.count : 0) + (form & 4 != 0 ? 1 : 0)
    writer.write(UInt64(claimed), bytes: 3)
    writer.write(packed)
    sequence &+= 1
    // A frame that claims nothing holds its bytes as they are.
    return (writer.bytes, claimed == 0 ? packed.count : contents.count)
}

private let cancellation: Cancellation = {
    do {
        return try Cancellation()
    } catch {
        fatalError("\(error)")
    }
}()

private func receive(
    _ sent: [UInt8], _ compression: Compression, takesStatus: Bool, bytesMax: Int?
) {
    var ends: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
        fatalError("socketpair: \(errno)")
    }
    require(write(ends[1], sent, sent.count) == sent.count, "the socket takes everything")
    close(ends[1])
    var total = 0
    do {
        let stream = PacketStream(
            Channel(try Socket(adopting: ends[0], cancellation: cancellation)))
        if compression != .none { try stream.startCompression(compression) }
        let deadline = ContinuousClock.Instant.now.advanced(by: .seconds(5))
        while true {
            if takesStatus {
                guard
                    let packet = try stream.receiveWithStatus(
                        bytesMax: 1 << 20, until: deadline)
                else { fatalError("waits for a closed connection") }
                total += packet.body.count + 1
            } else {
                guard let packet = try stream.receive(bytesMax: 1 << 20, until: deadline) else {
                    fatalError("waits for a closed connection")
                }
                total += packet.count
            }
            if let bytesMax { require(total <= bytesMax, "packets of what came") }
        }
    } catch {
        // The end of the connection at the latest.
    }
}
