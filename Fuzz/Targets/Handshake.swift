import BinlogProtocol

/// A server's packets while connecting, and the packets of the answer to a query.
///
///     options u8, { length u16, packet }…
func fuzzHandshake(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let options = input.byte()
    var packets: [[UInt8]] = []
    while !input.isAtEnd { packets.append(input.part()) }
    if options & 1 != 0 {
        result(packets)
    } else {
        handshake(options, packets)
    }
}

private func handshake(_ options: UInt8, _ packets: [[UInt8]]) {
    let modes: [TLSOptions.Mode] = [.disabled, .preferred, .required, .disabled]
    var machine = HandshakeMachine(
        HandshakeMachine.Configuration(
            user: "repl", password: Secret(options & 64 != 0 ? "" : "secret"),
            tlsMode: modes[Int(options >> 1 & 3)], isUnixSocket: options & 8 != 0,
            pinnedPublicKey: nil, allowPublicKeyRetrieval: options & 16 != 0,
            compression: options & 32 != 0 ? .zstd : .none, attributes: []))
    do {
        for packet in packets {
            var action = try machine.received(packet)
            if case .startTLS = action { action = try machine.tlsStarted() }
            switch action {
            case .send(let reply): requireSize(reply.count, of: packet.count, factor: 2)
            case .finished: return
            case .startTLS, .receive: break
            }
        }
    } catch {
        // Our sentence and what the server says, which is cut after 2,000 bytes.
        requireSize("\(error)".utf8.count, of: 2000, factor: 1)
    }
}

private func result(_ packets: [[UInt8]]) {
    var parser = TextResultParser()
    for packet in packets {
        do throws(BinlogProtocol.DecodingError) {
            guard case .needsMore = try parser.received(packet) else { return }
        } catch {
            requireOffset(error, within: packet.count)
            return
        }
    }
}
