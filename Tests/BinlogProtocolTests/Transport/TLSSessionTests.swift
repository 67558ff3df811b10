import COpenSSL
import Foundation
import TestSupport
import Testing

@testable import BinlogProtocol

/// T114 against a TLS peer whose certificate and versions the test chooses.
@Suite("TLS sessions", .serialized)
struct TLSSessionTests {
    private struct Peer {
        var names = "DNS:localhost,IP:127.0.0.1"
        var start: String?
        var end: String?
        var options: [String] = []
        /// Signed by an authority that the client does not know.
        var isForeign = false
    }

    private func startTLS(
        _ peer: Peer, mode: TLSOptions.Mode, host: String?,
        _ body: (Channel, TLSServer) throws -> Void = { _, _ in }
    ) throws {
        let authority = try CertificateAuthority()
        let issuer = try peer.isForeign ? CertificateAuthority() : authority
        let own = try issuer.issue(
            name: "peer", names: peer.names, start: peer.start, end: peer.end)
        let server = try TLSServer(
            certificate: own.certificate, key: own.key, options: peer.options)
        let socket = try Socket.connect(
            to: .tcp(host: "127.0.0.1", port: server.port),
            until: .now.advanced(by: .seconds(5)), cancellation: Cancellation())
        let channel = Channel(socket)
        try channel.startTLS(
            TLSOptions(mode: mode, caFile: authority.caFile), host: host,
            until: .now.advanced(by: .seconds(5)))
        try body(channel, server)
    }

    private func refusal(_ peer: Peer, mode: TLSOptions.Mode, host: String?) -> String? {
        do {
            try startTLS(peer, mode: mode, host: host)
            return nil
        } catch TransportError.tls(let reason) {
            return reason
        } catch {
            return "another error: \(error)"
        }
    }

