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

    private enum State {
        case expectingGreeting
        case startingTLS(ServerGreeting)
        case expectingAnswer(AuthenticationPlugin, nonce: [UInt8])
        case expectingPublicKey(nonce: [UInt8])
        case expectingVerdict
        case finished
    }

    private let configuration: Configuration
    private var state = State.expectingGreeting
    private var isEncrypted = false
    private var switches = 0
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
        case .expectingVerdict:
            if first == 0x00 { return try finish(&reader) }
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
        // A server whose default plugin we do not know asks us to switch if it needs to.
        let plugin = AuthenticationPlugin(rawValue: greeting.plugin) ?? .cachingSHA2Password
        try checkNonce(greeting.nonce)
        var capabilities = announced(to: greeting)
        if isEncrypted { capabilities.insert(.tls) }
        state = .expectingAnswer(plugin, nonce: greeting.nonce)
        let response = HandshakeResponse(
            capabilities: capabilities, user: configuration.user,
            proof: plugin.proof(password: configuration.password, nonce: greeting.nonce),
            plugin: plugin.rawValue, attributes: configuration.attributes)
        return .send(response.encoded())
    }

    private mutating func switchPlugin(_ request: AuthSwitchRequest) throws(BinlogError) -> Action {
        guard let plugin = AuthenticationPlugin(rawValue: request.plugin) else {
            throw HandshakeMachine.refused(request.plugin, user: configuration.user)
        }
        // Each answer to a new nonce is one more sample for somebody who collects them.
        switches += 1
        guard switches <= 2 else {
            throw BinlogError(
                .corrupt, "The MySQL server asked again and again for another way to authenticate.")
        }
        try checkNonce(request.nonce)
        state = .expectingAnswer(plugin, nonce: request.nonce)
        return .send(plugin.proof(password: configuration.password, nonce: request.nonce))
    }

    private func checkNonce(_ nonce: [UInt8]) throws(BinlogError) {
        guard nonce.count == AuthenticationPlugin.nonceBytes else {
            throw BinlogError(
                .corrupt, "The server's nonce has \(nonce.count) bytes where 20 are due.")
        }
    }

    private mutating func continueCachingSHA2(
        _ message: [UInt8], nonce: [UInt8]
    ) throws(BinlogError) -> Action {
        switch message {
        case [CachingSHA2Password.fastAuthenticationDone]:
            state = .expectingVerdict
            return .receive
        case [CachingSHA2Password.fullAuthenticationNeeded]:
            if isEncrypted || configuration.isUnixSocket {
                state = .expectingVerdict
                return .send(CachingSHA2Password.clear(configuration.password))
            }
            if let pem = configuration.pinnedPublicKey {
                let key = try RSAPublicKey(pem: pem, origin: "The server public key file")
                return try sendEncrypted(key, nonce: nonce)
            }
            guard configuration.allowPublicKeyRetrieval else {
                throw HandshakeMachine.secureWayMissing(user: configuration.user)
            }
            state = .expectingPublicKey(nonce: nonce)
            return .send(CachingSHA2Password.publicKeyRequest)
        default:
            throw BinlogError(
                .corrupt, "The server's message within caching_sha2_password is not a known one.")
        }
    }

    private mutating func sendEncrypted(
        _ key: RSAPublicKey, nonce: [UInt8]
    ) throws(BinlogError) -> Action {
        state = .expectingVerdict
        return .send(
            try CachingSHA2Password.encrypted(configuration.password, nonce: nonce, key: key))
    }

    private mutating func finish(_ reader: inout ByteReader) throws(DecodingError) -> Action {
        _ = try OKPacket(from: &reader)
        state = .finished
        return .finished
    }
}
