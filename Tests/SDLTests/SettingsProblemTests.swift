import BinlogProtocol
import Testing

@testable import sdl

/// One bad value and the sentence that the user gets for it.
struct BadSetting: Sendable, CustomTestStringConvertible {
    let key: String
    let value: String
    let sentence: String

    init(_ key: String, _ value: String, _ sentence: String) {
        self.key = key
        self.value = value
        self.sentence = sentence
    }

    var testDescription: String { "\(key)=\(value)" }
}

let badSettings = [
    BadSetting(
        "MYSQL_ADDR", "db:99999",
        "MYSQL_ADDR: The server address is not valid: the port is not a number from 1 to 65535. "
            + "Use host:port, [IPv6]:port or /path/to/socket."),
    BadSetting(
        "MYSQL_FLAVOR", "postgres", "MYSQL_FLAVOR must be one of mysql, mariadb, not “postgres”."),
    BadSetting(
        "MYSQL_SERVER_ID", "0",
        "MYSQL_SERVER_ID must be a whole number from 1 to 4294967295, not “0”."),
    BadSetting(
        "MYSQL_SERVER_ID", "4294967296",
        "MYSQL_SERVER_ID must be a whole number from 1 to 4294967295, not “4294967296”."),
    BadSetting(
        "MYSQL_TLS_MODE", "maybe",
        "MYSQL_TLS_MODE must be one of disabled, preferred, required, verify-ca, verify-identity, "
            + "not “maybe”."),
    BadSetting(
        "MYSQL_TLS_CERT", "/etc/sdl/cert.pem",
        "MYSQL_TLS_CERT and MYSQL_TLS_KEY belong together; set both or neither."),
    BadSetting(
        "MYSQL_ALLOW_PUBLIC_KEY_RETRIEVAL", "perhaps",
        "MYSQL_ALLOW_PUBLIC_KEY_RETRIEVAL must be true or false, not “perhaps”."),
    BadSetting(
        "MYSQL_COMPRESSION", "lz4",
        "MYSQL_COMPRESSION must be one of none, zlib, zstd, not “lz4”."),
    BadSetting(
        "MYSQL_PASS_FILE", "/nonexistent/secret",
        "MYSQL_PASS_FILE: /nonexistent/secret cannot be read: No such file or directory."),
    BadSetting(
        "MYSQL_PASS_FILE", "hunter2",
        "MYSQL_PASS_FILE does not name a file that can be read: it must be a path such as "
            + "/run/secrets/sdl, not the secret itself."),
    BadSetting(
        "MONGO_URI_FILE", "mongodb://u:p@h/",
        "MONGO_URI_FILE does not name a file that can be read: it must be a path such as "
            + "/run/secrets/sdl, not the secret itself."),
    BadSetting(
        "MYSQL_TLS_MODE", "verify-ca",
        "MYSQL_TLS_MODE=verify-ca needs MYSQL_TLS_CA: without it, any server with a certificate of "
            + "any public authority would pass. Set it, or use verify-identity."),
    BadSetting(
        "MONGO_URI", "http://127.0.0.1/",
        "MONGO_URI must be a MongoDB connection string such as "
            + "mongodb://user:password@host:27017/?replicaSet=rs0, on one line."),
    BadSetting(
        "MONGO_DB", "my audit",
        "MONGO_DB must be a database name of at most 63 bytes, without spaces and without any of "
            + "/ \\ . \" $ * < > : | ?"),
    BadSetting(
        "MONGO_COLL", "a$b",
        "MONGO_COLL must be a collection name of at most 120 bytes, without “$”, not starting with "
            + "“system.” or “.”, not ending with “.”."),
    BadSetting(
        "MONGO_OFFSETS_COLL", "row_changes",
        "MONGO_OFFSETS_COLL and MONGO_COLL lead to the same collection “row_changes”; each needs "
            + "its own."),
    BadSetting(
        "STREAM_NAME", "a\nb",
        "STREAM_NAME must be at most 200 bytes without control characters."),
    BadSetting(
        "INCLUDE_REGEX", #"shop\.(orders"#,
        "INCLUDE_REGEX is not a regular expression, at character 7: “(” without “)”."),
    BadSetting(
        "EXCLUDE_REGEX", "*tmp",
        "EXCLUDE_REGEX is not a regular expression, at character 1: nothing to repeat before “*”."),
    BadSetting(
        "START", "yesterday",
        "START must be current, earliest, or a GTID set such as "
            + "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-23 (MariaDB: 0-1-100), not “yesterday”."),
    BadSetting(
        "BATCH_SIZE", "-1", "BATCH_SIZE must be a whole number from 1 to 100000, not “-1”."),
    BadSetting(
        "BATCH_BYTES", "4 parsecs",
        "BATCH_BYTES must be a whole number of bytes, or one with KiB, MiB or GiB, not “4 parsecs”."
    ),
    BadSetting("BATCH_BYTES", "1GiB", "BATCH_BYTES must be from 1KiB to 7MiB, not “1GiB”."),
    BadSetting(
        "FLUSH_INTERVAL", "1",
        "FLUSH_INTERVAL must be a whole number with ms, s, m, h or d, for instance 500ms or 7d, "
            + "not “1”."),
    BadSetting("FLUSH_INTERVAL", "2h", "FLUSH_INTERVAL must be from 1ms to 1h, not “2h”."),
    BadSetting("MEMORY_LIMIT", "1MiB", "MEMORY_LIMIT must be from 16MiB to 1024GiB, not “1MiB”."),
    BadSetting(
        "RETRY_MAX", "often", "RETRY_MAX must be a whole number from 0 to 1000000, not “often”."),
    BadSetting(
        "RETRY_INITIAL", "20s", "RETRY_MAX_DELAY must not be shorter than RETRY_INITIAL."),
    BadSetting(
        "ON_UNDECODABLE", "skip", "ON_UNDECODABLE must be one of stop, gap, not “skip”."),
    BadSetting("FULL_IMAGES", "si", "FULL_IMAGES must be true or false, not “si”."),
    BadSetting("STAGING_TTL", "0s", "STAGING_TTL must be from 1s to 3650d, not “0s”."),
    BadSetting(
        "MASK", "*.*.password=drop", "MASK is not supported by this version; remove it."),
    BadSetting(
        "HTTP_ADDR", "127.0.0.1:9187", "HTTP_ADDR is not supported by this version; remove it."),
    BadSetting(
        "TZ", "Europe/Berln",
        "TZ must be a time zone such as UTC or Asia/Kolkata, not “Europe/Berln”; did you mean "
            + "Europe/Berlin?"),
    BadSetting(
        "LOG_LEVEL", "loud",
        "LOG_LEVEL must be one of trace, debug, info, notice, warning, error, critical, not “loud”."
    ),
    BadSetting("LOG_FORMAT", "xml", "LOG_FORMAT must be one of text, json, not “xml”."),
]

