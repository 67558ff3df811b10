import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import sdl

/// An account of its own for one test, dropped with this object.
final class SourceAccount {
    let name = "acc_\(UUID().uuidString.prefix(8).lowercased())"
    /// With what a connection string, a shell or a URL would take for something else.
    let password = "cAnary@\(UUID().uuidString.prefix(6)):/%#"
    private let root: ServerConnection

    init(
        _ trail: OwnTrail,
        granted privileges: String? = "REPLICATION SLAVE, REPLICATION CLIENT, SELECT"
    ) throws {
        root = try trail.root()
        try run("CREATE USER '\(name)'@'%' IDENTIFIED BY '\(password)'")
        if let privileges { try run("GRANT \(privileges) ON *.* TO '\(name)'@'%'") }
    }

    deinit {
        do {
            try run("DROP USER '\(name)'@'%'")
        } catch {
            print("the account \(name) stays behind: \(error)")
        }
    }

    func run(_ sql: String) throws { _ = try root.query(sql) }

    /// Ends every connection of the account.
    func disconnect() throws {
        let ids = try root.query(
            "SELECT id FROM information_schema.processlist WHERE user = '\(name)'"
        ).rows.compactMap(\.first)
        for case let id? in ids {
            do {
                try run("KILL \(id)")
            } catch let error as BinlogError where error.code == .serverError(1094) {
                continue
            }
        }
    }

    var settings: [String: String] { ["MYSQL_USER": name, "MYSQL_PASS": password] }
}

/// What refuses us at the source: said once, with what helps, and not tried again.
@Suite struct AccessTests {
    /// What is done to an account that was fine, and a part of what the user is told.
    enum Fault: String, CaseIterable, Sendable {
        case password, locked, expired, noGrant

        func happen(to account: SourceAccount) throws {
            switch self {
            case .password, .noGrant: break
            case .locked: try account.run("ALTER USER '\(account.name)'@'%' ACCOUNT LOCK")
            case .expired: try account.run("ALTER USER '\(account.name)'@'%' PASSWORD EXPIRE")
            }
        }

        var advice: String {
            switch self {
            case .password: "Check MYSQL_USER, MYSQL_PASS"
            case .locked: "ACCOUNT UNLOCK"
            case .expired: "has expired; set a new one"
            // MySQL needs one privilege, MariaDB another one too.
            case .noGrant: "REPLICATION SLAVE ON *.* TO <user>;"
            }
        }
    }

    @Test(
        "T110: an account that is refused ends with 6 after one attempt",
        arguments: [Services.Kind.mysql, .mariadb], Fault.allCases)
    func refused(kind: Services.Kind, fault: Fault) throws {
        let server = try Services.standard(kind)
        let trail = try OwnTrail(mysql: server)
        let account = try SourceAccount(
            trail,
            granted: fault == .noGrant ? nil : "REPLICATION SLAVE, REPLICATION CLIENT, SELECT")
        try fault.happen(to: account)
        let proxy = try FaultProxy(to: try server.address)
        var settings = account.settings
        settings["MYSQL_ADDR"] = proxy.address
        settings["MYSQL_FLAVOR"] = kind == .mysql ? "mysql" : "mariadb"
        settings["RETRY_MAX"] = "0"
        settings["LOG_LEVEL"] = "trace"
        if fault == .password { settings["MYSQL_PASS"] = account.password + "-not" }
        let run = try trail.run(["run"], settings)
        #expect(run.exitCode == 6)
        #expect(try endsInOneSentence(run))
        let complaints = try run.complaints
        #expect(complaints.contains(fault.advice), "\(complaints)")
        #expect(!complaints.contains("Trying again"))
        #expect(proxy.lines.count == 1)
        #expect(try trail.isEmpty())
    }

    @Test(
        "T111: a password that is changed while sdl runs ends it when it has to log in again, with 6",
        arguments: [Services.Kind.mysql, .mariadb])
    func rotated(kind: Services.Kind) throws {
        let trail = try OwnTrail(mysql: try Services.standard(kind))
        let account = try SourceAccount(trail)
        let table = try SourceTable(trail)
        var settings = account.settings.merging(table.onlyThis) { $1 }
        settings["MYSQL_FLAVOR"] = kind == .mysql ? "mysql" : "mariadb"
        settings["RETRY_MAX"] = "0"
        // Read from a file, as it is when somebody changes it there.
        settings["MYSQL_PASS"] = nil
        settings["MYSQL_PASS_FILE"] = try trail.folder.write("pass", account.password + "\n")
        var environment = try trail.environment(settings)
        environment["MYSQL_PASS"] = nil
        let run = try SDLCommand(["run"], environment: environment)
        try run.waitFor("Starting from current position")
        try table.insert(1)
        while try trail.insertCount() < 1 {
            let complaints = try run.complaints
            try #require(run.isRunning, "\(complaints)")
            usleep(20_000)
        }
        let next = account.password + "-next"
        try account.run("ALTER USER '\(account.name)'@'%' IDENTIFIED BY '\(next)'")
        _ = try trail.folder.write("pass", next)
        try table.insert(1)
        // The connection that is there goes on, unless a second one is needed to look something up, as on MariaDB.
        while try trail.insertCount() < 2 {
            if kind == .mariadb, !run.isRunning { break }
            try #require(run.isRunning)
            usleep(20_000)
        }
        try account.disconnect()
        #expect(try run.wait() == 6)
        #expect(try endsInOneSentence(run))
        #expect(try run.complaints.contains("Check MYSQL_USER, MYSQL_PASS"))
        try table.insert(1)
        // The next start reads the new one, and goes on where it was.
        let again = try SDLCommand.run(["run", "--until", "current"], environment: environment)
        #expect(again.exitCode == 0)
        #expect(try trail.insertCount() == 3)
    }
}
