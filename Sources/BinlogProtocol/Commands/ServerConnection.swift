internal import Foundation

/// One connection to a server: log in, ask, follow the log.
///
/// Every call blocks. One thread uses it. Another thread ends its waiting through the ``Cancellation`` that it was
/// made with; after any error but a refused statement the connection is of no more use.
package final class ServerConnection {
    package let options: ConnectionOptions
    package let greeting: ServerGreeting
    /// The TLS version in use, nil in clear text.
    package var tlsVersion: String? { stream.channel.tlsVersion }
    /// All bytes received since the connection was made.
    package var bytesReceived: UInt64 { stream.bytesReceived }

    let stream: PacketStream
    var dumpState = DumpState.notStarted
    /// The server that sends the log, by its own word; see ``identityExpression``.
    var sourceIdentity: String?
    /// How long the server may be silent once its log has begun.
    var silenceLimit = Duration.zero
    /// Whether ``nextEvent(until:)`` gives events of 16 MB and more as ``DumpItem/largeEvent``.
    package var splitsLargeEvents = false
    /// Whether an event was announced and not read to its end.
    var isInLargeEvent = false

    private let cancellation: Cancellation

    private init(
        options: ConnectionOptions, greeting: ServerGreeting, stream: PacketStream,
        cancellation: Cancellation
    ) {
        self.cancellation = cancellation
        self.options = options
        self.greeting = greeting
        self.stream = stream
    }

    /// Connects and logs in, all within `options.connectTimeout`.
    ///
    /// - Throws: ``BinlogError`` with code `connectionFailed`, `tls`, `authentication`,
    ///   `configuration`, `corrupt`, `cancelled` or the server's own error.
    package static func connect(
        _ options: ConnectionOptions, cancellation: Cancellation
    ) throws(BinlogError) -> ServerConnection {
        let deadline = ContinuousClock.now.advanced(by: options.connectTimeout)
        var machine = HandshakeMachine(try configuration(options))
        let stream: PacketStream
        do {
            let socket = try Socket.connect(
                to: options.address, until: deadline, cancellation: cancellation)
            stream = PacketStream(Channel(socket))
        } catch {
            throw BinlogError(
                connecting: error, to: options.address, within: options.connectTimeout)
        }
        var action = HandshakeMachine.Action.receive
        while action != .finished {
            action = try perform(action, &machine, stream, options, until: deadline)
        }
        if options.compression != .none {
            do {
                try stream.startCompression(options.compression)
            } catch {
                throw BinlogError(
                    connecting: error, to: options.address, within: options.connectTimeout)
            }
        }
        guard let greeting = machine.greeting else {
            preconditionFailure("a handshake cannot finish without a greeting")
        }
        return ServerConnection(
            options: options, greeting: greeting, stream: stream, cancellation: cancellation)
    }

    private static func perform(
        _ action: HandshakeMachine.Action, _ machine: inout HandshakeMachine,
        _ stream: PacketStream, _ options: ConnectionOptions,
        until deadline: ContinuousClock.Instant
    ) throws(BinlogError) -> HandshakeMachine.Action {
        let packet: [UInt8]
        do {
            switch action {
            case .finished: return .finished
            case .startTLS(let request):
                try stream.send(request, until: deadline)
                try stream.startTLS(options.tls, host: options.address.host, until: deadline)
                packet = []
            case .send(let payload):
                try stream.send(payload, until: deadline)
                packet = try receive(from: stream, until: deadline)
            case .receive:
                packet = try receive(from: stream, until: deadline)
            }
        } catch {
            switch (error, machine.greeting) {
            case (.sequence, nil), (.packetTooLarge, nil), (.emptyPacket, nil):
                throw BinlogError(noServerAt: options.address, error)
            default:
                throw BinlogError(
                    connecting: error, to: options.address, within: options.connectTimeout)
            }
        }
        if case .startTLS = action { return try machine.tlsStarted() }
        do {
            return try machine.received(packet)
        } catch {
            guard machine.greeting == nil, error.code == .corrupt else { throw error }
            throw BinlogError(noServerAt: options.address, error)
        }
    }

    private static func receive(
        from stream: PacketStream, bytesMax: Int = Limits.handshakePacketBytesMax,
        until deadline: ContinuousClock.Instant
    ) throws(TransportError) -> [UInt8] {
        guard let packet = try stream.receive(bytesMax: bytesMax, until: deadline) else {
            throw .timedOut
        }
        return packet
    }

    private static func configuration(
        _ options: ConnectionOptions
    ) throws(BinlogError) -> HandshakeMachine.Configuration {
        var key: [UInt8]?
        if let file = options.serverPublicKeyFile {
            do {
                key = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
            } catch {
                throw BinlogError(
                    .configuration,
                    "The server public key file \(file) cannot be read: check "
                        + "MYSQL_SERVER_PUBLIC_KEY.",
                    underlying: error)
            }
        }
        if let key {
            // Now and not at the first login that needs it, which may be months away.
            do {
                _ = try RSAPublicKey(pem: key, origin: "The server public key file")
            } catch {
                throw BinlogError(.configuration, error.message, underlying: error)
            }
        }
        guard !options.user.utf8.contains(0), !options.password.value.utf8.contains(0) else {
            throw BinlogError(.configuration, "The user name or the password holds a NUL byte.")
        }
        var isUnixSocket = false
        if case .unix = options.address { isUnixSocket = true }
        return HandshakeMachine.Configuration(
            user: options.user, password: options.password, tlsMode: options.tls.mode,
            isUnixSocket: isUnixSocket, pinnedPublicKey: key,
            allowPublicKeyRetrieval: options.allowPublicKeyRetrieval,
            compression: options.compression, attributes: ConnectionAttribute.ofThisProcess())
    }

    /// Runs one statement.
    ///
    /// - Throws: ``BinlogError`` with code `privilege` or `serverError` when the server refuses it
    ///   (the connection stays usable), else `connectionLost`, `corrupt` or `cancelled`.
    package func query(
        _ sql: String, timeout: Duration = .seconds(60)
    ) throws(BinlogError) -> TextResult {
        let deadline = ContinuousClock.now.advanced(by: timeout)
        try send(Command.query(sql), until: deadline)
        var parser = TextResultParser()
        while true {
            let packet = try receive(bytesMax: Limits.resultBytesMax, until: deadline)
            let outcome: TextResultParser.Outcome
            do {
                outcome = try parser.received(packet)
            } catch {
                throw malformedAnswer(error)
            }
            switch outcome {
            case .needsMore: continue
            case .result(let result): return result
            case .refused(let packet):
                throw ServerErrorNumber.error(packet, action: "a statement")
            }
        }
    }

    /// Tells the server that we leave: it counts an aborted client, or keeps a dump thread, if not.
    ///
    /// The connection itself closes when this object goes away.
    ///
    /// - Throws: ``BinlogError`` when the server cannot be told; nothing is lost then.
    package func quit() throws(BinlogError) {
        switch dumpState {
        case .running, .ended, .failed: try endDump()
        case .notStarted: if !cancellation.isCancelled { try sendQuit() }
        }
    }

    private func sendQuit() throws(BinlogError) {
        try send(Command.quit, until: ContinuousClock.now.advanced(by: .seconds(1)))
    }

    func send(_ command: [UInt8], until deadline: ContinuousClock.Instant) throws(BinlogError) {
        guard case .notStarted = dumpState else {
            preconditionFailure("a command was sent while the connection follows the log")
        }
        stream.startCommand()
        do {
            try stream.send(command, until: deadline)
        } catch {
            throw BinlogError(connected: error, to: options.address)
        }
    }

    func receive(
        bytesMax: Int = Limits.handshakePacketBytesMax, until deadline: ContinuousClock.Instant
    ) throws(BinlogError) -> [UInt8] {
        do {
            return try ServerConnection.receive(
                from: stream, bytesMax: bytesMax, until: deadline)
        } catch {
            throw BinlogError(connected: error, to: options.address)
        }
    }

    func malformedAnswer(_ error: DecodingError) -> BinlogError {
        BinlogError(
            .corrupt,
            "The MySQL server at \(options.address) sent an answer with a wrong form: \(error).",
            underlying: error)
    }
}
