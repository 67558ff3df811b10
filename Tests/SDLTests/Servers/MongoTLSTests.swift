import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import sdl

/// TLS to MongoDB: which servers pass, which are refused, and what is said of checks that are switched off.
@Suite("T115: TLS to MongoDB") struct MongoTLSTests {
    private let authority: CertificateAuthority
    private let otherAuthority: CertificateAuthority
    private let trail: OwnTrail

    init() throws {
        authority = try CertificateAuthority()
        otherAuthority = try CertificateAuthority()
        trail = try OwnTrail()
    }

    /// What the server presents.
    enum Certificate: String, CaseIterable, Sendable {
        case right, otherAuthority, selfSigned, expired, notYetValid, otherHost
    }

    private func issue(_ certificate: Certificate) throws -> (certificate: String, key: String) {
        let names = "DNS:localhost,IP:127.0.0.1"
        switch certificate {
        case .right: return try authority.issue(name: "right", names: names)
        case .otherAuthority: return try otherAuthority.issue(name: "other", names: names)
        case .selfSigned: return try otherAuthority.selfSigned(name: "self", names: names)
        case .expired:
            return try authority.issue(name: "expired", names: names, end: "20210101000000Z")
        case .notYetValid:
            return try authority.issue(name: "later", names: names, start: "20980101000000Z")
        case .otherHost:
            return try authority.issue(name: "elsewhere", names: "DNS:db1.example.com")
        }
    }

    private func server(
        _ certificate: Certificate, clientAuthority: String? = nil
    ) throws -> TLSTerminator {
        let own = try issue(certificate)
        return try TLSTerminator(
            to: try hosts, certificate: own.certificate, key: own.key,
            clientAuthority: clientAuthority)
    }

    /// The parts of the shared server's connection string.
    private var hosts: String {
        get throws {
            let match = try #require(
                trail.mongoURI.firstMatch(of: /mongodb:\/\/([^\/]*@)?([^\/]+)/))
            return String(match.2)
        }
    }

    /// Runs `sdl init` over the port with these options of the connection string.
    private func initialize(port: UInt16, _ options: String...) throws -> SDLCommand {
        let user = try #require(
            trail.mongoURI.firstMatch(of: /mongodb:\/\/([^\/]*@)?/))
        let all = options + ["directConnection=true", "serverSelectionTimeoutMS=20000"]
        let uri =
            "mongodb://\(user.1 ?? "")127.0.0.1:\(port)/?\(all.joined(separator: "&"))"
        return try trail.run(["init"], ["MONGO_URI": uri, "RETRY_MAX": "1"])
    }

    private var trust: String { "tlsCAFile=\(authority.caFile)" }

    @Test(
        "only a certificate of our authority, for this host and this day, passes",
        arguments: Certificate.allCases)
    func certificates(certificate: Certificate) throws {
        let server = try server(certificate)
        let run = try initialize(port: server.port, "tls=true", trust)
        let complaints = try run.complaints
        if certificate == .right {
            #expect(run.exitCode == 0, "\(complaints)")
            #expect(!complaints.contains("is not checked"))
        } else {
            #expect(run.exitCode != 0)
            #expect(try endsInOneSentence(run))
            #expect(complaints.contains("TLS handshake failed"), "\(complaints)")
            #expect(!complaints.contains("Connected to MongoDB"))
        }
    }

    @Test("a public authority's trust is not enough for ours")
    func systemTrust() throws {
        let server = try server(.right)
        let run = try initialize(port: server.port, "tls=true")
        #expect(run.exitCode != 0)
        #expect(try run.complaints.contains("TLS handshake failed"))
    }

    @Test("one side with TLS and the other without")
    func oneSideOnly() throws {
        let port = try #require(UInt16(try hosts.split(separator: ":").last ?? ""))
        let noServer = try initialize(port: port, "tls=true", trust)
        #expect(noServer.exitCode != 0)
        #expect(try endsInOneSentence(noServer))
        #expect(try !noServer.complaints.contains("Connected to MongoDB"))
        let server = try server(.right)
        let noClient = try initialize(port: server.port)
        #expect(noClient.exitCode != 0)
        #expect(try endsInOneSentence(noClient))
    }

    @Test(
        "checks that are switched off are a warning at the start, and only they are off",
        arguments: [
            ("tlsInsecure", [.right, .otherAuthority, .expired, .otherHost]),
            ("tlsAllowInvalidCertificates", [.right, .otherAuthority, .selfSigned, .expired]),
            ("tlsAllowInvalidHostnames", [.right, .otherHost]),
        ] as [(String, [Certificate])])
    func insecure(option: String, passes: [Certificate]) throws {
        for certificate in Certificate.allCases {
            let server = try server(certificate)
            let run = try initialize(port: server.port, "tls=true", trust, "\(option)=true")
            let complaints = try run.complaints
            #expect(
                complaints.contains(
                    "MONGO_URI has the option \(option.lowercased()): the identity of the MongoDB server is not checked"
                ))
            if passes.contains(certificate) {
                #expect(run.exitCode == 0, "\(option) \(certificate): \(complaints)")
            } else if option == "tlsAllowInvalidHostnames" {
                #expect(run.exitCode != 0, "\(option) \(certificate)")
            }
        }
    }

    @Test("a client certificate is presented, and its key must be ours alone")
    func clientCertificate() throws {
        let server = try server(.right, clientAuthority: authority.caFile)
        let without = try initialize(port: server.port, "tls=true", trust)
        #expect(without.exitCode != 0)
        let own = try authority.issue(name: "client", names: "DNS:client")
        let both = try trail.folder.write(
            "client.pem",
            String(contentsOfFile: own.certificate, encoding: .utf8)
                + String(contentsOfFile: own.key, encoding: .utf8))
        let with = try initialize(
            port: server.port, "tls=true", trust, "tlsCertificateKeyFile=\(both)")
        #expect(with.exitCode == 0)
        try trail.folder.setMode(0o644, of: both)
        let open = try initialize(
            port: server.port, "tls=true", trust, "tlsCertificateKeyFile=\(both)")
        #expect(open.exitCode == 2)
        #expect(try open.complaints.contains("run: chmod 600 \(both)"))
    }

    @Test("the whole way: changes are stored over TLS")
    func run() throws {
        let server = try server(.right)
        let table = try SourceTable(trail)
        let user = try #require(trail.mongoURI.firstMatch(of: /mongodb:\/\/([^\/]*@)?/))
        var settings = table.onlyThis
        settings["MONGO_URI"] =
            "mongodb://\(user.1 ?? "")localhost:\(server.port)/?directConnection=true&tls=true&\(trust)"
        let until = ["run", "--until", "current"]
        #expect(try trail.run(until, settings).exitCode == 0)
        try table.insert(3)
        #expect(try trail.run(until, settings).exitCode == 0)
        #expect(try trail.insertCount() == 3)
    }
}
