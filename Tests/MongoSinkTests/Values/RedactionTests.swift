import Testing

@testable import MongoSink

struct RedactionTests {
    @Test(
        "T116: a user without a password, where one is needed, is refused before libmongoc would look for it",
        arguments: [
            ("mongodb://me@h/", false), ("mongodb://me@h/?authMechanism=SCRAM-SHA-1", false),
            ("mongodb://me@h/?authMechanism=PLAIN", false), ("mongodb://me:@h/", true),
            ("mongodb://me:x@h/", true), ("mongodb://h/", true),
            ("mongodb://CN=me@h/?authMechanism=MONGODB-X509", true),
        ])
    func userWithoutPassword(uri: String, isUsable: Bool) {
        do throws(SinkError) {
            _ = try ConnectionString(uri)
            #expect(isUsable)
        } catch {
            #expect(!isUsable && error.code == .configuration, "\(error)")
            #expect(error.sentence.contains("without a password"))
            #expect(!error.description.contains("me@"))
        }
    }

    @Test(arguments: [
        ("mongodb://u:p@h:1/db?replicaSet=rs0", "mongodb://***@h:1/db?replicaSet=rs0"),
        ("mongodb://u@h/", "mongodb://***@h/"), ("mongodb://h1,h2/?w=1", "mongodb://h1,h2/?w=1"),
        ("mongodb+srv://u:p%40x@h/", "mongodb+srv://***@h/"),
        ("mongodb://u:p@ss/w?rd@h/?a=b", "mongodb://***@h/?a=b"), ("u:p@h", "***@h"),
        (
            "mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:x&w=1",
            "mongodb://h/?authMechanismProperties=***&w=1"
        ),
        (
            "mongodb://h/?TLSCertificateKeyFilePassword=x",
            "mongodb://h/?TLSCertificateKeyFilePassword=***"
        ),
        ("", ""),
    ])
    func userInfoGoes(_ uri: String, _ shown: String) {
        #expect(Redaction.uri(uri) == shown)
    }

    @Test func messagesLoseSecretsAndValues() {
        let secrets = Redaction.secrets(of: "mongodb://me:p%40ss@h/")
        #expect(secrets == ["me:p%40ss", "p%40ss", "p@ss"])
        #expect(
            Redaction.message("cannot use p@ss of p%40ss", secrets: secrets)
                == "cannot use *** of ***")
        #expect(
            Redaction.message(
                "E11000 duplicate key error index: email_1 dup key: { email: \"a@b.c\" }",
                secrets: [])
                == "E11000 duplicate key error index: email_1 …")
        #expect(Redaction.message(String(repeating: "x", count: 5000), secrets: []).count == 401)
    }

    @Test func settingsDescribeThemselvesWithoutThePassword() {
        let settings = SinkSettings(uri: "mongodb://me:s3cret@h/", streamName: "s", owner: "o/1")
        #expect(!"\(settings)".contains("s3cret"))
        #expect(!String(reflecting: settings).contains("s3cret"))
    }

    @Test func aMalformedConnectionStringIsNamedWithoutItsPassword() {
        for uri in [
            "mongodb://me:s3cr%et@h/", "mongo://me:s3cret@h", "mongodb://me:s3cret@h:99999999/",
        ] {
            var failure: SinkError?
            do throws(SinkError) {
                _ = try MongoSink(
                    settings: SinkSettings(uri: uri, streamName: "s", owner: "o/1")
                ) { _ in }
            } catch {
                failure = error
            }
            #expect(failure?.code == .configuration)
            #expect(failure?.description.contains("s3cr") == false)
            #expect(failure?.description.contains("***") == true)
        }
    }
}

struct DirectConnectionStringTests {
    @Test(arguments: [
        ("mongodb://h:1/?replicaSet=rs0", "mongodb://h:1/?directConnection=true", "rs0"),
        (
            "mongodb://u:p@h/db?w=1&REPLICASET=a&x=2",
            "mongodb://u:p@h/db?w=1&x=2&directConnection=true", "a"
        ),
    ])
    func theSetsNameGoes(_ uri: String, _ text: String, _ name: String) throws {
        let direct = try #require(DirectConnectionString(uri))
        #expect(direct.text == text)
        #expect(direct.setName == name)
    }

    @Test(arguments: [
        "mongodb://h/", "mongodb://a,b/?replicaSet=x", "mongodb+srv://h/?replicaSet=x", "x",
    ])
    func othersHaveNone(_ uri: String) {
        #expect(DirectConnectionString(uri) == nil)
    }
}
