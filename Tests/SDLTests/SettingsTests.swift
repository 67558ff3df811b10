import BinlogProtocol
import Foundation
import MongoSink
import TestSupport
import Testing

@testable import sdl

@Suite struct SettingsTests {
    @Test func theDefaultsAreThoseOfTheContract() throws {
        let settings = try settings(["MYSQL_USER": "repl"])
        #expect(settings.mysql.address == .tcp(host: "127.0.0.1", port: 3306))
        #expect(settings.mysql.user == "repl")
        #expect(settings.mysql.password.isEmpty)
        #expect(settings.mysql.flavor == .mysql)
        #expect(settings.mysql.serverID == 2222)
        #expect(settings.mysql.tls == TLSOptions(mode: .preferred))
        #expect(settings.mysql.serverPublicKeyFile == nil)
        #expect(!settings.mysql.allowPublicKeyRetrieval)
        #expect(settings.mongo.uri.text == "mongodb://127.0.0.1:27017/?replicaSet=rs0")
        #expect(settings.mongo.database == "audit")
        #expect(settings.mongo.changes == "row_changes")
        #expect(settings.mongo.offsets == "binlog_offsets")
        #expect(settings.mongo.staging == "row_changes_staging")
        #expect(settings.mongo.ledger == "row_changes_ledger")
        #expect(settings.streamName == "mysql://127.0.0.1:3306")
        #expect(settings.start == .current)
        #expect(settings.batchDocumentsMax == 1000)
        #expect(settings.batchBytesMax == 4 << 20)
        #expect(settings.flushInterval == .seconds(1))
        #expect(settings.memoryBytesMax == 256 << 20)
        #expect(
            settings.retry
                == RetryPolicy(
                    attemptsMax: 0, initial: .milliseconds(100), maxDelay: .seconds(10)))
        #expect(!settings.fullImages)
        #expect(settings.stagingTTL == .seconds(7 * 86_400))
        #expect(settings.timeZone.secondsFromGMT() == 0)
        #expect(settings.logLevel == .info)
        #expect(settings.logFormat == .text)
        #expect(settings.warnings.isEmpty)
    }

    @Test func everyKeyIsRead() throws {
        let settings = try settings([
            "MYSQL_ADDR": "[2001:db8::7]:3307", "MYSQL_USER": "repl", "MYSQL_PASS": "pa ss",
            "MYSQL_SERVER_ID": "77", "MYSQL_TLS_MODE": "verify-ca", "MYSQL_TLS_CA": "/ca.pem",
            "MYSQL_TLS_CERT": "/cert.pem", "MYSQL_TLS_KEY": "/key.pem",
            "MYSQL_SERVER_PUBLIC_KEY": "/public.pem", "MYSQL_ALLOW_PUBLIC_KEY_RETRIEVAL": "yes",
            "MONGO_URI": "mongodb://h1,h2/?replicaSet=x", "MONGO_DB": "trail", "MONGO_COLL": "c",
            "MONGO_OFFSETS_COLL": "o", "MONGO_STAGING_COLL": "s", "STREAM_NAME": "shop",
            "INCLUDE_REGEX": #"shop\..*"#, "EXCLUDE_REGEX": #"shop\.tmp_.*"#, "START": "earliest",
            "BATCH_SIZE": "5", "BATCH_BYTES": "1MiB", "FLUSH_INTERVAL": "250ms",
            "MEMORY_LIMIT": "64MiB", "RETRY_MAX": "3", "RETRY_INITIAL": "1s",
            "RETRY_MAX_DELAY": "1m", "RETRY_MAX_TIME": "2h", "ON_UNDECODABLE": "gap",
            "FULL_IMAGES": "true",
            "STAGING_TTL": "1d", "TZ": "Asia/Kolkata", "LOG_LEVEL": "DEBUG", "LOG_FORMAT": "json",
            "MYSQL_COMPRESSION": "zstd", "MYSQL_FLAVOR": "mysql",
        ])
        #expect(settings.mysql.address == .tcp(host: "2001:db8::7", port: 3307))
        #expect(settings.mysql.password.value == "pa ss")
        #expect(settings.mysql.serverID == 77)
        #expect(
            settings.mysql.tls
                == TLSOptions(
                    mode: .verifyCA, caFile: "/ca.pem", certificateFile: "/cert.pem",
                    keyFile: "/key.pem"))
        #expect(settings.mysql.serverPublicKeyFile == "/public.pem")
        #expect(settings.mysql.allowPublicKeyRetrieval)
        #expect(settings.mysql.compression == .zstd)
        #expect(settings.mongo.uri.text == "mongodb://h1,h2/?replicaSet=x")
        #expect(settings.mongo.database == "trail")
        #expect(settings.mongo.changes == "c")
        #expect(settings.mongo.offsets == "o")
        #expect(settings.mongo.staging == "s")
        #expect(settings.mongo.ledger == "c_ledger")
        #expect(settings.streamName == "shop")
        #expect(settings.filter.includes(database: "shop", table: "orders"))
        #expect(!settings.filter.includes(database: "shop", table: "tmp_1"))
        #expect(settings.start == .earliest)
        #expect(settings.onUndecodable == .gap)
        #expect(settings.batchDocumentsMax == 5)
        #expect(settings.batchBytesMax == 1 << 20)
        #expect(settings.flushInterval == .milliseconds(250))
        #expect(settings.memoryBytesMax == 64 << 20)
        #expect(
            settings.retry
                == RetryPolicy(
                    attemptsMax: 3, initial: .seconds(1), maxDelay: .seconds(60),
                    timeMax: .seconds(7200)))
        let sink = settings.sinkSettings(standby: false)
        #expect(sink.retryMax == 3)
        #expect(sink.retryInitial == .seconds(1))
        #expect(sink.retryMaxDelay == .seconds(60))
        #expect(sink.retryMaxTime == .seconds(7200))
        #expect(settings.fullImages)
        #expect(settings.stagingTTL == .seconds(86_400))
        #expect(settings.timeZone.identifier == "Asia/Kolkata")
        #expect(settings.logLevel == .debug)
        #expect(settings.logFormat == .json)
    }

    @Test func theEnvironmentWinsOverTheFileAndAFlagOverBoth() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(".env", "MYSQL_USER=file\nBATCH_SIZE=1\nSTART=earliest\n")
        let settings = try Settings.load(
            environmentFile: file, flags: [.start: "current"],
            environment: ["BATCH_SIZE": "2", "START": "earliest"], connectingTo: [.mysql, .mongo])
        #expect(settings.mysql.user == "file")
        #expect(settings.batchDocumentsMax == 2)
        #expect(settings.start == .current)
    }

    @Test func anEmptyValueInTheEnvironmentDoesNotHideTheFile() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            ".env", "MYSQL_USER=file\nMYSQL_PASS=secret\nMONGO_URI=mongodb://h\nBATCH_SIZE=1\n")
        let settings = try Settings.load(
            environmentFile: file,
            environment: [
                "MYSQL_USER": "", "MYSQL_PASS": "", "MYSQL_PASS_FILE": "", "MONGO_URI": "",
                "BATCH_SIZE": "", "BATCH_BYTES": "",
            ], connectingTo: [.mysql, .mongo])
        #expect(settings.mysql.user == "file")
        #expect(settings.mysql.password.value == "secret")
        #expect(settings.mongo.uri.text == "mongodb://h")
        #expect(settings.batchDocumentsMax == 1)
        #expect(settings.batchBytesMax == 4 << 20)
    }

    @Test(arguments: ["127.0.0.1", "/run/mysqld.sock", "db.example.com"])
    func whoNamesAnAuthorityWantsItAsked(address: String) throws {
        let tls = try settings([
            "MYSQL_USER": "r", "MYSQL_ADDR": address, "MYSQL_TLS_CA": "/ca.pem",
        ])
        #expect(tls.mysql.tls.mode == .verifyCA)
        #expect(tls.warnings.isEmpty)
    }

    /// Address, MYSQL_TLS_MODE, MYSQL_TLS_CA, and a part of the only warning; empty for none.
    @Test(arguments: [
        ("db.example.com", "", "", "The identity of the MySQL server at db.example.com:3306"),
        ("db.example.com", "preferred", "", "MYSQL_TLS_MODE=preferred: set verify-identity"),
        ("db.example.com", "disabled", "", "is not checked with MYSQL_TLS_MODE=disabled"),
        ("db.example.com", "verify-identity", "", ""), ("localhost", "required", "", ""),
        ("localhost", "required", "/ca.pem", "MYSQL_TLS_CA is not used with MYSQL_TLS_MODE=req"),
        ("localhost", "verify-ca", "/ca.pem", ""),
    ])
    func weakTLSToMySQLIsAWarning(
        address: String, mode: String, authorities: String, part: String
    ) throws {
        let environment = [
            "MYSQL_USER": "r", "MYSQL_ADDR": address, "MYSQL_TLS_MODE": mode,
            "MYSQL_TLS_CA": authorities,
        ]
        let warnings = try settings(environment).warnings
        #expect(warnings.count == (part.isEmpty ? 0 : 1))
        #expect(part.isEmpty || warnings[0].contains(part))
        #expect(try settings(environment, connectingTo: []).warnings.isEmpty)
    }

    @Test func aCommandDoesNotReadTheSecretsOfServersItDoesNotConnectTo() throws {
        let files = ["MYSQL_PASS_FILE": "/nonexistent", "MONGO_URI_FILE": "/nonexistent"]
        _ = try settings(files, connectingTo: [])
        #expect(throws: CommandFailure.self) { try settings(files, connectingTo: [.mongo]) }
    }

    @Test(arguments: [
        ("/run/mysqld/mysqld.sock", TLSOptions.Mode.preferred), ("localhost", .preferred),
        ("127.8.9.1:3306", .preferred), ("[::1]:3306", .preferred), ("db.example.com", .required),
        ("10.0.0.1:3306", .required),
    ])
    func theTLSModeDependsOnWhereTheServerIs(address: String, mode: TLSOptions.Mode) throws {
        let settings = try settings(["MYSQL_USER": "repl", "MYSQL_ADDR": address])
        #expect(settings.mysql.tls.mode == mode)
        #expect(settings.streamName == "mysql://\(address)")
    }

    @Test func aGTIDSetIsAStart() throws {
        let set = "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-23"
        #expect(
            try settings(["MYSQL_USER": "r", "START": set]).start
                == .after(try GTIDSet(parsing: set)))
        #expect(try EndPosition(parsing: "current", name: "--until") == .current)
        #expect(try EndPosition(parsing: set, name: "--until") == .gtidSet(GTIDSet(parsing: set)))
    }

    @Test func secretsCanComeFromFiles() throws {
        let folder = try TemporaryFolder()
        let password = try folder.write("password", "geheim \n")
        let uri = try folder.write("uri", "mongodb://u:p@h/?replicaSet=rs0\n")
        let settings = try settings([
            "MYSQL_USER": "repl", "MYSQL_PASS_FILE": password, "MONGO_URI_FILE": uri,
        ])
        #expect(settings.mysql.password.value == "geheim ")
        #expect(settings.mongo.uri.text == "mongodb://u:p@h/?replicaSet=rs0")
    }

    @Test func aPasswordInTheEnvironmentWinsOverAPasswordFileInTheFile() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(".env", "MYSQL_USER=u\nMYSQL_PASS_FILE=/nonexistent\n")
        let settings = try Settings.load(
            environmentFile: file, environment: ["MYSQL_PASS": "x"], connectingTo: [.mysql])
        #expect(settings.mysql.password.value == "x")
    }

    @Test func aTimeZoneMayStandAfterAColon() throws {
        let settings = try settings(["MYSQL_USER": "r", "TZ": ":Europe/Berlin"])
        #expect(settings.timeZone.identifier == "Europe/Berlin")
    }

    @Test func weakenedTLSToMongoDBIsAWarning() throws {
        let uri = "mongodb://h/?tls=true&tlsInsecure=true"
        #expect(
            try settings(["MYSQL_USER": "r", "MONGO_URI": uri]).warnings == [
                "MONGO_URI has the option tlsinsecure: the identity of the MongoDB server is not "
                    + "checked."
            ])
    }
}
