internal import COpenSSL
internal import Foundation

/// One TLS client session over a socket.
///
/// OpenSSL answers TLS 1.3 key updates by itself inside the read and write calls.
final class TLSSession {
    private let socket: Socket
    /// Kept because the session's BIO points into it.
    private let context: TLSContext
    private let ssl: OpaquePointer
    private let mode: TLSOptions.Mode

    /// Prepares a session; nothing is sent before ``handshake(until:)``.
    ///
    /// - Parameter host: the name or IP address of the server; nil for a Unix socket.
    init(options: TLSOptions, host: String?, socket: Socket) throws(TransportError) {
        let context = try TLSContext(options: options)
        guard let ssl = SSL_new(context.pointer) else {
            throw .tls("TLS could not be set up: \(OpenSSLError.drain())")
        }
        self.socket = socket
        self.context = context
        self.ssl = ssl
        mode = options.mode
        guard let bio = sdl_bio_new(context.socketMethod, socket.descriptor) else {
            throw .tls("TLS could not be set up: \(OpenSSLError.drain())")
        }
        SSL_set_bio(ssl, bio, bio)
        try setIdentity(host)
    }

    deinit {
        SSL_free(ssl)
    }

    /// The version agreed on, for instance `TLSv1.3`.
    var version: String { String(cString: SSL_get_version(ssl)) }

    private func setIdentity(_ host: String?) throws(TransportError) {
        if let host, !ServerAddress.isIPAddress(host) {
            guard sdl_SSL_set_tlsext_host_name(ssl, host) == 1 else {
                throw .tls("the host name \(host) cannot be a TLS server name")
            }
        }
        guard mode == .verifyIdentity else { return }
        guard let host else {
            throw .tls(
                "verify-identity needs a host name, and a Unix socket has none: use verify-ca")
        }
        let parameters = SSL_get0_param(ssl)
        let accepted: Int32
        if ServerAddress.isIPAddress(host) {
            accepted = X509_VERIFY_PARAM_set1_ip_asc(parameters, host)
        } else {
            let flags = UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
            X509_VERIFY_PARAM_set_hostflags(parameters, flags)
            accepted = X509_VERIFY_PARAM_set1_host(parameters, host, 0)
        }
        guard accepted == 1 else {
            throw .tls("the host name \(host) cannot be checked against a certificate")
        }
    }

    func handshake(until deadline: ContinuousClock.Instant) throws(TransportError) {
        while true {
            ERR_clear_error()
            let status = SSL_connect(ssl)
            if status == 1 { return }
            switch try outcome(of: status) {
            case .bytes: return
            case .wait(let readiness):
                guard try socket.wait(for: readiness, until: deadline) else { throw .timedOut }
            }
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(TransportError) -> Channel.Progress
    {
        ERR_clear_error()
        var count = 0
        let status = SSL_read_ex(ssl, buffer.baseAddress, buffer.count, &count)
        if status == 1 { return .bytes(count) }
        return try outcome(of: status)
    }

    func write(_ buffer: UnsafeRawBufferPointer) throws(TransportError) -> Channel.Progress {
        ERR_clear_error()
        var count = 0
        let status = SSL_write_ex(ssl, buffer.baseAddress, buffer.count, &count)
        if status == 1 { return .bytes(count) }
        return try outcome(of: status)
    }

    private func outcome(of status: Int32) throws(TransportError) -> Channel.Progress {
        let systemError = errno
        switch SSL_get_error(ssl, status) {
        case SSL_ERROR_NONE: return .bytes(0)
        case SSL_ERROR_WANT_READ: return .wait(.readable)
        case SSL_ERROR_WANT_WRITE: return .wait(.writable)
        case SSL_ERROR_ZERO_RETURN: throw .closed(midPacket: false)
        case SSL_ERROR_SYSCALL:
            if systemError == 0 { throw .closed(midPacket: false) }
            throw .system(call: "TLS", errno: systemError)
        default: throw failure()
        }
    }

    private func failure() -> TransportError {
        if sdl_ERR_is_unexpected_eof(ERR_peek_error()) != 0 {
            ERR_clear_error()
            return .closed(midPacket: false)
        }
        let verification = SSL_get_verify_result(ssl)
        let reason = OpenSSLError.drain()
        guard mode.checksCertificate, verification != Int(X509_V_OK) else {
            return .tls(
                "TLS failed: \(reason); check the server's tls_version (TLSv1.2 or TLSv1.3 is needed) "
                    + "and whether it wants a client certificate (MYSQL_TLS_CERT)")
        }
        let why = X509_verify_cert_error_string(verification).map { String(cString: $0) } ?? reason
        return .tls(
            "the server's certificate was refused: \(why); give the authority that signed it in "
                + "MYSQL_TLS_CA, and with verify-identity connect by a name that it holds")
    }
}
