import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import sdl

/// What a server is that `sdl` cannot work with, and what it says then.
@Suite struct BadServersTests {
    @Test func aWrongPassword() throws {
        let trail = try OwnTrail()
        let run = try trail.run(["run"], ["MYSQL_PASS": "wrong-canary"])
        #expect(run.exitCode == 6)
        #expect(try endsInOneSentence(run))
        #expect(try !run.complaints.contains("wrong-canary"))
        #expect(try trail.isEmpty())
    }

    @Test func aMissingGrant() throws {
        let trail = try OwnTrail()
        let user = "sdl_\(UUID().uuidString.prefix(8).lowercased())"
        let root = try trail.root()
        _ = try root.query("CREATE USER '\(user)'@'%' IDENTIFIED BY 'none-granted'")
        let run = Result {
            try trail.run(["run"], ["MYSQL_USER": user, "MYSQL_PASS": "none-granted"])
        }
        _ = try root.query("DROP USER '\(user)'@'%'")
        #expect(try run.get().exitCode == 6)
        #expect(try endsInOneSentence(try run.get()))
        #expect(try run.get().complaints.contains("GRANT REPLICATION SLAVE ON *.*"))
        #expect(try trail.isEmpty())
    }

    @Test(
        .enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"),
        arguments: [
            (
                "no-gtids", ["--gtid-mode=OFF", "--enforce-gtid-consistency=OFF"],
                "SET PERSIST gtid_mode = ON"
            ),
            ("statements", ["--binlog-format=STATEMENT"], "binlog_format = ROW"),
        ])
    func aLogThatCannotBeFollowed(name: String, options: [String], remedy: String) throws {
        try withServer(.mysql, name: name, options: options) { mysql in
            let trail = try OwnTrail(mysql: mysql)
            let run = try trail.run(["run"])
            #expect(run.exitCode == 2)
            #expect(try endsInOneSentence(run))
            #expect(try run.complaints.contains(remedy))
            #expect(try trail.isEmpty())
        }
    }

    @Test(.enabled(if: Services.canStart(.mysql), "needs a MySQL server of its own"))
    func aServerWithoutTLSWhereItIsRequired() throws {
        try withServer(.mysql, name: "no-tls", options: ["--tls-version="]) { mysql in
            let run = try OwnTrail(mysql: mysql).run(["run"], ["MYSQL_TLS_MODE": "required"])
            #expect(run.exitCode == 2)
            #expect(try endsInOneSentence(run))
            #expect(try run.complaints.contains("TLS"))
        }
    }

    @Test(arguments: ["run", "tail"])
    func theOtherFlavor(command: String) throws {
        let trail = try OwnTrail(mysql: try Services.standard(.mariadb))
        let run = try trail.run([command])
        #expect(run.exitCode == 2)
        #expect(try endsInOneSentence(run))
        #expect(try run.complaints.contains("sdl: The server is MariaDB "))
        #expect(try run.complaints.hasSuffix(", not MySQL. Set MYSQL_FLAVOR=mariadb.\n"))
        #expect(try trail.isEmpty())
    }

    @Test(arguments: ["run", "tail"], ["127.0.0.1:1", "nobody.invalid:3306"])
    func nobodyThere(command: String, address: String) throws {
        let run = try OwnTrail().run([command], ["MYSQL_ADDR": address])
        #expect(run.exitCode == 1)
        #expect(try endsInOneSentence(run))
        #expect(try run.complaints.contains(address.split(separator: ":")[0]))
    }

    @Test(arguments: ["run", "init"], ["127.0.0.1:1", "nobody.invalid"])
    func nobodyThereInMongoDB(command: String, host: String) throws {
        let uri = "mongodb://u:hunter2canary@\(host)/?serverSelectionTimeoutMS=200"
        let run = try OwnTrail().run([command], ["MONGO_URI": uri])
        #expect(run.exitCode == 1)
        #expect(try endsInOneSentence(run))
        #expect(try !run.complaints.contains("hunter2canary"))
        #expect(try run.complaints.contains(host))
    }

    @Test(arguments: [
        "mongodb://u:hunter2canary@h:99999/", "mongodb://u:hunter2canary%@h/",
    ])
    func aConnectionStringThatTheDriverRefuses(uri: String) throws {
        for command in ["run", "init"] {
            let run = try OwnTrail().run([command], ["MONGO_URI": uri])
            #expect(run.exitCode == 2)
            #expect(try endsInOneSentence(run))
            #expect(try run.complaints.contains("MONGO_URI"))
            #expect(try !run.complaints.contains("hunter2canary"))
        }
    }

    @Test(
        .enabled(if: Services.canStart(.mongo), "needs a MongoDB server of its own"),
        arguments: ["run", "init"])
    func aStandaloneMongoDB(command: String) throws {
        try withServer(.mongo, name: "standalone-\(command)", options: ["--standalone"]) { mongo in
            let run = try OwnTrail().run([command], ["MONGO_URI": try mongo.uri])
            #expect(run.exitCode == 2)
            #expect(try endsInOneSentence(run))
            #expect(try run.complaints.contains("is a standalone server"))
        }
    }
}
