import BinlogProtocol
import Testing

@Suite("Server addresses and secrets")
struct ServerAddressTests {
    @Test(
        "Forms that are read",
        arguments: [
            ("127.0.0.1:3306", ServerAddress.tcp(host: "127.0.0.1", port: 3306)),
            ("db.example.com", .tcp(host: "db.example.com", port: 3306)),
            ("db:1", .tcp(host: "db", port: 1)),
            ("[::1]:65535", .tcp(host: "::1", port: 65535)),
            ("[fe80::1%eth0]", .tcp(host: "fe80::1%eth0", port: 3306)),
            ("/run/mysqld/mysqld.sock", .unix(path: "/run/mysqld/mysqld.sock")),
        ])
    func valid(text: String, expected: ServerAddress) throws {
        #expect(try ServerAddress(parsing: text) == expected)
        #expect(try ServerAddress(parsing: expected.description) == expected)
    }

    @Test(
        "Forms that are refused",
        arguments: [
            "", ":3306", "db:", "db:0", "db:65536", "db:-1", "db:+1", "db:3306x", "::1", "::1:3306",
            "[::1", "[::1]3306", "[::1]:", "[]:1", "[db]:1", "a b:1", "db\n:1", "a/b:1",
            "/" + String(repeating: "x", count: 103), "/a\0b",
        ])
    func invalid(text: String) {
        let error = #expect(throws: BinlogError.self) { try ServerAddress(parsing: text) }
        #expect(error?.code == .configuration)
    }

    @Test("Which addresses stay on this machine, and the TLS mode that follows")
    func local() throws {
        for text in ["127.0.0.1", "127.1.2.3", "localhost", "LOCALHOST:1", "[::1]", "/s"] {
            let address = try ServerAddress(parsing: text)
            #expect(address.isLocal)
            #expect(TLSOptions.Mode.standard(for: address) == .preferred)
        }
        for text in ["10.0.0.1", "db", "127.evil.example", "[::2]", "localhost.example"] {
            let address = try ServerAddress(parsing: text)
            #expect(!address.isLocal)
            #expect(TLSOptions.Mode.standard(for: address) == .required)
        }
    }

    @Test("S4: a secret is never printed")
    func secret() {
        let options = ConnectionOptions(
            address: .unix(path: "/s"), user: "u", password: Secret("canary"))
        var dumped = ""
        dump(options, to: &dumped)
        for text in [
            "\(options)", String(reflecting: options), dumped, "\(options.password)",
            String(reflecting: options.password),
        ] {
            #expect(!text.contains("canary"))
        }
        #expect(options.password.value == "canary")
    }

    @Test("The place in the log joins the sentence, and what is known stays")
    func errorContext() {
        let error = BinlogError(.corrupt, "Bad.").at(file: "b.1", gtid: "u:1")
        #expect("\(error)" == "Bad. (in b.1, GTID u:1)")
        let more = error.at(file: "b.2", position: 4, event: "Xid")
        #expect("\(more)" == "Bad. (event Xid, at b.1:4, GTID u:1)")
        #expect("\(BinlogError(.corrupt, "Bad."))" == "Bad.")
    }
}
