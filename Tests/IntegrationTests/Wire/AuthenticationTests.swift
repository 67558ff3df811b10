import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// Each way through caching_sha2_password and mysql_native_password, on real servers.
@Suite("Authentication on real servers", .serialized)
struct AuthenticationTests {
    /// Makes an account whose password the server has not cached yet.
    private func withAccount(
        on server: ServiceInstance, password: String, plugin: String = "caching_sha2_password",
        _ body: (String) throws -> Void
    ) throws {
        let root = try server.root()
        let user = "auth\(UInt32.random(in: 0...UInt32.max))"
        let quoted = password.replacingOccurrences(of: "\\", with: "\\\\")
            .replacingOccurrences(of: "'", with: "\\'")
        let clause =
            plugin == "mysql_native_password"
            ? "IDENTIFIED BY '\(quoted)'" : "IDENTIFIED WITH \(plugin) BY '\(quoted)'"
        try run(root, ["CREATE USER '\(user)'@'%' \(clause)"])
        let outcome = Result { try body(user) }
        try run(root, ["DROP USER '\(user)'@'%'"])
        try outcome.get()
    }

    private func login(_ options: ConnectionOptions) throws -> String? {
        let connection = try ServerConnection.connect(options, cancellation: Cancellation())
        let user = try connection.query("SELECT CURRENT_USER()").singleValue
        try connection.quit()
        return user
    }

    static let passwords = [
        "x", "it's \\ \"quoted\"", "pässwörd☃", String(repeating: "long", count: 50),
        String(repeating: "z", count: 213),
    ]

    @Test("GM18, T112: full and then fast authentication over TLS", arguments: passwords)
    func overTLS(password: String) throws {
        let server = try Services.standard(.mysql)
        try withAccount(on: server, password: password) { user in
            var options = try server.options(user: user, password: password)
            options.tls.mode = .required
            #expect(try login(options) == "\(user)@%")
            #expect(try login(options) == "\(user)@%")
            // The server has the password's hash cached now, so a clear connection will do.
            options.tls.mode = .disabled
            #expect(try login(options) == "\(user)@%")
        }
    }

    @Test(
        "Full authentication over a Unix socket",
        .enabled(if: Services.knows("SOCKET", of: .mysql), "needs SDL_TEST_MYSQL_SOCKET"),
        arguments: passwords)
    func overUnixSocket(password: String) throws {
        let server = try Services.standard(.mysql)
        try withAccount(on: server, password: password) { user in
            let options = try server.options(user: user, password: password, overSocket: true)
            #expect(try login(options) == "\(user)@%")
        }
    }

    @Test(
        "Full authentication with the server's public key from a file",
        .enabled(if: Services.knows("DATADIR", of: .mysql), "needs SDL_TEST_MYSQL_DATADIR"),
        arguments: passwords)
    func pinnedKey(password: String) throws {
        let server = try Services.standard(.mysql)
        try withAccount(on: server, password: password) { user in
            var options = try server.options(user: user, password: password)
            options.tls.mode = .disabled
            options.serverPublicKeyFile = try server.dataFolder + "/public_key.pem"
            #expect(try login(options) == "\(user)@%")
        }
    }

    @Test("T112: full authentication with the key asked for", arguments: passwords)
    func retrievedKey(password: String) throws {
        let server = try Services.standard(.mysql)
        try withAccount(on: server, password: password) { user in
            var options = try server.options(user: user, password: password)
            options.tls.mode = .disabled
            options.allowPublicKeyRetrieval = true
            #expect(try login(options) == "\(user)@%")
        }
    }

    @Test("Without a safe way the password is not sent, and the error names all three")
    func noSafeWay() throws {
        let server = try Services.standard(.mysql)
        try withAccount(on: server, password: "secret-canary") { user in
            var options = try server.options(user: user, password: "secret-canary")
            options.tls.mode = .disabled
            let error = failure { _ = try login(options) }
            #expect(error?.code == .authentication)
            let text = try #require(error?.description)
            #expect(text.contains("MYSQL_TLS_MODE"))
            #expect(text.contains("MYSQL_SERVER_PUBLIC_KEY"))
            #expect(text.contains("MYSQL_ALLOW_PUBLIC_KEY_RETRIEVAL"))
            #expect(!text.contains("canary"))
        }
    }

