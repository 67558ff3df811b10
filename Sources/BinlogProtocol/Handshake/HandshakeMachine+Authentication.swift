/// What each plugin says, and in which order.
extension HandshakeMachine {
    /// How often a server may ask for another plugin: an account of MariaDB can have several, of which each is tried.
    ///
    /// Each answer to a new nonce is one more sample for somebody who collects them.
    private static let switchesMax = 5

    mutating func switchPlugin(_ request: AuthSwitchRequest) throws(BinlogError) -> Action {
        guard let plugin = AuthenticationPlugin(rawValue: request.plugin) else {
            throw HandshakeMachine.refused(request.plugin, user: configuration.user)
        }
        switches += 1
        guard switches <= Self.switchesMax else {
            throw BinlogError(
                .corrupt,
                "The server asked more than \(Self.switchesMax) times for another way to authenticate user "
                    + "'\(configuration.user)': give the account fewer plugins.")
        }
        let nonce = plugin.nonceBytes.map { request.nonce(byteCount: $0) } ?? []
        try HandshakeMachine.check(nonce, of: plugin)
        return try answer(plugin, nonce: nonce)
    }

    static func check(_ nonce: [UInt8], of plugin: AuthenticationPlugin) throws(BinlogError) {
        guard let due = plugin.nonceBytes, nonce.count != due else { return }
        throw BinlogError(
            .corrupt, "The server's nonce has \(nonce.count) bytes where \(due) are due.")
    }

    /// The first answer within a plugin.
    mutating func answer(
        _ plugin: AuthenticationPlugin, nonce: [UInt8]
    ) throws(BinlogError) -> Action {
        let password = configuration.password
        switch plugin {
        case .nativePassword:
            state = .expectingAnswer(plugin, nonce: nonce)
            return .send(NativePassword.proof(password: password, nonce: nonce))
        case .cachingSHA2Password:
            state = .expectingAnswer(plugin, nonce: nonce)
            return .send(CachingSHA2Password.proof(password: password, nonce: nonce))
        case .sha256Password:
            state = .expectingVerdict
            if password.isEmpty { return .send(SHA256Password.noPassword) }
            if isEncrypted { return .send(ClearPassword.message(password)) }
            return try sendEncrypted(
                plugin, nonce: nonce, keyRequest: SHA256Password.publicKeyRequest)
        case .clearPassword:
            guard isEncrypted, configuration.tlsMode.checksCertificate else {
                throw HandshakeMachine.verifiedTLSMissing(user: configuration.user)
            }
            state = .expectingVerdict
            return .send(ClearPassword.message(password))
        case .ed25519:
            state = .expectingVerdict
            return .send(try Ed25519Password.signature(password: password, nonce: nonce))
        case .parsec:
            state = .expectingSalt(serverNonce: nonce)
            return .send(Parsec.saltRequest)
        }
    }

    mutating func continueCachingSHA2(
        _ message: [UInt8], nonce: [UInt8]
    ) throws(BinlogError) -> Action {
        switch message {
        case [CachingSHA2Password.fastAuthenticationDone]:
            state = .expectingVerdict
            return .receive
        case [CachingSHA2Password.fullAuthenticationNeeded]:
            if isEncrypted || configuration.isUnixSocket {
                state = .expectingVerdict
                return .send(ClearPassword.message(configuration.password))
            }
            return try sendEncrypted(
                .cachingSHA2Password, nonce: nonce,
                keyRequest: CachingSHA2Password.publicKeyRequest)
        default:
            throw BinlogError(
                .corrupt, "The server's message within caching_sha2_password is not a known one.")
        }
    }

    /// Sends the password encrypted with the key that is known, or asks for the key when that is safe or allowed.
    private mutating func sendEncrypted(
        _ plugin: AuthenticationPlugin, nonce: [UInt8], keyRequest: [UInt8]
    ) throws(BinlogError) -> Action {
        if let pem = configuration.pinnedPublicKey {
            let key = try RSAPublicKey(pem: pem, origin: "The server public key file")
            return try sendEncrypted(key, nonce: nonce)
        }
        // Nobody sits in the middle of a Unix socket.
        guard configuration.allowPublicKeyRetrieval || configuration.isUnixSocket else {
            throw HandshakeMachine.secureWayMissing(plugin, user: configuration.user)
        }
        state = .expectingPublicKey(nonce: nonce)
        return .send(keyRequest)
    }

    mutating func sendEncrypted(
        _ key: RSAPublicKey, nonce: [UInt8]
    ) throws(BinlogError) -> Action {
        state = .expectingVerdict
        return .send(
            try ClearPassword.encrypted(configuration.password, nonce: nonce, key: key))
    }

    mutating func sendSigned(
        _ derivation: Parsec.Derivation, serverNonce: [UInt8]
    ) throws(BinlogError) -> Action {
        state = .expectingVerdict
        return .send(
            try Parsec.proof(
                password: configuration.password, derivation: derivation, serverNonce: serverNonce,
                clientNonce: Parsec.makeNonce()))
    }
}
