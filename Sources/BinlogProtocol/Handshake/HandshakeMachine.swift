/// The conversation from greeting to OK: packets in, actions out, no input or output of its own.
package struct HandshakeMachine {
    /// What the connection has to do next.
    package enum Action: Sendable, Equatable {
        /// Send these payloads' packet and hand in the next packet received.
        case send([UInt8])
        /// Send this request, start TLS, then call ``tlsStarted()``.
        case startTLS(request: [UInt8])
        /// Hand in the next packet received.
        case receive
        /// Logged in.
        case finished
    }

    /// What the machine needs to know about the user and the line.
    package struct Configuration: Sendable {
        package var user: String
        package var password: Secret
        package var tlsMode: TLSOptions.Mode
        package var isUnixSocket: Bool
        /// PEM text of the server's public key that the user gave us.
        package var pinnedPublicKey: [UInt8]?
        package var allowPublicKeyRetrieval: Bool
        package var compression: Compression
        package var attributes: [ConnectionAttribute]

        package init(
            user: String, password: Secret, tlsMode: TLSOptions.Mode, isUnixSocket: Bool,
            pinnedPublicKey: [UInt8]?, allowPublicKeyRetrieval: Bool,
            compression: Compression, attributes: [ConnectionAttribute]
        ) {
            self.user = user
            self.password = password
            self.tlsMode = tlsMode
            self.isUnixSocket = isUnixSocket
            self.pinnedPublicKey = pinnedPublicKey
            self.allowPublicKeyRetrieval = allowPublicKeyRetrieval
            self.compression = compression
            self.attributes = attributes
        }
    }

    enum State {
        case expectingGreeting
        case startingTLS(ServerGreeting)
        case expectingAnswer(AuthenticationPlugin, nonce: [UInt8])
        case expectingPublicKey(nonce: [UInt8])
        /// Of `parsec`.
        case expectingSalt(serverNonce: [UInt8])
        case expectingVerdict
        case finished
    }

    let configuration: Configuration
    var state = State.expectingGreeting
    private(set) var isEncrypted = false
    var switches = 0
    /// Known once the greeting was received.
    package private(set) var greeting: ServerGreeting?

    package init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    /// Takes the next packet of the server.
    ///
    /// - Throws: ``BinlogError`` with code `authentication`, `tls`, `corrupt` or as the server's
    ///   own error asks for.
    package mutating func received(_ packet: [UInt8]) throws(BinlogError) -> Action {
        do {
            return try handle(packet)
        } catch let error as BinlogError {
            throw error
        } catch {
            throw BinlogError(
                .corrupt,
                "The server's answer while connecting is not that of a MySQL or MariaDB server: "
                    + "\(error).",
                underlying: error)
        }
    }

    /// TLS is up: the rest of the conversation goes through it.
    package mutating func tlsStarted() throws(BinlogError) -> Action {
        guard case .startingTLS(let greeting) = state else {
            preconditionFailure("tlsStarted() without a request to start TLS")
        }
        isEncrypted = true
        return try respond(to: greeting)
    }

    private mutating func handle(_ packet: [UInt8]) throws -> Action {
        var reader = ByteReader(packet)
        guard let first = reader.peek() else {
            throw DecodingError(.truncated(needed: 1, available: 0), at: 0)
        }
        if first == 0xff {
            let refusal = try ErrorPacket(from: &reader)
            throw ServerErrorNumber.errorWhileConnecting(refusal, user: configuration.user)
        }
        switch state {
        case .expectingGreeting:
            let greeting = try ServerGreeting(from: &reader)
            self.greeting = greeting
            return try start(greeting)
        case .expectingAnswer(let plugin, let nonce):
            switch first {
            case 0x00:
                return try finish(&reader)
            case 0x01 where plugin == .cachingSHA2Password:
                return try continueCachingSHA2(Array(packet.dropFirst()), nonce: nonce)
            case 0xfe:
                return try switchPlugin(try AuthSwitchRequest(from: &reader))
            default: break
            }
        case .expectingPublicKey(let nonce):
            if first == 0x01 {
                let key = try RSAPublicKey(
                    pem: Array(packet.dropFirst()), origin: "The server's answer")
                return try sendEncrypted(key, nonce: nonce)
            }
        case .expectingSalt(let serverNonce):
            // 11.8 puts the byte in front that marks what plugins say; a salt begins with another one.
            if first == 0x01 { try reader.skip(1) }
            let derivation = try Parsec.Derivation(from: &reader)
            return try sendSigned(derivation, serverNonce: serverNonce)
        case .expectingVerdict:
            switch first {
            case 0x00: return try finish(&reader)
            // A MariaDB account can have several plugins, of which the next is tried.
            case 0xfe: return try switchPlugin(try AuthSwitchRequest(from: &reader))
            default: break
            }
        case .startingTLS, .finished:
            preconditionFailure("a packet was handed in where none is expected")
        }
        throw HandshakeMachine.unexpected(first)
    }

    private mutating func start(_ greeting: ServerGreeting) throws(BinlogError) -> Action {
        guard greeting.capabilities.isSuperset(of: .needed) else {
            throw BinlogError(
                .configuration,
                "The MySQL server (version \(greeting.serverVersion)) is too old: MySQL 5.7 or later, or "
                    + "MariaDB 10.5 or later is needed.")
        }
        guard greeting.capabilities.isSuperset(of: configuration.compression.capability) else {
            throw HandshakeMachine.notOffered(configuration.compression)
        }
        let offersTLS = greeting.capabilities.contains(.tls)
        switch configuration.tlsMode {
        case .disabled:
            return try respond(to: greeting)
        case .preferred where !offersTLS || configuration.isUnixSocket:
            return try respond(to: greeting)
        case .preferred, .required, .verifyCA, .verifyIdentity:
            guard offersTLS else {
                throw BinlogError(
                    .tls,
                    "The MySQL server offers no TLS, and MYSQL_TLS_MODE=\(configuration.tlsMode.rawValue) "
                        + "demands it. Set ssl_cert and ssl_key on the server, or use another mode."
                )
            }
            state = .startingTLS(greeting)
            let capabilities = announced(to: greeting).union(.tls)
            return .startTLS(request: HandshakeResponse.tlsRequest(capabilities))
        }
    }

    private func announced(to greeting: ServerGreeting) -> Capabilities {
        // MariaDB clears the first bit to say that it is MariaDB; we still are a MySQL client.
        Capabilities.announced.intersection(greeting.capabilities).union(.longPassword)
            .union(configuration.compression.capability)
    }

    private mutating func respond(to greeting: ServerGreeting) throws(BinlogError) -> Action {
        // With another default the server asks us to switch to the account's plugin, which it does then anyway.
        let known = AuthenticationPlugin(rawValue: greeting.plugin)
        let plugin = known.flatMap { $0.isAnsweredUnasked ? $0 : nil } ?? .cachingSHA2Password
        try HandshakeMachine.check(greeting.nonce, of: plugin)
        var capabilities = announced(to: greeting)
        if isEncrypted { capabilities.insert(.tls) }
        guard case .send(let proof) = try answer(plugin, nonce: greeting.nonce) else {
            preconditionFailure("a plugin that is answered unasked has an answer")
        }
        let response = HandshakeResponse(
            capabilities: capabilities, user: configuration.user, proof: proof,
            plugin: plugin.rawValue, attributes: configuration.attributes)
        return .send(response.encoded())
    }

    private mutating func finish(_ reader: inout ByteReader) throws(DecodingError) -> Action {
        _ = try OKPacket(from: &reader)
        state = .finished
        return .finished
    }
}
