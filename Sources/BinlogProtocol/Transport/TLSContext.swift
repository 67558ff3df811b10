internal import COpenSSL
internal import Foundation

/// The trust, the certificates and the rules of the TLS sessions made with it.
final class TLSContext {
    /// One read call takes this many bytes of records from the socket.
    private static let readBufferBytes = 256 << 10

    let pointer: OpaquePointer
    /// The kind of BIO that sessions read and write through; lives as long as they do.
    let socketMethod: OpaquePointer

    init(options: TLSOptions) throws(TransportError) {
        ERR_clear_error()
        guard let context = SSL_CTX_new(TLS_client_method()) else {
            throw .tls("TLS could not be set up: \(OpenSSLError.drain())")
        }
        guard let method = sdl_bio_method_new() else {
            SSL_CTX_free(context)
            throw .tls("TLS could not be set up: \(OpenSSLError.drain())")
        }
        pointer = context
        socketMethod = method
        guard sdl_SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 else {
            throw .tls("TLS 1.2 is not available: \(OpenSSLError.drain())")
        }
        sdl_SSL_CTX_set_partial_writes(context)
        // Without read-ahead every record costs two system calls.
        sdl_SSL_CTX_set_read_ahead(context, 1)
        SSL_CTX_set_default_read_buffer_len(context, TLSContext.readBufferBytes)
        switch options.mode {
        case .disabled, .preferred, .required:
            SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
        case .verifyCA, .verifyIdentity:
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
            try loadAuthorities(options.caFile)
        }
        try loadCertificate(options)
    }

    deinit {
        SSL_CTX_free(pointer)
        BIO_meth_free(socketMethod)
    }

    private func loadAuthorities(_ file: String?) throws(TransportError) {
        if let file {
            guard SSL_CTX_load_verify_locations(pointer, file, nil) == 1 else {
                throw .tls("the CA file \(file) cannot be used: \(OpenSSLError.drain())")
            }
        } else {
            guard SSL_CTX_set_default_verify_paths(pointer) == 1 else {
                throw .tls("the system's CA certificates cannot be read: \(OpenSSLError.drain())")
            }
        }
    }

    private func loadCertificate(_ options: TLSOptions) throws(TransportError) {
        switch (options.certificateFile, options.keyFile) {
        case (nil, nil): return
        case (nil, _), (_, nil):
            throw .tls("a client certificate and its key must be given together")
        case (let certificate?, let key?):
            SSL_CTX_set_default_passwd_cb(pointer, refusePassPhrase)
            let keyBytes = try PrivateKeyFile.read(key)
            guard SSL_CTX_use_certificate_chain_file(pointer, certificate) == 1 else {
                throw .tls(
                    "the certificate file \(certificate) cannot be used: \(OpenSSLError.drain())")
            }
            guard use(keyBytes) else {
                throw .tls(
                    "the key file \(key) cannot be used (a pass phrase is not supported): "
                        + OpenSSLError.drain())
            }
            guard SSL_CTX_check_private_key(pointer) == 1 else {
                throw .tls("the key file \(key) is not the key of \(certificate)")
            }
        }
    }

    private func use(_ keyBytes: [UInt8]) -> Bool {
        let key = keyBytes.withUnsafeBytes { bytes -> OpaquePointer? in
            guard let memory = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else {
                return nil
            }
            defer { BIO_free(memory) }
            return PEM_read_bio_PrivateKey(memory, nil, refusePassPhrase, nil)
        }
        guard let key else { return false }
        defer { EVP_PKEY_free(key) }
        return SSL_CTX_use_PrivateKey(pointer, key) == 1
    }
}
