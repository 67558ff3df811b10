import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// The plugins of MariaDB that no other server has.
@Suite("Authentication on MariaDB", .serialized)
struct MariaDBAuthenticationTests {
    private static let passwords =
        ["", "x", "it's \\ \"quoted\"", "pässwörd☃", "ends with a NUL-like \u{1}"]
        + [31, 32, 33, 64, 127, 128, 129, 255, 300].map {
            String(decoding: (0..<$0).map { UInt8(97 + $0 % 26) }, as: UTF8.self)
        }

    /// Starts a server of its own with one of its plugins, which the package of the server does not hold.
    private func withServer(
        _ kind: Services.Kind, plugin: String, _ body: (ServiceInstance) throws -> Void
    ) throws {
        let file = try Services.plugin(kind, named: plugin)
        let library = try Data(contentsOf: URL(fileURLWithPath: file))
        let hex = library.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        // The server reads files inside its own view of the file system, so the plugin goes in by SQL.
        let server = try Services.start(
            kind, name: "login-\(UInt32.random(in: 0...999_999))",
            options: ["--plugin-dir=/mnt/data", "--plugin-maturity=experimental"])
        let outcome = Result {
            try run(
                server.root(),
                [
                    "SELECT x'\(hex)' INTO DUMPFILE '\(plugin).so'", "INSTALL SONAME '\(plugin)'",
                ])
            try body(server)
        }
        try Services.stop(server)
        try outcome.get()
    }

    private func login(_ options: ConnectionOptions) throws -> String? {
        let connection = try ServerConnection.connect(options, cancellation: Cancellation())
        let user = try connection.query("SELECT CURRENT_USER()").singleValue
        try connection.quit()
        return user
    }

    /// Logs in with every password, many times because nonces are random, and with a wrong one.
    private func check(
        _ server: ServiceInstance, plugin: String, passwords: [String] = passwords,
        modes: [TLSOptions.Mode], repeats: Int
    ) throws {
        let root = try server.root()
        for (index, password) in passwords.enumerated() {
            let quoted = password.replacingOccurrences(of: "\\", with: "\\\\")
                .replacingOccurrences(of: "'", with: "\\'")
            try run(
                root, ["CREATE USER u\(index) IDENTIFIED VIA \(plugin) USING PASSWORD('\(quoted)')"]
            )
            var options = try server.options(
                user: "u\(index)", password: password, flavor: .mariadb)
            for mode in modes {
                options.tls.mode = mode
                for _ in 0..<repeats { #expect(try login(options) == "u\(index)@%") }
            }
            options.password = Secret(password + "wrong-canary")
            let error = failure { _ = try login(options) }
            #expect(error?.code == .authentication)
            #expect(error?.description.contains("canary") == false)
        }
    }

    @Test(
        "GM18: client_ed25519 on 10.11, and accounts with two and three plugins",
        .enabled(if: Services.canStart(.mariadb), "needs a MariaDB server of its own"))
    func ed25519() throws {
        try withServer(.mariadb, plugin: "auth_ed25519") { server in
            // One nonce in 256 ends in NUL. 10.11 lets nobody in by an empty password: it keeps no key of it.
            try check(
                server, plugin: "ed25519", passwords: Array(Self.passwords.dropFirst()),
                modes: [.disabled], repeats: 60)
            // MariaDB's own client is not let in either.
            try run(
                server.root(), ["CREATE USER nobody IDENTIFIED VIA ed25519 USING PASSWORD('')"])
            let empty = try server.options(user: "nobody", password: "", flavor: .mariadb)
            #expect(code { _ = try login(empty) } == .authentication)
            try run(
                server.root(),
                [
                    """
                    CREATE USER two IDENTIFIED VIA ed25519 USING PASSWORD('first') \
                    OR mysql_native_password USING PASSWORD('second')
                    """,
                    """
                    CREATE USER three IDENTIFIED VIA ed25519 USING PASSWORD('first') \
                    OR mysql_native_password USING PASSWORD('second') \
                    OR mysql_native_password USING PASSWORD('third')
                    """,
                ])
            for password in ["first", "second"] {
                let options = try server.options(
                    user: "two", password: password, flavor: .mariadb)
                #expect(try login(options) == "two@%")
            }
            for password in ["first", "second", "third"] {
                let options = try server.options(
                    user: "three", password: password, flavor: .mariadb)
                #expect(try login(options) == "three@%")
            }
            for user in ["two", "three"] {
                let wrong = try server.options(
                    user: user, password: "fourth", flavor: .mariadb)
                #expect(code { _ = try login(wrong) } == .authentication)
            }
        }
    }

    @Test("GM18: parsec on 11.8, with and without TLS")
    func parsec() throws {
        try withServer(.mariadb118, plugin: "auth_parsec") { server in
            try check(server, plugin: "parsec", modes: [.disabled, .required], repeats: 3)
        }
    }

    @Test("client_ed25519 on 11.8, with and without TLS")
    func ed25519Newer() throws {
        try withServer(.mariadb118, plugin: "auth_ed25519") { server in
            try check(server, plugin: "ed25519", modes: [.disabled, .required], repeats: 3)
        }
    }

    @Test("caching_sha2_password of 11.8: through TLS")
    func cachingSHA2() throws {
        try withServer(.mariadb118, plugin: "auth_mysql_sha2") { server in
            try check(server, plugin: "caching_sha2_password", modes: [.required], repeats: 3)
        }
    }
}