    @Test("AU1: an empty password", arguments: TLSOptions.Mode.allCases.prefix(3))
    func emptyPassword(mode: TLSOptions.Mode) throws {
        let server = try Services.standard(.mysql)
        try withAccount(on: server, password: "") { user in
            var options = try server.options(user: user, password: "")
            options.tls.mode = mode
            #expect(try login(options) == "\(user)@%")
        }
    }

    @Test("GM18: mysql_native_password", arguments: passwords + [""])
    func native(password: String) throws {
        let server = try Services.standard(.mariadb)
        try withAccount(on: server, password: password, plugin: "mysql_native_password") { user in
            let options = try server.options(user: user, password: password, flavor: .mariadb)
            #expect(try login(options) == "\(user)@%")
        }
    }

    @Test("T110: a wrong password", arguments: [Services.Kind.mysql, .mariadb])
    func wrongPassword(kind: Services.Kind) throws {
        let server = try Services.standard(kind)
        let error = failure { _ = try login(server.options(password: "wrong-canary")) }
        #expect(error?.code == .authentication)
        #expect(error?.isTransient == false)
        let text = try #require(error?.description)
        #expect(text.contains("1045"))
        #expect(!text.contains("canary"))
    }

    @Test("T110: a locked account")
    func locked() throws {
        let server = try Services.standard(.mysql)
        try withAccount(on: server, password: "x") { user in
            try run(server.root(), ["ALTER USER '\(user)'@'%' ACCOUNT LOCK"])
            let error = failure { _ = try login(server.options(user: user, password: "x")) }
            #expect(error?.code == .authentication)
            #expect(error?.description.contains("3118") == true)
        }
    }

    @Test("GM18: sha256_password, with and without TLS", arguments: passwords)
    func sha256(password: String) throws {
        let server = try Services.standard(.mysql)
        try withAccount(on: server, password: password, plugin: "sha256_password") { user in
            var options = try server.options(user: user, password: password)
            options.tls.mode = .required
            #expect(try login(options) == "\(user)@%")
            options.tls.mode = .disabled
            let error = failure { _ = try login(options) }
            #expect(error?.code == .authentication)
            #expect(error?.description.contains("sha256_password") == true)
            options.allowPublicKeyRetrieval = true
            #expect(try login(options) == "\(user)@%")
            options.password = Secret(password + "x")
            #expect(code { _ = try login(options) } == .authentication)
        }
    }

    @Test(
        "sha256_password over a Unix socket, where the key may be asked for, and with the key from a file",
        .enabled(if: Services.knows("SOCKET", of: .mysql), "needs SDL_TEST_MYSQL_SOCKET"),
        .enabled(if: Services.knows("DATADIR", of: .mysql), "needs SDL_TEST_MYSQL_DATADIR"),
        arguments: passwords)
    func sha256OtherWays(password: String) throws {
        let server = try Services.standard(.mysql)
        try withAccount(on: server, password: password, plugin: "sha256_password") { user in
            #expect(
                try login(server.options(user: user, password: password, overSocket: true))
                    == "\(user)@%")
            var options = try server.options(user: user, password: password)
            options.tls.mode = .disabled
            options.serverPublicKeyFile = try server.dataFolder + "/public_key.pem"
            #expect(try login(options) == "\(user)@%")
        }
    }

    @Test(
        "AU1: sha256_password with an empty password", arguments: TLSOptions.Mode.allCases.prefix(3)
    )
    func sha256Empty(mode: TLSOptions.Mode) throws {
        let server = try Services.standard(.mysql)
        try withAccount(on: server, password: "", plugin: "sha256_password") { user in
            var options = try server.options(user: user, password: "")
            options.tls.mode = mode
            #expect(try login(options) == "\(user)@%")
        }
    }

    @Test("The server shows who we are")
    func attributes() throws {
        let server = try Services.standard(.mysql)
        let connection = try server.root()
        let attributes = try connection.query(
            """
            SELECT attr_name, attr_value FROM performance_schema.session_account_connect_attrs \
            WHERE processlist_id = CONNECTION_ID()
            """
        ).dictionary
        #expect(attributes["_client_name"] == "sdl")
        #expect(attributes["program_name"] == "sdl")
        #expect(attributes["_pid"] == String(ProcessInfo.processInfo.processIdentifier))
        #expect(attributes["_os"] != nil)
    }
}
