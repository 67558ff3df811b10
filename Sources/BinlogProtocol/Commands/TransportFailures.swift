/// What a failure of the transport means at the front door.
extension BinlogError {
    /// A failure before the server let us in.
    init(connecting error: TransportError, to address: ServerAddress, within timeout: Duration) {
        let code: Code
        var reason = "\(error)"
        switch error {
        case .tls, .plainTextBeforeTLS: code = .tls
        case .cancelled: code = .cancelled
        case .packetTooLarge, .emptyPacket, .sequence: code = .corrupt
        case .timedOut:
            code = .connectionFailed
            reason = "no answer within \(timeout)"
        case .resolve, .system, .closed, .silent: code = .connectionFailed
        }
        self.init(code, "Cannot connect to the server at \(address): \(reason).", underlying: error)
    }

    /// A failure of a connection that was in use.
    init(connected error: TransportError, to address: ServerAddress) {
        let code: Code
        switch error {
        case .cancelled: code = .cancelled
        case .packetTooLarge: code = .corrupt
        // A broken sequence is a broken connection: the data is asked for again on a new one.
        case .sequence, .emptyPacket, .resolve, .system, .closed, .silent, .timedOut, .tls,
            .plainTextBeforeTLS:
            code = .connectionLost
        }
        self.init(
            code, "The connection to the server at \(address) failed: \(error).", underlying: error)
    }
}
