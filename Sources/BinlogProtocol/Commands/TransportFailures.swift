/// What a failure of the transport means at the front door.
extension BinlogError {
    /// A failure before the server let us in.
    init(connecting error: TransportError, to address: ServerAddress, within timeout: Duration) {
        let code: Code
        var reason = "\(error)"
        var advice = " Check MYSQL_ADDR, that the server runs, its port and the firewall."
        switch error {
        case .tls:
            code = .tls
            advice = ""
        case .plainTextBeforeTLS:
            code = .tls
            advice = " Check what stands between here and the server."
        case .cancelled:
            code = .cancelled
            advice = ""
        case .pathTooLong:
            code = .configuration
            advice = " Use a shorter path."
        case .packetTooLarge, .emptyPacket, .sequence, .bytesBeforeCompression, .compressedFrame:
            code = .corrupt
            advice = " Check what stands between here and the server."
        case .timedOut:
            code = .connectionFailed
            reason = "no answer within \(timeout)"
        case .resolve:
            code = .connectionFailed
            advice = " Check MYSQL_ADDR and the name server."
        case .system, .closed, .silent, .noMemory: code = .connectionFailed
        }
        self.init(
            code, "Cannot connect to the MySQL server at \(address): \(reason).\(advice)",
            underlying: error)
    }

    /// What answers is no server, or speaks another protocol than the classic one.
    init(noServerAt address: ServerAddress, _ reason: any Error) {
        self.init(
            .configuration,
            "No MySQL server answers at \(address), but something else. Check MYSQL_ADDR: the port "
                + "is that of the classic protocol, usually 3306, and not the X protocol's 33060.",
            underlying: reason)
    }

    /// A failure of a connection that was in use.
    init(connected error: TransportError, to address: ServerAddress) {
        let code: Code
        switch error {
        case .cancelled: code = .cancelled
        case .packetTooLarge: code = .corrupt
        // A broken sequence is a broken connection: the data is asked for again on a new one.
        case .sequence, .emptyPacket, .resolve, .pathTooLong, .system, .closed, .silent, .timedOut,
            .tls, .plainTextBeforeTLS, .bytesBeforeCompression, .compressedFrame, .noMemory:
            code = .connectionLost
        }
        let advice =
            code == .cancelled
            ? "" : " If it happens again, look at the server's error log and at the network."
        self.init(
            code, "The connection to the MySQL server at \(address) failed: \(error).\(advice)",
            underlying: error)
    }
}