    @Test(
        "verify-identity looks at the names",
        arguments: [
            ("localhost", "DNS:localhost", true),
            ("LOCALHOST", "DNS:localhost", true),
            ("db.example.com", "DNS:*.example.com", true),
            ("a.b.example.com", "DNS:*.example.com", false),
            ("db1.example.com", "DNS:db*.example.com", false),
            ("localhost", "DNS:other", false),
            ("127.0.0.1", "IP:127.0.0.1", true),
            ("127.0.0.1", "DNS:127.0.0.1", false),
            ("::1", "IP:::1", true),
            ("::1", "IP:127.0.0.1", false),
        ])
    func names(host: String, names: String, isAccepted: Bool) {
        let reason = refusal(Peer(names: names), mode: .verifyIdentity, host: host)
        #expect((reason == nil) == isAccepted)
        if !isAccepted { #expect(reason?.contains("mismatch") == true) }
        #expect(refusal(Peer(names: names), mode: .verifyCA, host: host) == nil)
    }

    @Test("Expired, not yet valid, and signed by somebody else")
    func refused() {
        let expired = Peer(start: "20200101000000Z", end: "20210101000000Z")
        let future = Peer(start: "20900101000000Z", end: "20950101000000Z")
        for (peer, word) in [
            (expired, "expired"), (future, "not yet valid"), (Peer(isForeign: true), "unable to"),
        ] {
            for mode in [TLSOptions.Mode.verifyCA, .verifyIdentity] {
                let reason = refusal(peer, mode: mode, host: "localhost")
                #expect(reason?.contains(word) == true)
            }
            #expect(refusal(peer, mode: .required, host: "localhost") == nil)
        }
    }

    @Test("TLS 1.1 is too old even without looking at the certificate")
    func oldVersion() {
        let peer = Peer(options: ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
        #expect(refusal(peer, mode: .required, host: "localhost")?.hasPrefix("TLS failed") == true)
        let newer = Peer(options: ["-tls1_2"])
        #expect(refusal(newer, mode: .required, host: "localhost") == nil)
    }

    @Test("TLS 1.2 is the least, whatever the system's OpenSSL would allow")
    func leastVersion() throws {
        let context = try TLSContext(options: TLSOptions(mode: .required))
        let least = SSL_CTX_ctrl(context.pointer, SSL_CTRL_GET_MIN_PROTO_VERSION, 0, nil)
        #expect(least == TLS1_2_VERSION)
    }

    @Test("A key with a pass phrase is refused instead of asking on the terminal")
    func encryptedKey() throws {
        let authority = try CertificateAuthority()
        let own = try authority.issue(name: "own", names: "DNS:own")
        let encrypted = own.key + ".enc"
        try CommandLineTool.run([
            "openssl", "pkcs8", "-topk8", "-in", own.key, "-out", encrypted, "-passout", "pass:x",
        ])
        let error = #expect(throws: TransportError.self) {
            try TLSContext(
                options: TLSOptions(
                    mode: .required, certificateFile: own.certificate, keyFile: encrypted))
        }
        #expect("\(error as Any)".contains("pass phrase"))
    }

    @Test("S13: a key file that others can use, that is none, or too large is refused")
    func keyFiles() throws {
        let authority = try CertificateAuthority()
        let own = try authority.issue(name: "own", names: "DNS:own")
        func reason(_ key: String) -> String {
            do {
                _ = try TLSContext(
                    options: TLSOptions(
                        mode: .required, certificateFile: own.certificate, keyFile: key))
                return "no error"
            } catch {
                return "\(error)"
            }
        }
        #expect(reason(own.key) == "no error")
        let folder = try TemporaryFolder()
        for mode in [0o640, 0o644, 0o602] {
            let isProvisioned = mode == 0o640 && geteuid() == 0
            let path = try folder.write(
                "key", String(contentsOfFile: own.key, encoding: .utf8), mode: mode)
            #expect(reason(path).contains(isProvisioned ? "no error" : "run chmod 600 \(path)"))
        }
        let pipe = folder.path("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(reason(pipe).contains("is not a regular file"))
        let large = try folder.write("large", String(repeating: "x", count: (1 << 20) + 1))
        #expect(reason(large).contains("is larger than"))
        #expect(reason(try folder.write("empty", "")).contains("cannot be used"))
    }

    @Test("DZ4: the stream goes on after new keys")
    func keyUpdate() throws {
        try startTLS(Peer(options: ["-tls1_3"]), mode: .required, host: "localhost") {
            channel, server in
            #expect(channel.tlsVersion == "TLSv1.3")
            var text = ""
            for line in ["first", "K", "second", "K", "k", "third"] {
                try server.type(line)
                if line.count > 1 { text += try self.line(channel) }
            }
            #expect(text == "first\nsecond\nthird\n")
        }
    }

    private func line(_ channel: Channel) throws -> String {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1000, alignment: 1)
        defer { buffer.deallocate() }
        var bytes: [UInt8] = []
        while bytes.last != UInt8(ascii: "\n") {
            switch try channel.read(into: buffer) {
            case .bytes(let count): bytes += buffer.prefix(count)
            case .wait(let readiness):
                guard try channel.wait(for: readiness, until: .now.advanced(by: .seconds(5))) else {
                    throw TransportError.timedOut
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("Files that cannot be used are named")
    func files() throws {
        let authority = try CertificateAuthority()
        let first = try authority.issue(name: "first", names: "DNS:first")
        let second = try authority.issue(name: "second", names: "DNS:second")
        let server = try TLSServer(certificate: first.certificate, key: first.key)
        func reason(_ options: TLSOptions) -> String {
            do {
                let socket = try Socket.connect(
                    to: .tcp(host: "127.0.0.1", port: server.port),
                    until: .now.advanced(by: .seconds(5)), cancellation: Cancellation())
                try Channel(socket).startTLS(
                    options, host: nil, until: .now.advanced(by: .seconds(5)))
                return "no error"
            } catch {
                return "\(error)"
            }
        }
        #expect(
            reason(TLSOptions(mode: .verifyCA, caFile: "/nonexistent.pem"))
                .contains("/nonexistent.pem"))
        #expect(
            reason(TLSOptions(mode: .required, certificateFile: first.certificate))
                .contains("together"))
        #expect(
            reason(
                TLSOptions(
                    mode: .required, certificateFile: first.certificate, keyFile: second.key)
            ).contains(second.key))
        #expect(
            reason(
                TLSOptions(
                    mode: .required, certificateFile: first.certificate, keyFile: "/nonexistent")
            ).contains("/nonexistent"))
    }
}