@Suite struct SettingsProblemTests {
    @Test(arguments: badSettings)
    func aBadValueGivesOneSentenceThatNamesTheKey(_ bad: BadSetting) {
        let expected = CommandFailure(.usage, bad.sentence)
        #expect(throws: expected) {
            try settings(["MYSQL_USER": "repl", bad.key: bad.value])
        }
    }

    @Test func allProblemsAreReportedAtOnce() throws {
        let failure = try #require(throws: CommandFailure.self) {
            try settings(["BATCH_SIZE": "x", "LOG_FORMAT": "x", "TZ": "Mars/Olympus"])
        }
        #expect(failure.exitCode == .usage)
        #expect(failure.sentences.count == 4)
        #expect(
            failure.sentences.contains(
                "MYSQL_USER is not set: name the MySQL account that follows the log."))
    }

    @Test func whatACommandDoesNotConnectToNeedsNoAccount() throws {
        #expect(try settings([:], connectingTo: [.mongo]).mysql.user.isEmpty)
        #expect(throws: CommandFailure.self) { try settings([:], connectingTo: [.mysql]) }
    }

    @Test func aPasswordAndAPasswordFileContradictEachOther() {
        let both = ["MYSQL_USER": "repl", "MYSQL_PASS": "a", "MYSQL_PASS_FILE": "/b"]
        #expect(
            throws: CommandFailure(
                .usage, "MYSQL_PASS and MYSQL_PASS_FILE are both set; keep one of them.")
        ) { try settings(both) }
    }

    @Test func controlCharactersOfABadValueAreEscaped() throws {
        let failure = try #require(throws: CommandFailure.self) {
            try settings(["MYSQL_USER": "repl", "LOG_LEVEL": "\u{1b}[31m\n"])
        }
        #expect(failure.description.hasSuffix("not “\\x1b[31m\\n”."))
    }
}

/// Settings from these environment variables alone.
func settings(
    _ environment: [String: String], connectingTo servers: Set<Settings.Server> = [.mysql, .mongo]
) throws -> Settings {
    try Settings(from: SettingsSource(environment: environment), connectingTo: servers)
}
