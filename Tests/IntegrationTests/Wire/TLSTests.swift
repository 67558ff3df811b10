import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// The TLS modes against a real server with its own generated certificate and with made ones.
@Suite("TLS on real servers", .serialized)
struct TLSTests {
    private func tlsVersion(_ options: ConnectionOptions) throws -> String? {
        let connection = try ServerConnection.connect(options, cancellation: Cancellation())
        let cipher = try connection.query("SHOW STATUS LIKE 'Ssl_version'").dictionary
        #expect((cipher["Ssl_version"] ?? "") == (connection.tlsVersion ?? ""))
        return connection.tlsVersion
    }

    @Test(
        "Modes that do not look at the certificate",
        .enabled(if: Services.knows("SOCKET", of: .mysql), "needs SDL_TEST_MYSQL_SOCKET"),
        arguments: [
            (TLSOptions.Mode.disabled, false, false), (.preferred, false, true),
            (.required, false, true), (.preferred, true, false), (.required, true, true),
        ])
    func unverified(mode: TLSOptions.Mode, overSocket: Bool, encrypts: Bool) throws {
        let server = try Services.standard(.mysql)
        var options = try server.options(tls: TLSOptions(mode: mode), overSocket: overSocket)
        options.allowPublicKeyRetrieval = true
        let version = try tlsVersion(options)
        #expect(version == (encrypts ? "TLSv1.3" : nil))
    }

    @Test(
        "verify-ca accepts the server's own authority, over TCP and over a Unix socket",
        .enabled(if: Services.knows("SOCKET", of: .mysql), "needs SDL_TEST_MYSQL_SOCKET"),
        .enabled(if: Services.knows("DATADIR", of: .mysql), "needs SDL_TEST_MYSQL_DATADIR"))
    func verifyCA() throws {
        let server = try Services.standard(.mysql)
        let tls = TLSOptions(mode: .verifyCA, caFile: try server.dataFolder + "/ca.pem")
        #expect(try tlsVersion(server.options(tls: tls)) == "TLSv1.3")
        #expect(try tlsVersion(server.options(tls: tls, overSocket: true)) == "TLSv1.3")
    }

    @Test("T114: verify-ca refuses an unknown authority")
    func unknownAuthority() throws {
        let server = try Services.standard(.mysql)
        let authority = try CertificateAuthority()
        let options = try server.options(
            tls: TLSOptions(mode: .verifyCA, caFile: authority.caFile))
        let error = failure { _ = try tlsVersion(options) }
        #expect(error?.code == .tls)
        #expect(error?.description.contains("certificate was refused") == true)
        #expect(error?.isTransient == false)
    }

    @Test(
        "T114: verify-identity refuses a certificate for another host",
        .enabled(if: Services.knows("SOCKET", of: .mysql), "needs SDL_TEST_MYSQL_SOCKET"),
        .enabled(if: Services.knows("DATADIR", of: .mysql), "needs SDL_TEST_MYSQL_DATADIR"))
    func wrongHost() throws {
        let server = try Services.standard(.mysql)
        let tls = TLSOptions(mode: .verifyIdentity, caFile: try server.dataFolder + "/ca.pem")
        let error = failure { _ = try tlsVersion(server.options(tls: tls)) }
        #expect(error?.code == .tls)
        let onSocket = failure { _ = try tlsVersion(server.options(tls: tls, overSocket: true)) }
        #expect(onSocket?.code == .tls)
        #expect(onSocket?.description.contains("verify-ca") == true)
    }

    @Test(
        "verify-identity accepts the right name and address; client certificates are presented",
        .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
    func madeCertificates() throws {
        let authority = try CertificateAuthority()
        let own = try authority.issue(name: "server", names: "DNS:localhost,IP:127.0.0.1")
        let client = try authority.issue(name: "client", names: "DNS:client")
        // The server reads its files inside its own view of the file system, so they go in by SQL.
        let server = try Services.start(.mysql, name: "tls-\(UInt32.random(in: 0...999_999))")
        let outcome = Result {
            let root = try server.root()
            for (variable, source) in [
                ("ssl_ca", authority.caFile), ("ssl_cert", own.certificate), ("ssl_key", own.key),
            ] {
                let text = try String(contentsOfFile: source, encoding: .utf8)
                try run(
                    root,
                    [
                        "SELECT '\(text)' INTO DUMPFILE '\(variable).pem'",
                        "SET GLOBAL \(variable) = '\(variable).pem'",
                    ])
            }
            try run(
                root,
                ["ALTER INSTANCE RELOAD TLS", "CREATE USER x509 IDENTIFIED BY 'x' REQUIRE X509"])
            var options = try server.options(
                tls: TLSOptions(mode: .verifyIdentity, caFile: authority.caFile))
            #expect(try tlsVersion(options) == "TLSv1.3")
            guard case .tcp(_, let port) = options.address else { return }
            options.address = .tcp(host: "localhost", port: port)
            #expect(try tlsVersion(options) == "TLSv1.3")
            options.user = "x509"
            options.password = Secret("x")
            #expect(code { _ = try tlsVersion(options) } == .authentication)
            options.tls.certificateFile = client.certificate
            options.tls.keyFile = client.key
            #expect(try tlsVersion(options) == "TLSv1.3")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o644], ofItemAtPath: client.key)
            let error = failure { _ = try tlsVersion(options) }
            #expect(error?.code == .tls)
            #expect(error?.description.contains("chmod 600") == true)
        }
        try Services.stop(server)
        try outcome.get()
    }

    @Test("T114: a server without TLS where it is demanded, and where it is not")
    func noTLS() throws {
        let server = try Services.standard(.mariadb)
        for mode in [TLSOptions.Mode.required, .verifyCA, .verifyIdentity] {
            let options = try server.options(tls: TLSOptions(mode: mode), flavor: .mariadb)
            let error = failure { _ = try tlsVersion(options) }
            #expect(error?.code == .tls)
            #expect(error?.description.contains("offers no TLS") == true)
        }
        let options = try server.options(tls: TLSOptions(mode: .preferred), flavor: .mariadb)
        let connection = try ServerConnection.connect(options, cancellation: Cancellation())
        #expect(connection.tlsVersion == nil)
    }

    @Test("A server that wants TLS says so clearly")
    func serverWantsTLS() throws {
        let server = try Services.standard(.mysql)
        let root = try server.root()
        try run(root, ["CREATE USER wantsTLS IDENTIFIED BY 'x' REQUIRE SSL"])
        var options = try server.options(
            user: "wantsTLS", password: "x", tls: TLSOptions(mode: .disabled))
        options.allowPublicKeyRetrieval = true
        let found = code { _ = try tlsVersion(options) }
        try run(root, ["DROP USER wantsTLS"])
        #expect(found == .authentication)
    }

    @Test("A server that takes nobody without TLS says so clearly")
    func serverTakesOnlyTLS() throws {
        let server = try Services.start(
            .mysql, name: "onlytls-\(UInt32.random(in: 0...999_999))",
            options: ["--require-secure-transport=ON"])
        let outcome = Result {
            var options = try server.options(tls: TLSOptions(mode: .disabled))
            options.allowPublicKeyRetrieval = true
            let error = failure { _ = try tlsVersion(options) }
            #expect(error?.code == .tls)
            #expect(error?.description.contains("3159") == true)
            #expect(error?.description.contains("MYSQL_TLS_MODE=required") == true)
            options.tls.mode = .required
            #expect(try tlsVersion(options) == "TLSv1.3")
        }
        try Services.stop(server)
        try outcome.get()
    }
}
