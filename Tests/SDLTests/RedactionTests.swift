import BinlogProtocol
import Testing

@testable import sdl

@Suite struct RedactionTests {
    static let canary = "cAn@ry:/%5 wörd"

    @Test(arguments: [
        (
            "mongodb://user:canary@h:27017/?replicaSet=rs0",
            "mongodb://***@h:27017/?replicaSet=rs0"
        ),
        ("mongodb://canary@h", "mongodb://***@h"),
        ("mongodb+srv://u:canary@h/db", "mongodb+srv://***@h/db"),
        // Not escaped as it should be: more is hidden, never less.
        ("mongodb://u:can@ry/canary?@h1,h2/db?x=1", "mongodb://***@h1,h2/db?x=1"),
        ("mongodb://h/?a=b@canary@c", "mongodb://***@c"),
        (
            "mongodb://h/?tlsCertificateKeyFilePassword=canary&w=1",
            "mongodb://h/?tlsCertificateKeyFilePassword=***&w=1"
        ),
        (
            "mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:canary",
            "mongodb://h/?authMechanismProperties=***"
        ),
        ("mongodb://h", "mongodb://h"),
    ])
    func aConnectionStringIsShownWithoutItsSecrets(text: String, shown: String) throws {
        let uri = try #require(MongoURI(text))
        #expect("\(uri)" == shown)
        #expect(uri.text == text)
        #expect(uri.secrets.allSatisfy { !$0.isEmpty && !shown.contains($0) })
    }

    @Test(arguments: [
        "", "h:27017", "mongo://h", "mongodb://", "mongodb:///db", "mongodb://u:p@",
        "mongodb://a b",
        "mongodb://h\n", "mongodb://?x",
    ])
    func whatIsNoConnectionString(text: String) {
        #expect(MongoURI(text) == nil)
    }

    @Test func aUserIsNoSecretButWhatIsNoUserMayBeOne() throws {
        #expect(try #require(MongoURI("mongodb://audit@h")).secrets.isEmpty)
        #expect(
            try #require(MongoURI("mongodb://audit:pass@h")).secrets == ["audit:pass", "pass"])
        #expect(
            try #require(MongoURI("mongodb://can@ry/canary?@h")).secrets == ["can@ry/canary?"])
    }

    @Test func aSecretIsTakenOutInEachOfItsForms() {
        let redaction = Redaction(secrets: [Self.canary])
        let upper = "cAn%40ry%3A%2F%255%20w%C3%B6rd"
        for form in [Self.canary, upper, "cAn%40ry%3a%2f%255%20w%c3%b6rd"] {
            #expect(redaction.apply(to: "user u, password \(form)!") == "user u, password ***!")
        }
        #expect(Redaction(secrets: [upper]).apply(to: "<\(Self.canary)>") == "<***>")
    }

    @Test func aSecretInsideAnotherLeavesNothingBehind() {
        let redaction = Redaction(secrets: ["hunter", "hunter2000"])
        #expect(redaction.apply(to: "hunter2000 hunter") == "*** ***")
    }

    @Test func veryShortSecretsDoNotBlankOutTheText() {
        #expect(Redaction(secrets: ["a", "", "abc"]).apply(to: "abc a") == "abc a")
    }

    @Test func noDescriptionOfTheSettingsHoldsAPassword() throws {
        let settings = try settings([
            "MYSQL_USER": "repl", "MYSQL_PASS": Self.canary,
            "MONGO_URI": "mongodb://u:mongocanary@h/?replicaSet=rs0",
        ])
        #expect(settings.mysql.password.value == Self.canary)
        var dumped = ""
        dump(settings.mysql, to: &dumped)
        for text in [
            "\(settings.mysql)", String(reflecting: settings.mysql), dumped,
            "\(settings.mongo.uri)",
        ] {
            #expect(!text.contains(Self.canary))
            #expect(!text.contains("mongocanary"))
        }
        let redaction = Redaction(secrets: settings.secrets)
        #expect(redaction.apply(to: "mongocanary \(Self.canary)") == "*** ***")
    }

    @Test func noSentenceAboutABadSettingHoldsASecret() throws {
        for secret in ["MYSQL_PASS", "MONGO_URI"] {
            let failure = try #require(throws: CommandFailure.self) {
                try settings([secret: "hunter2canary", "BATCH_SIZE": "x", "MYSQL_PASS_FILE": "/x"])
            }
            #expect(!failure.description.contains("hunter2canary"))
        }
    }
}
